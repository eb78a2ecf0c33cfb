/** The scorecard: measured here, judged by domain/metrics/scorecard.ts. Three statements, each from one snapshot. */
import type { JudgedLine, ReadOptions, Scorecard, ThresholdOverrides } from '../../../dashboard/reader.ts';
import { CATALOGUE, type TableName } from '../../../domain/catalogue.ts';
import { loadIdClockMsSql } from '../load-ids.ts';
import { hourAt, type HourRange } from '../../../domain/hour.ts';
import { SCORECARD_LINES, verdictOn, type ScorecardId } from '../../../domain/metrics/scorecard.ts';
import { rawName } from '../columns.ts';
import type { ClickHouseServer } from '../server.ts';
import { quoteString } from '../sql.ts';
import { filteredSessions, PanelSql } from './panel-sql.ts';
import { LIST_SETTINGS, type SeenLoads } from './seen-loads.ts';
import { DERIVED_TABLES, EVENTS, SESSION_PARTS } from './tables.ts';
import { endedHours } from './time-panels.ts';
import { knownIn } from './values.ts';

/** A value, the figures behind it, and of which field they mostly are. */
type Measured = readonly [value: number | undefined, evidence: JudgedLine['evidence'], mostly?: JudgedLine['mostly']];

/** Figures by name. */
type Figures = Readonly<Record<string, number | null>>;

/** Feed hours whose objects were modified within one hour: more were uploaded together. */
const BULK_HOURS = 24;
/** A visitor with more page views in an hour is no person. */
const BOT_PAGE_VIEWS_PER_HOUR = 500;
const BOT_AGENTS = [
  'googlebot',
  'bingbot',
  'yandexbot',
  'bot/',
  'crawler',
  'spider',
  'headless',
  'python-',
  'curl/',
  'wget/',
];
const HOURS_PER_YEAR = 8_766;
/** The scorecard reads every page view of the range. */
const SCORECARD_TIMEOUT_MS = 300_000;

/** Measures and judges a range. `nowMs`: milliseconds since 1970. */
export async function readScorecard(
  server: ClickHouseServer,
  request: {
    readonly tables: readonly TableName[];
    readonly range: HourRange;
    readonly nowMs: number;
    readonly thresholds: ThresholdOverrides;
  },
  seen: SeenLoads,
  options: ReadOptions,
): Promise<Scorecard> {
  const { tables, range, nowMs } = request;
  const [receipts, volume, events, conversion, storage] = await Promise.all([
    readReceipts(server, seen, { tables, range }, options),
    readOne(server, seen, (sql) => volumeSql(sql, range, tables), options),
    readOne(server, seen, (sql) => eventsSql(sql, range), options),
    readOne(server, seen, (sql) => conversionSql(sql, range), options),
    readOne(server, seen, () => storageSql(server), options),
  ]);
  const hours = endedHours(range, hourAt(nowMs)); // the hour that runs now has not ended
  const knowsConversion = knownIn(seen.hoursIn(range), [])('conversion');
  const figures = { ...volume, ...events, ...conversion, ...storage };
  const measured = measure({ tables, hours, receipts, figures, knowsConversion });
  const lines = SCORECARD_LINES.map((line): JudgedLine => {
    const threshold = request.thresholds[line.id] ?? line.threshold;
    const [value, evidence, mostly] = measured[line.id];
    return {
      id: line.id,
      value,
      ...(threshold === undefined ? {} : { threshold }),
      verdict: verdictOn(value, threshold),
      evidence,
      ...(mostly === undefined ? {} : { mostly }),
    };
  });
  return { range, judgedAtMs: nowMs, lines, proof: tables.map((table) => proofOf(table, receipts.byTable.get(table))) };
}

interface Facts {
  readonly tables: readonly TableName[];
  readonly hours: number;
  readonly receipts: Receipts;
  readonly figures: Figures;
  /** Whether any hour was built with the tables that it needs. */
  readonly knowsConversion: boolean;
}

function measure(facts: Facts): Readonly<Record<ScorecardId, Measured>> {
  const { tables, hours, receipts, figures } = facts;
  const { total } = receipts;
  const f = (name: string): number => figures[name] ?? 0;
  const optionalValues = sum(tables, (table) => {
    return (receipts.byTable.get(table)?.rows ?? 0) * CATALOGUE[table].fields.filter((field) => field.optional).length;
  });
  const expected = hours * tables.length;
  const delayed = { objects: total.objects - total.bulk, bulk: total.bulk };
  const pageViews = receipts.byTable.get('browser_events')?.rows ?? 0;
  const bytesPerView = divide(f('stored_bytes'), f('stored_rows'));
  return {
    coverage: [divide(total.objects, expected), { loaded: total.objects, expected, missing: expected - total.objects }],
    publishing_delay_p50: [found(total.delay_p50), delayed],
    publishing_delay_p95: [found(total.delay_p95), { ...delayed, latest: total.delay_max ?? 0 }],
    volume_stability: [
      divide(f('day_spread'), f('day_mean')),
      { days: f('days'), mean: f('day_mean'), spread: f('day_spread') },
    ],
    gaps: [hours === 0 ? undefined : f('gaps'), { hours, hoursMissing: f('hours_missing'), longest: f('longest_gap') }],
    duplicates: shareOf(f('duplicates'), f('page_views')),
    joined_events: shareOf(f('joined'), f('events')),
    null_rate: [...shareOf(total.nulls, optionalValues), mostOf(total.null_fields)],
    drift_rate: [...shareOf(total.drift_lines, total.lines), mostOf(total.drift_fields)],
    quarantined_lines: shareOf(total.quarantined, total.lines),
    outside_hour: shareOf(f('outside'), f('events')),
    bots: shareOf(f('bot_views'), f('events')),
    outlier_hours: shareOf(f('outlier_hours'), f('hours_built')),
    conversion: shareOf(f('buying_sessions'), facts.knowsConversion ? f('sessions') : 0),
    stored_bytes_per_million: [times(bytesPerView, 1e6), { bytes: f('stored_bytes'), pageViews: f('stored_rows') }],
    load_seconds_per_million: [
      times(divide(total.load_seconds, pageViews), 1e6),
      { seconds: total.load_seconds, pageViews, rows: total.rows },
    ],
    growth_per_year: [
      times(bytesPerView, (divide(f('events'), f('hours_built')) ?? 0) * HOURS_PER_YEAR),
      { pageViewsPerHour: divide(f('events'), f('hours_built')) ?? 0 },
    ],
  };
}

function shareOf(part: number, whole: number): readonly [number | undefined, JudgedLine['evidence']] {
  return [divide(part, whole), { part, whole }];
}

/** The field that is counted most often. */
function mostOf(fields: Readonly<Record<string, number>>): JudgedLine['mostly'] {
  const [most] = Object.entries(fields).sort(([a, counted], [b, more]) => more - counted || (a < b ? -1 : 1));
  return most === undefined ? undefined : { field: most[0], count: most[1] };
}

function divide(a: number, b: number): number | undefined {
  return b === 0 ? undefined : a / b;
}

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

function found(value: number | null): number | undefined {
  return value ?? undefined;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

interface ReceiptTotals {
  readonly table_name: string;
  readonly objects: number;
  /** Objects of a bulk upload; see {@link bulkHoursSql}. */
  readonly bulk: number;
  readonly size_bytes: number;
  readonly lines: number;
  readonly rows: number;
  readonly quarantined: number;
  readonly nulls: number;
  readonly drift_lines: number;
  readonly null_fields: Readonly<Record<string, number>>;
  readonly drift_fields: Readonly<Record<string, number>>;
  readonly load_seconds: number;
  readonly delay_p50: number | null;
  readonly delay_p95: number | null;
  readonly delay_max: number | null;
}

interface Receipts {
  readonly byTable: ReadonlyMap<string, ReceiptTotals>;
  readonly total: ReceiptTotals;
}

const NO_RECEIPTS: ReceiptTotals = {
  table_name: '',
  objects: 0,
  bulk: 0,
  size_bytes: 0,
  lines: 0,
  rows: 0,
  quarantined: 0,
  nulls: 0,
  drift_lines: 0,
  null_fields: {},
  drift_fields: {},
  load_seconds: 0,
  delay_p50: null,
  delay_p95: null,
  delay_max: null,
};

/** Totals of the receipts of the current loads, per table and over all. */
async function readReceipts(
  server: ClickHouseServer,
  seen: SeenLoads,
  { tables, range }: { readonly tables: readonly TableName[]; readonly range: HourRange },
  options: ReadOptions,
): Promise<Receipts> {
  const sql = new PanelSql(server.name.bind(server), seen);
  const rows = await server.query<ReceiptTotals>({
    sql: receiptsSql(sql, range, sql.value(tables, 'Array(String)')),
    doing: 'total the receipts',
    parameters: sql.parameters,
    signal: options.signal,
    timeoutMs: SCORECARD_TIMEOUT_MS,
    settings: AS_NUMBERS,
  });
  const byTable = new Map(rows.map((row) => [row.table_name, row]));
  return { byTable, total: byTable.get('') ?? NO_RECEIPTS };
}

const AS_NUMBERS = { output_format_json_quote_64bit_integers: 0 } as const;

function receiptsSql(sql: PanelSql, range: HourRange, tables: string): string {
  const delay = `toUnixTimestamp64Milli(object_modified) / 1000 - toUnixTimestamp(hour) - 3600`;
  // The loads of one commit share their INSERT: its time counts once.
  const seconds = `toUnixTimestamp64Milli(toDateTime64(recorded_at, 3)) / 1000 - ${loadIdClockMsSql('load_id')} / 1000`;
  return `SELECT r.loaded_table AS table_name, count() AS objects, countIf(r.is_bulk) AS bulk, sum(r.size_bytes) AS size_bytes, sum(r.lines) AS lines, sum(r.rows) AS rows,
    sum(r.quarantined) AS quarantined, sum(r.null_count) AS nulls, sum(r.drift_lines) AS drift_lines,
    sumMap(r.null_fields) AS null_fields, sumMap(r.drift_fields) AS drift_fields,
    arraySum(mapValues(maxMap(map(r.commit, r.seconds)))) AS load_seconds,
    if(objects = bulk, NULL, quantileExactIf(0.5)(r.delay, NOT r.is_bulk)) AS delay_p50,
    if(objects = bulk, NULL, quantileExactIf(0.95)(r.delay, NOT r.is_bulk)) AS delay_p95,
    if(objects = bulk, NULL, maxIf(r.delay, NOT r.is_bulk)) AS delay_max
  FROM (
    SELECT toString(any(table_name)) AS loaded_table, any(object_size_bytes) AS size_bytes, any(lines) AS lines, any(rows) AS rows,
      any(quarantined) AS quarantined, any(arraySum(mapValues(nulls))) AS null_count,
      any(if(empty(drift), 0, arrayMax(mapValues(drift)))) AS drift_lines, any(nulls) AS null_fields, any(drift) AS drift_fields, any(${delay}) AS delay,
      any(toStartOfHour(object_modified)) IN (${bulkHoursSql(sql, tables)}) AS is_bulk,
      concat(toString(any(table_name)), ' ', any(run_id), ' ', toString(min(recorded_at))) AS commit,
      greatest(0, min(${seconds})) AS seconds
    FROM ${sql.name('loads')}
    WHERE event = 'committed' AND table_name IN ${tables} AND ${sql.within(range, 'hour')}
      AND load_id IN (SELECT load_id FROM ${sql.name('current_loads')} WHERE ${sql.within(range, 'hour')})
    GROUP BY load_id
  ) AS r GROUP BY GROUPING SETS ((r.loaded_table), ())`;
}

/**
 * Hours in which history was uploaded in bulk: before anything was loaded, objects of more than a day of feed hours. A copied bucket
 * says nothing of how fast its feed was published. Once loading has begun, a publisher that catches up is late, and counts.
 */
function bulkHoursSql(sql: PanelSql, tables: string): string {
  const loads = sql.name('loads');
  return `SELECT toStartOfHour(object_modified) FROM ${loads} WHERE event = 'committed' AND table_name IN ${tables}
        AND object_modified < (SELECT min(recorded_at) FROM ${loads} WHERE event = 'committed')
        GROUP BY 1 HAVING uniqExact(hour) > ${BULK_HOURS}`;
}

function proofOf(table: TableName, row: ReceiptTotals = NO_RECEIPTS): Scorecard['proof'][number] {
  const { objects, size_bytes, lines, rows, quarantined } = row;
  return { table, objects, sizeBytes: size_bytes, lines, rows, quarantined };
}

async function readOne(
  server: ClickHouseServer,
  seen: SeenLoads,
  statementOf: (sql: PanelSql) => string,
  options: ReadOptions,
): Promise<Figures> {
  const sql = new PanelSql(server.name.bind(server), seen);
  const statement = sql.statement(statementOf(sql));
  const [row = {}] = await server.query<Figures>({
    sql: statement,
    doing: 'measure the feed',
    parameters: sql.parameters,
    signal: options.signal,
    timeoutMs: SCORECARD_TIMEOUT_MS,
    settings: { ...AS_NUMBERS, ...LIST_SETTINGS },
  });
  return row;
}

/** Page views per day and per hour of the day, and runs of hours in which a table is missing. */
function volumeSql(sql: PanelSql, range: HourRange, tables: readonly TableName[]): string {
  const from = sql.value(Date.parse(`${range.from}:00:00Z`) / 1000, 'UInt32');
  const to = sql.value(Date.parse(`${range.to}:00:00Z`) / 1000, 'UInt32');
  const loaded = `SELECT toUnixTimestamp(hour) AS at, uniqExact(table_name) AS tables FROM ${sql.name('current_loads')}
    WHERE ${sql.within(range, 'hour')} AND table_name IN ${sql.value(tables, 'Array(String)')} GROUP BY hour`;
  return `WITH hourly AS (
    SELECT _hour, sum(page_views) AS views FROM ${sql.rows(SESSION_PARTS, range, ['_hour', 'page_views'])} GROUP BY _hour
  ), runs AS (
    SELECT missing, missing AND NOT lagInFrame(missing) OVER w AS begins, sum(NOT missing) OVER w AS run
    FROM (
      SELECT at, l.tables < ${tables.length} AS missing
      FROM (SELECT toUInt32(${from} + number * 3600) AS at FROM numbers(toUInt64(intDiv(greatest(${from}, least(${to}, toUInt32(toUnixTimestamp(toStartOfHour(now()))))) - ${from}, 3600)))) AS h
      LEFT JOIN (${loaded}) AS l ON l.at = h.at
    ) WINDOW w AS (ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  ), days AS (
    SELECT sum(views) AS views FROM hourly GROUP BY toStartOfDay(_hour, 'UTC') HAVING count() = 24
  ), medians AS (
    SELECT toHour(_hour) AS hour_of_day, quantileExact(0.5)(views) AS median FROM hourly GROUP BY hour_of_day
  )
  SELECT (SELECT count() FROM days) AS days, (SELECT ifNotFinite(avg(views), 0) FROM days) AS day_mean,
    (SELECT ifNotFinite(stddevPop(views), 0) FROM days) AS day_spread, (SELECT sum(begins) FROM runs) AS gaps,
    (SELECT sum(missing) FROM runs) AS hours_missing,
    (SELECT max(length) FROM (SELECT sum(missing) AS length FROM runs GROUP BY run)) AS longest_gap,
    (SELECT count() FROM hourly) AS hours_built,
    (SELECT countIf(h.views * 3 < m.median OR h.views > m.median * 3) FROM hourly AS h
      INNER JOIN medians AS m ON m.hour_of_day = toHour(h._hour)) AS outlier_hours`;
}

/** What is told by looking at every page view. */
function eventsSql(sql: PanelSql, range: HourRange): string {
  const columns = [
    'event_id',
    'event_timestamp',
    'event_type',
    'browser_user_agent',
    'has_location',
    'has_device',
    'has_geo',
    'visitor',
    '_hour',
  ];
  const busy = `SELECT _hour, visitor FROM ${sql.rows(SESSION_PARTS, range, ['_hour', 'visitor', 'page_views'])}
    WHERE visitor != 0 GROUP BY _hour, visitor HAVING sum(page_views) > ${BOT_PAGE_VIEWS_PER_HOUR}`;
  const agents = BOT_AGENTS.map(quoteString).join(', ');
  return `SELECT count() AS events, countIf(event_type = 'pageview') AS page_views,
    countIf(event_type = 'pageview') - uniqExactIf(event_id, event_type = 'pageview') AS duplicates,
    countIf(has_location AND has_device AND has_geo) AS joined,
    countIf(event_timestamp < _hour OR event_timestamp >= addHours(_hour, 1)) AS outside,
    countIf((_hour, visitor) IN (${busy}) OR multiSearchAnyCaseInsensitive(browser_user_agent, [${agents}])) AS bot_views
  FROM ${sql.rows(EVENTS, range, columns)}`;
}

function conversionSql(sql: PanelSql, range: HourRange): string {
  return `SELECT count() AS sessions, countIf(purchases > 0) AS buying_sessions
    FROM ${filteredSessions(sql, { range, filters: [] }, ['purchases'])}`;
}

/** Bytes on disk of everything stored for a line of browser_events, hidden loads too. */
function storageSql(server: ClickHouseServer): string {
  const tables = [
    ...Object.values(CATALOGUE).map(({ name }) => rawName(name)),
    ...DERIVED_TABLES.map(({ raw }) => raw),
  ];
  return `SELECT sum(bytes_on_disk) AS stored_bytes, sumIf(rows, table = ${quoteString(rawName('browser_events'))}) AS stored_rows
    FROM system.parts WHERE active AND database = ${quoteString(server.database)} AND table IN (${tables.map(quoteString).join(', ')})`;
}
