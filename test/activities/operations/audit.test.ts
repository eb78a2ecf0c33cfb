import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationsActivities } from '../../../activities/operations/api.ts';
import { addHours, onlyHour, parseHour } from '../../../domain/hour.ts';
import { estimate, storedBytesOfRange } from '../../../domain/estimate.ts';
import { linesOf } from '../../support/feed-lines.ts';
import { createLoader, type Loader } from '../../support/loader.ts';
import { createOperator } from '../../support/operations.ts';
import { publishObject } from '../../support/s3.ts';

const TABLE = 'browser_events';
const HOUR = parseHour('2024-05-01T22');
const RANGE = { from: HOUR, to: addHours(HOUR, 4), tables: [TABLE] as const };

let loader: Loader;
let operator: OperationsActivities;
beforeEach(async () => {
  loader = await createLoader();
  operator = createOperator(loader);
});

async function load(count: number, mode: 'missing' | 'all' = 'missing'): Promise<void> {
  await loader.loadTable({
    table: TABLE,
    from: HOUR,
    to: addHours(HOUR, count),
    mode,
    seen: [],
    fillCleared: true,
  });
}

async function publish(offset: number, lines: string[]): Promise<void> {
  await publishObject({ ...loader, table: TABLE, hour: addHours(HOUR, offset), lines });
}

describe('countRange()', () => {
  it('finds nothing when every receipt is borne out, quarantined lines among them', async () => {
    const lines = linesOf(TABLE, HOUR, 40);
    lines[5] = '[]';
    await publish(0, lines);
    await publish(1, linesOf(TABLE, HOUR, 3));
    await publish(2, []);
    await load(3);
    expect(await operator.countRange(RANGE)).toEqual([]);
  });

  it('finds rows that went missing, and abandonReplaced() gives up the bad load only when a later one stands', async () => {
    await publish(0, linesOf(TABLE, HOUR, 40));
    await publish(1, linesOf(TABLE, HOUR, 5));
    await load(2);
    await loader.database.client.command({
      query: `DELETE FROM ${TABLE}_raw WHERE _hour = {hour:DateTime} AND _line = 7 SETTINGS lightweight_deletes_sync = 1`,
      query_params: { hour: '2024-05-01 22:00:00' },
    });
    const found = await operator.countRange(RANGE);
    expect(found).toMatchObject([
      {
        table: TABLE,
        hour: HOUR,
        expected: { rows: 40, quarantined: 0 },
        found: { rows: 39, distinctLines: 39, quarantined: 0 },
      },
    ]);
    expect(await operator.abandonReplaced(found)).toEqual([]);
    await loader.loadTable({ table: TABLE, ...onlyHour(HOUR), mode: 'all', seen: [], fillCleared: false });
    expect(await operator.abandonReplaced(found)).toEqual([found[0]?.loadId]);
    expect(await operator.countRange(RANGE)).toEqual([]);
    const rows = await loader.database.rows(`SELECT count() AS n FROM ${TABLE} WHERE _hour = '2024-05-01 22:00:00'`);
    expect(rows).toEqual([{ n: '40' }]);
  });
});

describe('surveyRange()', () => {
  it('counts hours by what a backfill would do and writes nothing', async () => {
    await publish(0, linesOf(TABLE, HOUR, 10));
    await publish(1, linesOf(TABLE, HOUR, 10));
    await load(2);
    const zip = await publishObject({
      ...loader,
      table: TABLE,
      hour: addHours(HOUR, 2),
      lines: linesOf(TABLE, HOUR, 99),
    });
    const missing = await operator.surveyRange({ ...RANGE, mode: 'missing' });
    expect(missing).toEqual({
      [TABLE]: { load: 1, loadSizeBytes: zip.sizeBytes, unchanged: 2, absent: 1, rejected: 0, ambiguous: 0 },
    });
    expect(await operator.surveyRange({ ...RANGE, mode: 'all' })).toMatchObject({ [TABLE]: { load: 3, absent: 1 } });
    const facts = await operator.storageFacts(RANGE);
    expect(facts.tables[TABLE]).toMatchObject({ rows: 20, rangeRows: 20, storedRows: 20 });
    expect(facts).toMatchObject({ recentLoads: 2, recentMinutes: 1 });
    expect(facts.freeDiskBytes).toBeGreaterThan(0);
    expect(storedBytesOfRange(facts)).toBeGreaterThan(100);
    const estimated = estimate(missing, facts);
    expect(estimated.expectedMinutes).toBe(1);
    expect(estimated.expectedRows).toBeGreaterThan(20);
    const [{ n } = { n: '' }] = await loader.database.rows<{ n: string }>('SELECT count() AS n FROM sightings');
    expect(n).toBe('0');
  });
});
