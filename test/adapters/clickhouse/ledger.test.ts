import { describe, expect, test } from 'vitest';
import { LedgerTable } from '../../../adapters/clickhouse/ledger-table.ts';
import { CommitRefusedError } from '../../../domain/errors.ts';
import { addHours, onlyHour, type Hour } from '../../../domain/hour.ts';
import type { LoadId } from '../../../domain/load-id.ts';
import type { Commit } from '../../../activities/ports.ts';
import { createFixture, HOUR, nextLoadId, receipt, SIGNAL, type Fixture } from './fixture.ts';

const TABLE = 'geo_events';

function object(modifiedMs: number): { key: string; etag: string; sizeBytes: number; modifiedMs: number } {
  return { key: 'k.zip', etag: `"${modifiedMs}"`, sizeBytes: 7, modifiedMs };
}

function commitOf(
  loads: readonly { hour?: Hour; loadId: LoadId; modifiedMs?: number; seen?: string[] }[],
  over: Partial<Commit> = {},
): Commit {
  return {
    table: TABLE,
    receipts: loads.map(({ hour = HOUR, loadId, modifiedMs = 1_000, seen = [] }) =>
      receipt({ table: TABLE, hour, loadId, seen, object: object(modifiedMs) }),
    ),
    withdraw: [],
    deadlineMs: Date.now() + 60_000,
    ...over,
  };
}

async function countEvents({ database }: Fixture): Promise<number> {
  return Number((await database.rows<{ n: string }>('SELECT count() AS n FROM loads'))[0]?.n);
}

describe('commit()', () => {
  test('writes receipts and withdrawals of many hours as one part', async () => {
    const fixture = await createFixture();
    const old = nextLoadId();
    await fixture.ledger.commit(commitOf([{ loadId: old, modifiedMs: 9_000 }]), SIGNAL);
    const loads = Array.from({ length: 24 }, (_, index) => ({ hour: addHours(HOUR, index), loadId: nextLoadId() }));
    const outcomes = await fixture.ledger.commit(commitOf(loads, { withdraw: [{ hour: HOUR, loadId: old }] }), SIGNAL);
    expect([...outcomes]).toEqual(loads.map(({ loadId }) => [loadId, 'current']));
    const parts = await fixture.database.rows<{ events: string }>(
      `SELECT rows AS events FROM system.parts WHERE database = currentDatabase() AND table = 'loads' AND level = 0 ORDER BY min_block_number`,
    );
    expect(parts.map((part) => Number(part.events))).toEqual([1, 25]);
  });

  test('keeps every fact of a receipt', async () => {
    const fixture = await createFixture();
    const loadId = nextLoadId();
    const full = receipt({
      table: TABLE,
      hour: HOUR,
      loadId,
      object: { key: `it's \\ "k"\n.zip`, etag: '"e"', sizeBytes: 2 ** 40, modifiedMs: 1_712_790_000_123 },
      crc32: 0xffffffff,
      lines: 5,
      rows: 3,
      quarantined: 2,
      drift: { new_field: 3, ['__proto__']: 1, "quote'd": 2 },
      nulls: { geo_country: 1 },
      seen: ['t1'],
      attempt: 7,
    });
    await fixture.ledger.commit(
      { table: TABLE, receipts: [full], withdraw: [], deadlineMs: Date.now() + 60_000 },
      SIGNAL,
    );
    const rows = await fixture.database.rows<Record<string, unknown>>('SELECT * EXCEPT recorded_at FROM loads');
    expect(rows).toMatchObject([
      {
        event: 'committed',
        table_name: TABLE,
        hour: '2024-04-10 23:00:00',
        load_id: loadId,
        object_key: full.object.key,
        object_etag: '"e"',
        object_size_bytes: String(2 ** 40),
        object_modified: '2024-04-10 23:00:00.123',
        crc32: 0xffffffff,
        entry_size_bytes: '1000',
        lines: '5',
        rows: '3',
        quarantined: '2',
        drift: JSON.parse(`{"__proto__":"1","new_field":"3","quote'd":"2"}`) as unknown, // as a literal it would set the prototype
        nulls: { geo_country: '1' },
        seen: ['t1'],
        workflow_id: 'hourly-1',
        run_id: 'run-1',
        attempt: 7,
        worker: 'test',
        reason: '',
        detail: '',
        truncation_id: '',
        tables: [],
        hour_from: '1970-01-01 00:00:00',
        hour_to: '1970-01-01 00:00:00',
      },
    ]);
  });

  test('refuses after the deadline of the server’s clock and stores nothing', async () => {
    const fixture = await createFixture();
    const commit = commitOf([{ loadId: nextLoadId() }], { deadlineMs: Date.now() - 1_000 });
    await expect(fixture.ledger.commit(commit, SIGNAL)).rejects.toThrow(CommitRefusedError);
    expect(await countEvents(fixture)).toBe(0);
  });

  test('leaves out a load that was abandoned before, with its withdrawals, and commits the others', async () => {
    const fixture = await createFixture();
    const [former, dead, alive] = [nextLoadId(), nextLoadId(), nextLoadId()];
    await fixture.ledger.commit(commitOf([{ loadId: former }]), SIGNAL);
    await fixture.ledger.abandon(TABLE, [{ hour: HOUR, loadId: dead }], 'swept');
    const commit = commitOf([{ loadId: dead }, { hour: addHours(HOUR, 1), loadId: alive }], {
      withdraw: [{ hour: HOUR, loadId: former }],
    });
    expect(await fixture.ledger.commit(commit, SIGNAL)).toEqual(new Map([[dead, 'abandoned'], [alive, 'current']])); // prettier-ignore
    const { hours } = await fixture.ledger.state(TABLE, onlyHour(HOUR), SIGNAL);
    expect(hours.get(HOUR)?.current?.loadId).toBe(former);
  });

  test('says superseded of an older version and hidden of what an unseen truncation covers', async () => {
    const fixture = await createFixture();
    const [newer, older, covered, knowing] = [nextLoadId(), nextLoadId(), nextLoadId(), nextLoadId()];
    await fixture.ledger.commit(commitOf([{ loadId: newer, modifiedMs: 2_000 }]), SIGNAL);
    expect((await fixture.ledger.commit(commitOf([{ loadId: older }]), SIGNAL)).get(older)).toBe('superseded');
    const truncation = { truncationId: 't1', tables: [TABLE], ...onlyHour(HOUR) } as const;
    await new LedgerTable(fixture.server).append([{ event: 'truncated', ...truncation }]);
    const late = { loadId: covered, modifiedMs: 3_000 };
    expect((await fixture.ledger.commit(commitOf([late]), SIGNAL)).get(covered)).toBe('hidden');
    const filling = { loadId: knowing, seen: ['t1'] };
    expect((await fixture.ledger.commit(commitOf([filling]), SIGNAL)).get(knowing)).toBe('current');
  });

  test('has no effect the second time', async () => {
    const fixture = await createFixture();
    const commit = commitOf([{ loadId: nextLoadId() }]);
    const first = await fixture.ledger.commit(commit, SIGNAL);
    expect(await fixture.ledger.commit(commit, SIGNAL)).toEqual(first);
    expect(await fixture.database.rows('SELECT * FROM current_loads')).toHaveLength(1);
  });

  test('commits nothing without a receipt', async () => {
    const fixture = await createFixture();
    expect(await fixture.ledger.commit(commitOf([]), SIGNAL)).toEqual(new Map());
    expect(await countEvents(fixture)).toBe(0);
  });
});

describe('state()', () => {
  test('of an empty ledger holds the server’s clock and no hour', async () => {
    const fixture = await createFixture();
    const before = Date.now();
    const state = await fixture.ledger.state(TABLE, onlyHour(HOUR), SIGNAL);
    expect(state).toMatchObject({ hours: new Map(), truncations: [] });
    expect(Math.abs(state.serverNowMs - before)).toBeLessThan(60_000);
  });

  test('holds the current load with its version, standing loads, the greatest id and rejected versions', async () => {
    const fixture = await createFixture();
    const [first, second, bad] = [nextLoadId(), nextLoadId(), nextLoadId()];
    await fixture.ledger.commit(commitOf([{ loadId: first, modifiedMs: 1_000 }]), SIGNAL);
    await fixture.ledger.commit(commitOf([{ loadId: second, modifiedMs: 2_000 }]), SIGNAL);
    const rejected = {
      table: TABLE,
      hour: HOUR,
      loadId: bad,
      object: object(3_000),
      reason: 'crc-mismatch',
      detail: 'why',
    } as const;
    await fixture.ledger.reject(rejected);
    const { hours } = await fixture.ledger.state(TABLE, onlyHour(HOUR), SIGNAL);
    const standing = [
      { loadId: first, object: object(1_000) },
      { loadId: second, object: object(2_000) },
    ];
    expect(hours.get(HOUR)).toEqual({
      hour: HOUR,
      current: standing[1],
      standing,
      greatestLoadId: bad,
      rejected: [object(3_000)],
      cleared: false,
    });
  });

  test('sees nothing of other tables and of hours outside the window', async () => {
    const fixture = await createFixture();
    await fixture.ledger.commit(commitOf([{ hour: addHours(HOUR, 1), loadId: nextLoadId() }]), SIGNAL);
    const other = receipt({ table: 'browser_events', hour: HOUR, loadId: nextLoadId() });
    await fixture.ledger.commit({ ...commitOf([]), table: 'browser_events', receipts: [other] }, SIGNAL);
    expect((await fixture.ledger.state(TABLE, onlyHour(HOUR), SIGNAL)).hours.size).toBe(0);
  });

  test('calls an hour cleared that a truncation in force covers, loaded before or not, until it is filled or restored', async () => {
    const fixture = await createFixture();
    await fixture.ledger.commit(commitOf([{ loadId: nextLoadId() }]), SIGNAL);
    const range = { from: HOUR, to: addHours(HOUR, 3) };
    const table = new LedgerTable(fixture.server);
    await table.append([
      { event: 'truncated', truncationId: 't1', tables: [TABLE], from: HOUR, to: addHours(HOUR, 2) },
    ]);
    const { hours, truncations } = await fixture.ledger.state(TABLE, range, SIGNAL);
    expect([...hours.values()].map(({ hour, cleared }) => [hour, cleared])).toEqual([
      [HOUR, true],
      [addHours(HOUR, 1), true],
    ]);
    expect(truncations).toEqual(['t1']);
    expect(await fixture.ledger.truncationsInForce(SIGNAL)).toEqual(['t1']);
    await fixture.ledger.commit(commitOf([{ loadId: nextLoadId(), seen: ['t1'] }]), SIGNAL);
    expect((await fixture.ledger.state(TABLE, range, SIGNAL)).hours.get(HOUR)?.cleared).toBe(false);
    await table.append([{ event: 'restored', truncationId: 't1' }]);
    expect(await fixture.ledger.truncationsInForce(SIGNAL)).toEqual([]);
    expect((await fixture.ledger.state(TABLE, range, SIGNAL)).hours.size).toBe(1);
  });
});

describe('recordSightings()', () => {
  test('keeps the last one of each table and hour', async () => {
    const fixture = await createFixture();
    const place = { table: TABLE, hour: HOUR } as const;
    await fixture.ledger.recordSightings([place, { ...place, hour: addHours(HOUR, 1) }], SIGNAL);
    await fixture.ledger.recordSightings([{ ...place, object: object(1_712_790_000_123) }], SIGNAL);
    const rows = await fixture.database.rows(
      'SELECT toString(hour) AS hour, present, object_key, object_etag, object_modified FROM sightings FINAL ORDER BY hour',
    );
    expect(rows).toEqual([
      {
        hour: '2024-04-10 23:00:00',
        present: true,
        object_key: 'k.zip',
        object_etag: '"1712790000123"',
        object_modified: '2024-04-10 23:00:00.123',
      },
      {
        hour: '2024-04-11 00:00:00',
        present: false,
        object_key: '',
        object_etag: '',
        object_modified: '1970-01-01 00:00:00.000',
      },
    ]);
  });
});
