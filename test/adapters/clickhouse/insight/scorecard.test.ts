/** Every line of the scorecard against the feed as it was made up here, with a known number of each imperfection. */
import { beforeAll, expect, test } from 'vitest';
import { createInsightReader } from '../../../../adapters/clickhouse/insight/index.ts';
import type { Scorecard } from '../../../../dashboard/reader.ts';
import { CATALOGUE, TABLE_NAMES, type TableName } from '../../../../domain/catalogue.ts';
import { addHours, hourStartMs, parseHour, type Hour, type HourRange } from '../../../../domain/hour.ts';
import { loadIdClockMs } from '../../../../domain/load-id.ts';
import type { ScorecardId } from '../../../../domain/metrics/scorecard.ts';
import { fieldsOf, uuidOf } from '../../../support/feed-lines.ts';
import { createInsightFixture, type InsightFixture } from './fixture.ts';

const START = parseHour('2024-05-01T00');
const HOURS = 72;
const RANGE: HourRange = { from: START, to: addHours(START, HOURS) };
const MISSING = [53, 54, 66]; // two gaps
const JOINED_HOURS = [0, 1, 2];
const BOT_HOUR = 7;
const BOT_VIEWS = 501;
const HOURS_PER_YEAR = 8_766;

/** Page views of each hour: a little more every day, one hour far too many, one far too few. */
const COUNTS = Array.from({ length: HOURS }, (_, at) => {
  if (MISSING.includes(at)) return 0;
  return { [BOT_HOUR]: BOT_VIEWS, 20: 60, 40: 1 }[at] ?? 6 + 2 * Math.floor(at / 24);
});

type Fields = Record<string, unknown>;

/** What is wrong with single lines of browser_events: by hour, then by line. */
const FLAWS: Readonly<Record<number, (fields: Fields, line: number) => Fields>> = {
  3: (fields, line) => (line < 2 ? { ...fields, event_id: idOf(2, 0) } : fields), // delivered twice more
  4: (fields, line) => (line === 0 ? { ...fields, event_type: 'click' } : fields),
  5: (fields, line) => (line < 3 ? { ...fields, event_timestamp: '2024-05-01 06:00:00.000001' } : fields), // an hour too late
  6: (fields, line) =>
    line === 0 ? { ...fields, browser_user_agent: 'Mozilla/5.0 (compatible; Googlebot/2.1)' } : fields,
  [BOT_HOUR]: (fields) => ({ ...fields, click_id: uuidOf(9, 1) }),
};

function numberOf(at: number, line: number): number {
  return at * 900 + line;
}

function idOf(at: number, line: number): unknown {
  return fieldsOf('browser_events', START, numberOf(at, line))['event_id'];
}

function linesOfHour(table: TableName, at: number): string[] {
  return Array.from({ length: COUNTS[at]! }, (_, line) => {
    const fields = fieldsOf(table, addHours(START, at), numberOf(at, line));
    return JSON.stringify(table === 'browser_events' ? (FLAWS[at]?.(fields, line) ?? fields) : fields);
  });
}

let fixture: InsightFixture;
let own: Scorecard;
let allTables: Scorecard;

beforeAll(async () => {
  fixture = await createInsightFixture();
  for (const at of COUNTS.keys()) if (!MISSING.includes(at)) await loadBrowserEvents(at, addHours(START, at));
  for (const at of JOINED_HOURS) {
    for (const table of TABLE_NAMES.slice(1)) {
      const nulls = table === 'location_events' ? { referer_url: 2, utm_source: 1 } : {};
      await fixture.load(table, addHours(START, at), linesOfHour(table, at), { nulls });
    }
  }
  const device = { ...fieldsOf('device_events', START, 0), click_id: uuidOf(9, 1), user_domain_id: uuidOf(3, 77) };
  await fixture.load('device_events', addHours(START, BOT_HOUR), [JSON.stringify(device)]);
  await fixture.build(RANGE);
  const nowMs = (): number => Date.UTC(2024, 5, 1);
  own = await createInsightReader(fixture.server, { tables: ['browser_events'], nowMs }).scorecard(RANGE);
  allTables = await createInsightReader(fixture.server, { nowMs }).scorecard(RANGE);
}, 120_000);

/** Its objects are modified 10 minutes after their hour, those of the first three hours five hours after. */
function loadBrowserEvents(at: number, hour: Hour): Promise<unknown> {
  const lines = linesOfHour('browser_events', at);
  const modifiedMs = hourStartMs(hour) + 3_600_000 + (at < 3 ? 5 * 3_600_000 : 600_000);
  return fixture.load('browser_events', hour, lines, {
    object: { key: `k${at}`, etag: `"${at}"`, sizeBytes: 100, modifiedMs },
    ...(at === 8 ? { lines: lines.length + 2, quarantined: 2, drift: { colour: 3, size: 2 } } : {}),
  });
}

function lineOf(card: Scorecard, id: ScorecardId): Scorecard['lines'][number] {
  return card.lines.find((line) => line.id === id)!;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const EVENTS = sum(COUNTS);
/** Events but for the one click of hour 4. */
const VIEWS = COUNTS.map((count, at) => (at === 4 ? count - 1 : count));

test('scorecard() counts coverage, gaps, delays, duplicates and what the receipts hold as they were made', () => {
  const loaded = HOURS - MISSING.length;
  const expected: Partial<Record<ScorecardId, number>> = {
    coverage: loaded / HOURS,
    gaps: 2,
    publishing_delay_p50: 600,
    publishing_delay_p95: 600, // 3 of 69 objects are later
    duplicates: 2 / sum(VIEWS),
    outside_hour: 3 / EVENTS,
    bots: (BOT_VIEWS + 1) / EVENTS,
    joined_events: sum(JOINED_HOURS.map((at) => COUNTS[at]!)) / EVENTS,
    quarantined_lines: 2 / (EVENTS + 2),
    drift_rate: 3 / (EVENTS + 2),
  };
  for (const [id, value] of Object.entries(expected)) {
    expect([id, lineOf(own, id as ScorecardId).value]).toEqual([id, expect.closeTo(value, 12)]);
  }
  expect(lineOf(own, 'gaps').evidence).toMatchObject({ hoursMissing: 3, longest: 2 });
  expect(lineOf(own, 'drift_rate').mostly).toEqual({ field: 'colour', count: 3 });
  expect(lineOf(own, 'publishing_delay_p95').evidence).toMatchObject({ latest: 5 * 3600 });
});

test('scorecard() tells null values by the optional fields of all tables, and gaps by any table that is missing', () => {
  const optional = (table: TableName): number => CATALOGUE[table].fields.filter((field) => field.optional).length;
  const values = sum(JOINED_HOURS.flatMap((at) => TABLE_NAMES.map((table) => COUNTS[at]! * optional(table))));
  const ofDeviceLine = optional('device_events');
  const ofOthers = sum(COUNTS.map((count, at) => (JOINED_HOURS.includes(at) ? 0 : count))) * optional('browser_events');
  expect(lineOf(allTables, 'null_rate').evidence).toEqual({ part: 9, whole: values + ofDeviceLine + ofOthers });
  expect(lineOf(allTables, 'null_rate').mostly).toEqual({ field: 'referer_url', count: 6 });
  expect(lineOf(allTables, 'gaps').evidence).toMatchObject({ hoursMissing: HOURS - JOINED_HOURS.length });
});

test('scorecard() tells the stability of whole days and the hours that stick out of their hour of day', () => {
  const days = [0, 1].map((day) => sum(VIEWS.slice(24 * day, 24 * day + 24))); // hours are missing from the third
  const mean = sum(days) / days.length;
  const spread = Math.sqrt(sum(days.map((views) => (views - mean) ** 2)) / days.length);
  expect(lineOf(own, 'volume_stability').value).toBeCloseTo(spread / mean, 12);
  const outliers = [...COUNTS.entries()].filter(([at, views]) => {
    const same = COUNTS.filter((count, other) => count > 0 && other % 24 === at % 24).sort((a, b) => a - b);
    const median = same[Math.floor(same.length / 2)]!;
    return views > 0 && (views * 3 < median || views > median * 3);
  });
  expect(outliers.map(([at]) => at)).toEqual([BOT_HOUR, 20, 40]);
  expect(lineOf(own, 'outlier_hours').value).toBeCloseTo(3 / (HOURS - MISSING.length), 12);
});

test('scorecard() tells what a million page views take to store and to load, and what a year adds', async () => {
  const [stored] = await fixture.database.rows<{ bytes: string }>(
    `SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = currentDatabase()
      AND (table LIKE '%\\_events\\_raw' OR table IN ('events_raw', 'session_parts_raw', 'session_days_raw'))`,
  );
  const { value: perMillion } = lineOf(own, 'stored_bytes_per_million');
  expect(perMillion).toBeCloseTo((Number(stored!.bytes) / EVENTS) * 1e6, 3);
  const perHour = EVENTS / (HOURS - MISSING.length);
  expect(lineOf(own, 'growth_per_year').value).toBeCloseTo((perMillion! / 1e6) * perHour * HOURS_PER_YEAR, 1);

  const loads = await fixture.database.rows<{ load_id: string; recorded_ms: string }>(
    `SELECT load_id, toUnixTimestamp64Milli(toDateTime64(recorded_at, 3)) AS recorded_ms FROM loads WHERE table_name = 'browser_events'`,
  );
  const seconds = sum(
    loads.map(
      (row) => (Number(row.recorded_ms) - loadIdClockMs(row.load_id as Parameters<typeof loadIdClockMs>[0])) / 1000,
    ),
  );
  expect(lineOf(own, 'load_seconds_per_million').value).toBeCloseTo((seconds / EVENTS) * 1e6, 0);
});
