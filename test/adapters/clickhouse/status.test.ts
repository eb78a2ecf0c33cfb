import { describe, expect, test } from 'vitest';
import { checkServer, createStatusReader } from '../../../adapters/clickhouse/index.ts';
import { LedgerTable } from '../../../adapters/clickhouse/ledger-table.ts';
import { addHours } from '../../../domain/hour.ts';
import type { TableStatus } from '../../../domain/status.ts';
import { createFixture, HOUR, line, loadLines, nextLoadId, receipt, SIGNAL, type Fixture } from './fixture.ts';

const TABLE = 'geo_events';
const OBJECT = { key: 'k.zip', etag: '"e1"', sizeBytes: 1, modifiedMs: 1_000 };
const RANGE = { from: HOUR, to: addHours(HOUR, 10) };

async function statusOf(fixture: Fixture): Promise<TableStatus | undefined> {
  const [status] = await createStatusReader(fixture.server).status([TABLE], RANGE);
  return status;
}

describe('status()', () => {
  test('of an empty ledger says that every hour is pending', async () => {
    const fixture = await createFixture();
    expect(await createStatusReader(fixture.server).status([TABLE, 'browser_events'], RANGE)).toEqual(
      [TABLE, 'browser_events'].map((table) => ({
        table,
        loadedHours: 0,
        clearedHours: 0,
        rejectedHours: 0,
        absentHours: 0,
        pendingHours: 10,
        rows: 0,
        quarantinedLines: 0,
        firstHour: null,
        lastHour: null,
      })),
    );
  });

  test('counts every hour once, and rows as the view has them', async () => {
    const fixture = await createFixture();
    const { ledger, server, database } = fixture;
    const at = (index: number) => addHours(HOUR, index);
    const place = (index: number) => ({ table: TABLE, hour: at(index) }) as const;
    const lines = [line(TABLE), line(TABLE)];
    await loadLines(fixture, TABLE, at(0), lines, { quarantined: 3, lines: 5 });
    await loadLines(fixture, TABLE, at(0), lines, { quarantined: 1, lines: 3 }); // replaces the former
    await loadLines(fixture, TABLE, at(1), []); // an empty object is loaded, too
    await loadLines(fixture, TABLE, at(2), lines); // truncated below
    await new LedgerTable(server).append([
      { event: 'truncated', truncationId: 't', tables: [TABLE], from: at(2), to: at(4) },
    ]);
    const rejected = { loadId: nextLoadId(), object: OBJECT, reason: 'crc-mismatch', detail: '' } as const;
    await ledger.reject({ ...place(4), ...rejected });
    await ledger.reject({ ...place(5), ...rejected });
    await ledger.reject({ ...place(6), ...rejected });
    const sightings = [
      { ...place(3) }, // absent, but cleared by the truncation
      { ...place(4), object: OBJECT }, // rejected in this very version
      { ...place(5), object: { ...OBJECT, etag: '"e2"' } }, // another version: to be tried, pending
      { ...place(6) }, // rejected, but gone: absent
      { ...place(7) },
      { ...place(8), object: OBJECT }, // there, not loaded yet
    ];
    await ledger.recordSightings(sightings, SIGNAL);
    const status = await statusOf(fixture);
    expect(status).toEqual({
      table: TABLE,
      loadedHours: 2,
      clearedHours: 2,
      rejectedHours: 1,
      absentHours: 2,
      pendingHours: 3,
      rows: 2,
      quarantinedLines: 1,
      firstHour: at(0),
      lastHour: at(1),
    });
    const [row] = await database.rows<{ n: string }>(`SELECT count() AS n FROM ${TABLE}`);
    const counted = await createStatusReader(server).countVisibleRows([TABLE, 'browser_events']);
    expect([...counted]).toEqual([[TABLE, 2], ['browser_events', 0]]); // prettier-ignore
    expect(Number(row?.n)).toBe(status?.rows);
  });

  test('is not confused by copies of a receipt and of a sighting', async () => {
    const fixture = await createFixture();
    const loadId = nextLoadId();
    const commit = {
      table: TABLE,
      receipts: [receipt({ table: TABLE, hour: HOUR, loadId, rows: 7, lines: 9, quarantined: 2 })],
      withdraw: [],
      deadlineMs: Date.now() + 60_000,
    } as const;
    for (let i = 0; i < 3; i += 1) await fixture.ledger.commit(commit, SIGNAL);
    for (let i = 0; i < 3; i += 1) await fixture.ledger.recordSightings([{ table: TABLE, hour: HOUR }], SIGNAL);
    expect(await statusOf(fixture)).toMatchObject({
      loadedHours: 1,
      rows: 7,
      quarantinedLines: 2,
      pendingHours: 9,
      absentHours: 0,
    });
  });

  test('counts hours loaded outside the range as loaded only', async () => {
    const fixture = await createFixture();
    await loadLines(fixture, TABLE, addHours(HOUR, -5), [line(TABLE)]);
    await fixture.ledger.recordSightings([{ table: TABLE, hour: addHours(HOUR, -6) }], SIGNAL);
    expect(await statusOf(fixture)).toMatchObject({
      loadedHours: 1,
      absentHours: 0,
      pendingHours: 10,
      firstHour: addHours(HOUR, -5),
    });
  });
});

describe('checkServer()', () => {
  test('names missing and altered tables, and says what to do', async () => {
    const { database, server } = await createFixture();
    await database.client.command({ query: 'DROP TABLE sightings SYNC' });
    await database.client.command({ query: 'ALTER TABLE loads DROP COLUMN detail' });
    const checks = await checkServer(server, 'worker', Date.now, SIGNAL);
    const tables = checks.find(({ subject }) => subject === 'ClickHouse: tables');
    expect(tables).toMatchObject({ ok: false, fix: expect.stringContaining('clickfeed setup') as string });
    expect(tables?.found).toBe(
      'table loads is altered: column detail is missing, expected String; table sightings is missing',
    );
  });

  test('notices a clock that is a quarter of an hour off', async () => {
    const { server } = await createFixture();
    const checks = await checkServer(server, 'worker', () => Date.now() - 900_000, SIGNAL);
    expect(checks.find(({ subject }) => subject === 'ClickHouse: clock')).toMatchObject({
      ok: false,
      found: expect.stringMatching(/^(899|900|901) s from this machine's$/) as string,
    });
  });
});
