import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationsActivities } from '../../../activities/operations/api.ts';
import { TABLE_NAMES, type TableName } from '../../../domain/catalogue.ts';
import { InputError } from '../../../domain/errors.ts';
import { addHours, onlyHour, parseHour, type Hour } from '../../../domain/hour.ts';
import type { LoadMode } from '../../../domain/loading.ts';
import { ALL_HOURS, truncationIdOf } from '../../../domain/truncation.ts';
import { linesOf } from '../../support/feed-lines.ts';
import { createLoader, type Loader } from '../../support/loader.ts';
import { createOperator } from '../../support/operations.ts';
import { publishObject } from '../../support/s3.ts';

const HOUR = parseHour('2024-05-01T13');
const NEXT = addHours(HOUR, 1);
const BROWSER = 'browser_events';
const GEO = 'geo_events';

let loader: Loader;
let operator: OperationsActivities;
beforeEach(async () => {
  loader = await createLoader();
  operator = createOperator(loader);
});

async function publish(table: TableName, hour: Hour, lines: number): Promise<void> {
  await publishObject({ ...loader, table, hour, lines: linesOf(table, hour, lines) });
}

async function load(table: TableName, hour: Hour, seen: readonly string[] = [], mode: LoadMode = 'missing') {
  const report = await loader.loadTable({ table, ...onlyHour(hour), mode, seen, fillCleared: true });
  return report.hours[0]?.outcome;
}

/** Every visible row's place: what a restoration must bring back exactly. */
async function visible(table: TableName): Promise<string[]> {
  const rows = await loader.database.rows<{ place: string }>(
    `SELECT concat(toString(_hour), '/', toString(_load), '/', toString(_line)) AS place FROM ${table} ORDER BY place`,
  );
  return rows.map(({ place }) => place);
}

async function rawRows(table: TableName): Promise<number> {
  const [row] = await loader.database.rows<{ n: string }>(`SELECT count() AS n FROM ${table}_raw`);
  return Number(row?.n);
}

function all(truncationId: string, tables: readonly TableName[] = TABLE_NAMES) {
  return { truncationId, tables, ...ALL_HOURS };
}

describe('truncate()', () => {
  it('hides all tables at once, says what it hid, and restore() brings back exactly the same rows', async () => {
    for (const table of [BROWSER, GEO] as const) {
      await publish(table, HOUR, 10);
      await publish(table, NEXT, 20);
      expect(await load(table, HOUR)).toBe('current');
      expect(await load(table, NEXT)).toBe('current');
    }
    const before = { browser: await visible(BROWSER), geo: await visible(GEO) };
    const id = truncationIdOf(randomUUID());
    const hidden = await operator.truncate(all(id));
    expect(hidden).toMatchObject({ truncationId: id, loads: 4, rows: 60, purgedLoads: 0 });
    expect(hidden.sizeBytes).toBeGreaterThan(0);
    expect(await visible(BROWSER)).toEqual([]);
    expect(await visible(GEO)).toEqual([]);
    expect(await operator.restore({ truncationId: id })).toMatchObject({ loads: 4, rows: 60 });
    expect({ browser: await visible(BROWSER), geo: await visible(GEO) }).toEqual(before);
  });

  it('hides only the tables and hours it names', async () => {
    await publish(BROWSER, HOUR, 3);
    await publish(BROWSER, NEXT, 4);
    await publish(GEO, HOUR, 5);
    await load(BROWSER, HOUR);
    await load(BROWSER, NEXT);
    await load(GEO, HOUR);
    const hidden = await operator.truncate({ truncationId: 'truncation-a', tables: [BROWSER], ...onlyHour(HOUR) });
    expect(hidden).toMatchObject({ loads: 1, rows: 3 });
    expect(await visible(BROWSER)).toHaveLength(4);
    expect(await visible(GEO)).toHaveLength(5);
  });

  it('has no further effect when the activity is tried again', async () => {
    await publish(BROWSER, HOUR, 3);
    await load(BROWSER, HOUR);
    const first = await operator.truncate(all('truncation-a'));
    expect(await load(BROWSER, HOUR, ['truncation-a'])).toBe('current');
    expect(await operator.truncate(all('truncation-a'))).toEqual({ ...first, loads: 0, rows: 0, sizeBytes: 0 });
    expect(await visible(BROWSER)).toHaveLength(3);
  });

  it('hides what a load in flight commits later, also a zombie of long ago', async () => {
    await publish(BROWSER, HOUR, 30);
    let truncated = false;
    const { ledger } = loader.ports;
    const zombie = createLoaderWith(loader, async () => {
      if (truncated) return;
      truncated = true;
      await operator.truncate(all('truncation-a'));
    });
    const report = await zombie();
    expect(report.hours.map(({ outcome }) => outcome)).toEqual(['hidden']);
    expect(await visible(BROWSER)).toEqual([]);
    expect(await ledger.truncationsInForce(new AbortController().signal)).toEqual(['truncation-a']);
    expect(await operator.restore({ truncationId: 'truncation-a' })).toMatchObject({ loads: 1, rows: 30 });
    expect(await visible(BROWSER)).toHaveLength(30);
  });

  it('leaves the hours cleared for a look and fills them for a backfill that has seen it', async () => {
    await publish(BROWSER, HOUR, 3);
    await load(BROWSER, HOUR);
    await operator.truncate(all('truncation-a'));
    const look = await loader.run(() => loader.activities.lookAtBucket({ from: HOUR, to: NEXT, tables: [BROWSER] }));
    expect(look.windows).toEqual([]);
    await expect(load(BROWSER, HOUR)).rejects.toThrow('as it was truncated after this run began');
    expect(await load(BROWSER, HOUR, ['truncation-a'])).toBe('current');
    expect(await visible(BROWSER)).toHaveLength(3);
  });
});

/** A loadTable() during whose commit something else happens first. */
function createLoaderWith(base: Loader, beforeCommit: () => Promise<void>) {
  return async () => {
    const { createActivities } = await import('../../../activities/index.ts');
    const { ledger } = base.ports;
    const activities = createActivities({
      ...base.ports,
      ledger: {
        state: ledger.state.bind(ledger),
        truncationsInForce: ledger.truncationsInForce.bind(ledger),
        commit: async (commit, signal) => {
          await beforeCommit();
          return ledger.commit(commit, signal);
        },
        abandon: ledger.abandon.bind(ledger),
        reject: ledger.reject.bind(ledger),
        recordSightings: ledger.recordSightings.bind(ledger),
      },
    });
    return base.run(() =>
      activities.loadTable({ table: BROWSER, ...onlyHour(HOUR), mode: 'missing', seen: [], fillCleared: true }),
    );
  };
}

describe('restore()', () => {
  it('refuses an unknown truncation and names those that there are', async () => {
    await operator.truncate(all('truncation-a'));
    await expect(operator.restore({ truncationId: 'truncation-b' })).rejects.toThrow(
      'Cannot restore truncation-b: found no such truncation, expected one such as truncation-a',
    );
  });

  it('refuses by name what is purged', async () => {
    await publish(BROWSER, HOUR, 3);
    await load(BROWSER, HOUR);
    await operator.truncate(all('truncation-a', [BROWSER]));
    expect(await operator.purge({ truncationId: 'truncation-a' })).toMatchObject({ outcome: 'purged', loads: 1 });
    const error: unknown = await operator.restore({ truncationId: 'truncation-a' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/^Cannot restore truncation-a: its rows of browser_events .* are purged/);
    expect(await visible(BROWSER)).toEqual([]);
  });

  it('case 85: is right when truncated twice: only the last restoration shows the rows', async () => {
    await publish(BROWSER, HOUR, 3);
    await load(BROWSER, HOUR);
    await operator.truncate(all('truncation-a'));
    await operator.truncate(all('truncation-b'));
    expect(await operator.restore({ truncationId: 'truncation-a' })).toMatchObject({ loads: 0 });
    expect(await visible(BROWSER)).toEqual([]);
    expect(await operator.restore({ truncationId: 'truncation-b' })).toMatchObject({ loads: 1, rows: 3 });
    expect(await operator.restore({ truncationId: 'truncation-b' })).toMatchObject({ loads: 1, rows: 3 });
    expect(await visible(BROWSER)).toHaveLength(3);
  });

  it('refuses when another truncation was purged over the same loads', async () => {
    await publish(BROWSER, HOUR, 3);
    await load(BROWSER, HOUR);
    await operator.truncate(all('truncation-a'));
    await operator.truncate(all('truncation-b'));
    await operator.purge({ truncationId: 'truncation-b' });
    await expect(operator.restore({ truncationId: 'truncation-a' })).rejects.toThrow('are purged');
  });
});

describe('purge()', () => {
  it('gives the loads up at once, the next sweep deletes their rows, and what came later stays', async () => {
    await publish(BROWSER, HOUR, 7);
    await load(BROWSER, HOUR);
    await operator.truncate(all('truncation-a'));
    await load(BROWSER, HOUR, ['truncation-a']);
    expect(await rawRows(BROWSER)).toBe(14);
    expect(await operator.purge({ truncationId: 'truncation-a' })).toMatchObject({ outcome: 'purged', loads: 1 });
    expect(await operator.sweep({ table: BROWSER })).toMatchObject({ deletedLoads: 1, deletedRows: 7, more: false });
    expect(await rawRows(BROWSER)).toBe(7);
    expect(await visible(BROWSER)).toHaveLength(7);
  });

  it('refuses what was restored, and nothing is lost', async () => {
    await publish(BROWSER, HOUR, 7);
    await load(BROWSER, HOUR);
    await operator.truncate(all('truncation-a'));
    await operator.restore({ truncationId: 'truncation-a' });
    expect(await operator.purge({ truncationId: 'truncation-a' })).toEqual({
      truncationId: 'truncation-a',
      outcome: 'restored-before',
      loads: 0,
    });
    await operator.sweep({ table: BROWSER });
    expect(await visible(BROWSER)).toHaveLength(7);
  });

  it('and purgeableTruncations() name only what is in force and not purged, with the time', async () => {
    const before = Date.now();
    for (const id of ['truncation-a', 'truncation-b', 'truncation-c']) await operator.truncate(all(id, [GEO]));
    await operator.restore({ truncationId: 'truncation-a' });
    await operator.purge({ truncationId: 'truncation-b' });
    const records = await operator.purgeableTruncations();
    expect(records).toMatchObject([{ truncationId: 'truncation-c', tables: [GEO], ...ALL_HOURS }]);
    expect(records[0]?.truncatedMs).toBeGreaterThanOrEqual(before - 1_000);
  });
});
