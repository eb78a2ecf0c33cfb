import { randomInt } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationsActivities } from '../../../activities/operations/api.ts';
import { CommitRefusedError } from '../../../domain/errors.ts';
import { addHours, onlyHour, parseHour, type Hour } from '../../../domain/hour.ts';
import type { Receipt } from '../../../domain/ledger.ts';
import { lineMark } from '../../../domain/line-mark.ts';
import { LOAD_ID_LOW_RANGE, composeLoadId, type LoadId } from '../../../domain/load-id.ts';
import type { LoadMode } from '../../../domain/loading.ts';
import { ALL_HOURS } from '../../../domain/truncation.ts';
import { fieldsOf, linesOf } from '../../support/feed-lines.ts';
import { createLoader, type Loader } from '../../support/loader.ts';
import { createOperator, SETTLED_AT_ONCE } from '../../support/operations.ts';
import { publishObject } from '../../support/s3.ts';

const TABLE = 'browser_events';
const HOUR = parseHour('2024-05-01T13');
const HOURS_3_MS = 3 * 3_600_000;
const RULES = { ...SETTLED_AT_ONCE, attemptMs: 2 * 3_600_000, settleMs: 3_600_000 };

let loader: Loader;
let operator: OperationsActivities;
let signal: AbortSignal;
beforeEach(async () => {
  loader = await createLoader();
  operator = createOperator(loader);
  signal = new AbortController().signal;
});

async function publish(hour: Hour, lines: readonly string[]): Promise<void> {
  await publishObject({ ...loader, table: TABLE, hour, lines });
}

async function load(hour: Hour, mode: LoadMode = 'missing', seen: readonly string[] = []): Promise<void> {
  await loader.loadTable({ table: TABLE, ...onlyHour(hour), mode, seen, fillCleared: true });
}

async function count(from: string): Promise<number> {
  const [row] = await loader.database.rows<{ n: string }>(`SELECT count() AS n FROM ${from}`);
  return Number(row?.n);
}

/** Stores rows under an id as an attempt does, without a commit. @returns the id, as old as asked for */
async function storeRows(hour: Hour, lines: number, ageMs: number): Promise<LoadId> {
  const { serverNowMs } = await loader.ports.ledger.state(TABLE, onlyHour(hour), signal);
  const loadId = composeLoadId(serverNowMs - ageMs, randomInt(LOAD_ID_LOW_RANGE));
  const framed = Array.from({ length: lines }, (_, number) =>
    Buffer.from(`${JSON.stringify({ _n: lineMark(1, number + 1), ...fieldsOf(TABLE, hour, number) })}\n`),
  );
  await loader.ports.warehouse.insertRows(TABLE, [{ index: 1, loadId, hour }], 'fast', asyncOf(framed), signal);
  return loadId;
}

// oxlint-disable-next-line typescript/require-await -- the port wants an async source
async function* asyncOf(buffers: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* buffers;
}

function receiptOf(hour: Hour, loadId: LoadId, rows: number): Receipt {
  return {
    table: TABLE,
    hour,
    loadId,
    object: { key: 'k', etag: 'e', sizeBytes: 1, modifiedMs: 1 },
    crc32: 0,
    entrySizeBytes: 1,
    lines: rows,
    rows,
    quarantined: 0,
    drift: {},
    nulls: {},
    seen: [],
    workflowId: 'w',
    runId: 'r',
    attempt: 1,
    worker: 'test',
  };
}

describe('sweep()', () => {
  it('deletes superseded loads with their quarantined lines, and no visible row', async () => {
    const lines = linesOf(TABLE, HOUR, 30);
    lines[3] = 'not a line';
    await publish(HOUR, lines);
    await load(HOUR);
    await load(HOUR, 'all');
    await load(HOUR, 'all');
    expect(await count(`${TABLE}_raw`)).toBe(87);
    expect(await operator.sweep({ table: TABLE })).toEqual({
      table: TABLE,
      abandonedLoads: 2,
      deletedLoads: 2,
      deletedRows: 58,
      deletedQuarantined: 2,
      more: false,
    });
    expect(await count(`${TABLE}_raw`)).toBe(29);
    expect(await count(TABLE)).toBe(29);
    expect(await count('quarantine')).toBe(1);
    expect(await operator.sweep({ table: TABLE })).toMatchObject({ abandonedLoads: 0, deletedLoads: 0 });
  });

  it('leaves rows of an attempt that may still commit, and takes them when it is long over', async () => {
    await storeRows(HOUR, 5, 0);
    await storeRows(HOUR, 7, HOURS_3_MS + 60_000);
    const careful = createOperator(loader, RULES);
    expect(await careful.sweep({ table: TABLE })).toMatchObject({ abandonedLoads: 1, deletedRows: 7 });
    expect(await count(`${TABLE}_raw`)).toBe(5);
    expect(await operator.sweep({ table: TABLE })).toMatchObject({ abandonedLoads: 1, deletedRows: 5 });
  });

  it('finds rows that come late under an id that was swept before', async () => {
    const loadId = await storeRows(HOUR, 5, HOURS_3_MS);
    await operator.sweep({ table: TABLE });
    expect(await count(`${TABLE}_raw`)).toBe(0);
    const framed = [Buffer.from(`${JSON.stringify({ _n: lineMark(1, 9), ...fieldsOf(TABLE, HOUR, 9) })}\n`)];
    await loader.ports.warehouse.insertRows(TABLE, [{ index: 1, loadId, hour: HOUR }], 'fast', asyncOf(framed), signal);
    expect(await operator.sweep({ table: TABLE })).toMatchObject({ abandonedLoads: 0, deletedRows: 1 });
    expect(await count(`${TABLE}_raw`)).toBe(0);
  });

  it('keeps a superseded load for as long as queries may read it', async () => {
    await publish(HOUR, linesOf(TABLE, HOUR, 4));
    await load(HOUR);
    await load(HOUR, 'all');
    expect(await createOperator(loader, RULES).sweep({ table: TABLE })).toMatchObject({ abandonedLoads: 0 });
    expect(await count(`${TABLE}_raw`)).toBe(8);
  });

  it('keeps what a truncation hides, so that it can be restored', async () => {
    await publish(HOUR, linesOf(TABLE, HOUR, 4));
    await load(HOUR);
    await operator.truncate({ truncationId: 'truncation-a', tables: [TABLE], ...ALL_HOURS });
    await load(HOUR, 'missing', ['truncation-a']);
    expect(await operator.sweep({ table: TABLE })).toMatchObject({ abandonedLoads: 0, deletedLoads: 0 });
    expect(await count(`${TABLE}_raw`)).toBe(8);
  });

  it('takes a load that was committed under a purged truncation only after the purge', async () => {
    await operator.truncate({ truncationId: 'truncation-a', tables: [TABLE], ...ALL_HOURS });
    await operator.purge({ truncationId: 'truncation-a' });
    const loadId = await storeRows(HOUR, 6, 1_000);
    const deadlineMs = Date.now() + 60_000;
    const outcomes = await loader.ports.ledger.commit(
      { table: TABLE, receipts: [receiptOf(HOUR, loadId, 6)], withdraw: [], deadlineMs },
      signal,
    );
    expect([...outcomes.values()]).toEqual(['hidden']);
    expect(await operator.sweep({ table: TABLE })).toMatchObject({ abandonedLoads: 1, deletedRows: 6 });
  });

  it('leaves the loads of a purge that has only begun: a restoration may meet it, and win', async () => {
    const loadId = await storeRows(HOUR, 6, HOURS_3_MS + 60_000);
    const deadlineMs = Date.now() + 60_000;
    await loader.ports.ledger.commit(
      { table: TABLE, receipts: [receiptOf(HOUR, loadId, 6)], withdraw: [], deadlineMs },
      signal,
    );
    await operator.truncate({ truncationId: 'truncation-a', tables: [TABLE], ...ALL_HOURS });
    const write = (event: string): Promise<unknown> =>
      loader.database.client.command({
        query: `INSERT INTO loads (event, truncation_id) VALUES ('${event}', 'truncation-a')`,
      });
    await write('purging'); // has announced itself and not looked again
    expect(await createOperator(loader, RULES).sweep({ table: TABLE })).toMatchObject({ abandonedLoads: 0 });
    await write('restored'); // of a statement that did not see the announcement
    expect(await count(TABLE)).toBe(6);
    await createOperator(loader, RULES).sweep({ table: TABLE });
    expect(await count(TABLE)).toBe(6);
  });

  it('case 98: and a slow commit at the same moment: the commit is refused or abandoned, or its rows are kept', async () => {
    for (let round = 0; round < 8; round += 1) {
      const hour = addHours(HOUR, round);
      const loadId = await storeRows(hour, 3, 1_000);
      const [swept, committed] = await Promise.allSettled([
        operator.sweep({ table: TABLE }),
        loader.ports.ledger.commit(
          { table: TABLE, receipts: [receiptOf(hour, loadId, 3)], withdraw: [], deadlineMs: Date.now() + 60_000 },
          signal,
        ),
      ]);
      expect(swept.status).toBe('fulfilled');
      await operator.sweep({ table: TABLE });
      const visible = await count(`${TABLE} WHERE _load = ${loadId}`);
      const kept = await count(`${TABLE}_raw WHERE _load = ${loadId}`);
      expect(visible).toBe(kept);
      const said = committed.status === 'fulfilled' ? committed.value.get(loadId) : undefined;
      if (committed.status === 'rejected') expect(committed.reason).toBeInstanceOf(CommitRefusedError);
      // 'current' may be said just before the sweep gives the load up; with the rules in force no commit can come that late.
      expect([0, 3]).toContain(kept);
      if (said === 'abandoned' || said === undefined) expect(visible).toBe(0);
    }
  });

  it('refuses the commit of an id that is past its deadline, whatever was swept', async () => {
    const loadId = await storeRows(HOUR, 3, HOURS_3_MS + 60_000);
    await createOperator(loader, RULES).sweep({ table: TABLE });
    const outcomes = await loader.ports.ledger.commit(
      { table: TABLE, receipts: [receiptOf(HOUR, loadId, 3)], withdraw: [], deadlineMs: Date.now() - 60_000 },
      signal,
    );
    expect([...outcomes.values()]).toEqual(['abandoned']);
    expect(await count("loads WHERE event = 'committed'")).toBe(0);
    expect(await count(TABLE)).toBe(0);
  });

  it('deletes at most as many loads as one statement may name, and says that there is more', async () => {
    for (let index = 0; index < 5; index += 1) await storeRows(addHours(HOUR, index), 2, 1_000);
    const bounded = createOperator(loader, { ...SETTLED_AT_ONCE, loadsMax: 2 });
    expect(await bounded.sweep({ table: TABLE })).toMatchObject({ abandonedLoads: 2, deletedLoads: 2, more: true });
    expect(await bounded.sweep({ table: TABLE })).toMatchObject({ deletedLoads: 2, more: true });
    expect(await bounded.sweep({ table: TABLE })).toMatchObject({ deletedLoads: 1, more: false });
    expect(await count(`${TABLE}_raw`)).toBe(0);
  });
});

describe('sweep() of page views', () => {
  it('keeps a superseded load that page views rest on, until newer ones are built, then deletes both', async () => {
    const range = onlyHour(HOUR);
    await publish(HOUR, linesOf(TABLE, HOUR, 6));
    await load(HOUR);
    await loader.run(() => loader.activities.buildEvents(range));
    expect(await count('events')).toBe(6);
    await load(HOUR, 'all');
    expect(await operator.sweep({ table: TABLE })).toMatchObject({ abandonedLoads: 0, deletedRows: 0 });
    expect(await operator.sweep({ table: 'events' })).toMatchObject({ abandonedLoads: 0, deletedRows: 0 });
    expect(await count('events')).toBe(6);
    await loader.run(() => loader.activities.buildEvents(range));
    expect(await operator.sweep({ table: TABLE })).toMatchObject({ abandonedLoads: 1, deletedRows: 6 });
    const swept = await operator.sweep({ table: 'events' });
    // The load of page views, and that of the day's sessions, which rested on it (and has no rows: no visitor is known).
    expect(swept).toMatchObject({ table: 'events', abandonedLoads: 2, deletedLoads: 1, deletedQuarantined: 0 });
    expect(swept.deletedRows).toBeGreaterThanOrEqual(6);
    expect(await count('events_raw')).toBe(6);
    expect(await count('events')).toBe(6);
  });
});
