/** Coverage and the details of an hour, from the ledger and the sightings; the words come from domain/coverage.ts. */
import type { CoverageGrid, HourDetails, ReadOptions, ReceiptView } from '../../../dashboard/reader.ts';
import type { TableName } from '../../../domain/catalogue.ts';
import { coverageState, type CoverageCell } from '../../../domain/coverage.ts';
import { hoursOf, onlyHour, type Hour, type HourRange } from '../../../domain/hour.ts';
import { asLoadId } from '../../../domain/load-id.ts';
import { looksSql } from '../looks.ts';
import { hourSeconds } from '../rows.ts';
import type { ClickHouseServer } from '../server.ts';

/** [key, ETag] of a version; empty texts where there is none. */
type Version = readonly [key: string, etag: string];

interface FactsRow {
  readonly table_name: TableName;
  readonly hour_s: number;
  readonly loaded: number;
  readonly lines: string;
  readonly rows: string;
  readonly quarantined: string;
  readonly version: Version;
  readonly looked: number;
  readonly present: number;
  readonly seen: Version;
  readonly rejected: readonly Version[];
}

interface TruncationRow {
  readonly tables: readonly TableName[];
  readonly from_s: number;
  readonly to_s: number;
}

/** Every hour x table of the range, by hour. */
export async function readCoverage(
  server: ClickHouseServer,
  tables: readonly TableName[],
  range: HourRange,
  { signal }: ReadOptions = {},
): Promise<CoverageGrid> {
  const rows = await server.query<FactsRow & { truncations: readonly TruncationRow[] }>({
    sql: coverageSql(server),
    doing: 'read the coverage',
    parameters: { tables, from: hourSeconds(range.from), to: hourSeconds(range.to) },
    signal,
  });
  // One statement answers all, so that facts and truncations are of one snapshot: the row without a table carries the latter.
  const truncations = rows.find((row) => row.hour_s === 0)?.truncations ?? [];
  const facts = new Map(rows.map((row) => [`${row.table_name} ${row.hour_s}`, row]));
  const cells: CoverageCell[] = [];
  for (const hour of hoursOf(range)) {
    for (const table of tables) {
      cells.push(cellOf(table, hour, facts.get(`${table} ${hourSeconds(hour)}`), truncations));
    }
  }
  return { cells };
}

function cellOf(
  table: TableName,
  hour: Hour,
  row: FactsRow | undefined,
  truncations: readonly TruncationRow[],
): CoverageCell {
  const at = hourSeconds(hour);
  const isLoaded = row?.loaded === 1;
  const isCovered = truncations.some(({ tables, from_s, to_s }) => tables.includes(table) && from_s <= at && at < to_s);
  const seen = row?.looked === 1 ? (row.present === 1 ? versionOf(row.seen) : 'absent') : undefined;
  const isSeen = ([key, etag]: Version): boolean =>
    seen !== undefined && seen !== 'absent' && key === seen.key && etag === seen.etag;
  const state = coverageState({
    ...(isLoaded ? { current: { lines: Number(row.lines), object: versionOf(row.version) } } : {}),
    ...(seen === undefined ? {} : { seen }),
    rejected: row?.rejected.some(isSeen) ?? false,
    cleared: isCovered && !isLoaded,
  });
  return { table, hour, state, rows: Number(row?.rows ?? 0), quarantined: Number(row?.quarantined ?? 0) };
}

function versionOf([key, etag]: Version): { key: string; etag: string } {
  return { key, etag };
}

/** One row per (table, hour) that anything is known of, put together by GROUP BY; and one with the truncations in force. */
function coverageSql(server: ClickHouseServer): string {
  const loads = server.name('loads');
  const inRange = `hour >= {from:DateTime('UTC')} AND hour < {to:DateTime('UTC')} AND table_name IN {tables:Array(String)}`;
  const none = `('', '')`;
  const noList = `CAST([], 'Array(Tuple(String, String))')`;
  const noTruncations = `CAST([], 'Array(Tuple(tables Array(String), from_s UInt32, to_s UInt32))')`;
  return `SELECT table_name, at AS hour_s, max(f.loaded) AS loaded, max(f.lines) AS lines, max(f.rows) AS rows,
    max(f.quarantined) AS quarantined, max(f.version) AS version, max(f.looked) AS looked, max(f.present) AS present,
    max(f.seen) AS seen, groupArrayArray(f.rejected) AS rejected, ${noTruncations} AS truncations
  FROM (
    SELECT table_name, toUnixTimestamp(hour) AS at, 1 AS loaded, lines, rows, quarantined, (object_key, object_etag) AS version,
      0 AS looked, 0 AS present, ${none} AS seen, ${noList} AS rejected
    FROM ${loads} WHERE event = 'committed' AND ${inRange}
      AND load_id IN (SELECT load_id FROM ${server.name('current_loads')} WHERE ${inRange})
    UNION ALL
    SELECT table_name, toUnixTimestamp(hour), 0, 0, 0, 0, ${none}, 1, argMax(look.is_there, look.at_us),
      argMax((look.object_key, look.object_etag), look.at_us), ${noList}
    FROM (${looksSql(server, inRange)}) AS look GROUP BY table_name, hour
    UNION ALL
    SELECT table_name, toUnixTimestamp(hour), 0, 0, 0, 0, ${none}, 0, 0, ${none}, groupUniqArray((object_key, object_etag))
    FROM ${loads} WHERE event = 'rejected' AND ${inRange} GROUP BY table_name, hour
  ) AS f GROUP BY table_name, at
  UNION ALL
  SELECT '', 0, 0, 0, 0, 0, ${none}, 0, 0, ${none}, ${noList},
    CAST(groupArray((tables, toUnixTimestamp(hour_from), toUnixTimestamp(hour_to))), 'Array(Tuple(tables Array(String), from_s UInt32, to_s UInt32))')
  FROM ${loads} WHERE event = 'truncated' AND hour_from < {to:DateTime('UTC')} AND hour_to > {from:DateTime('UTC')}
    AND truncation_id NOT IN (SELECT truncation_id FROM ${loads} WHERE event = 'restored')`;
}

interface EventRow {
  readonly event: 'committed' | 'rejected';
  readonly table_name: TableName;
  readonly load_id: string;
  readonly object_key: string;
  readonly object_etag: string;
  readonly object_size_bytes: string;
  readonly modified_ms: string;
  readonly crc32: number;
  readonly entry_size_bytes: string;
  readonly lines: string;
  readonly rows: string;
  readonly quarantined: string;
  readonly drift: Readonly<Record<string, string>>;
  readonly nulls: Readonly<Record<string, string>>;
  readonly seen: readonly string[];
  readonly workflow_id: string;
  readonly run_id: string;
  readonly attempt: number;
  readonly worker: string;
  readonly reason: string;
  readonly recorded_ms: string;
  readonly is_current: number;
}

/** Receipts, rejections and the state of the page views of an hour. */
export async function readHour(
  server: ClickHouseServer,
  tables: readonly TableName[],
  hour: Hour,
  options: ReadOptions = {},
): Promise<HourDetails> {
  const range = onlyHour(hour);
  const parameters = { tables, from: hourSeconds(range.from), to: hourSeconds(range.to) };
  const statement = { parameters, signal: options.signal };
  const [{ cells }, events, states] = await Promise.all([
    readCoverage(server, tables, range, options),
    server.query<EventRow>({ ...statement, sql: hourSql(server), doing: `read the receipts of ${hour}` }),
    server.query<{ load_id: string; fresh: boolean; row_count: string }>({
      ...statement,
      sql: `SELECT s.load_id AS load_id, s.fresh AS fresh, any(l.rows) AS row_count FROM ${server.name('events_state')} AS s
        LEFT JOIN (SELECT load_id, rows FROM ${server.name('loads')} WHERE event = 'committed' AND table_name = 'events'
          AND hour = {from:DateTime('UTC')}) AS l ON l.load_id = s.load_id
        WHERE s.hour = {from:DateTime('UTC')} GROUP BY s.load_id, s.fresh`,
      doing: `read the page views of ${hour}`,
    }),
  ]);
  return {
    hour,
    cells,
    receipts: events.filter((row) => row.event === 'committed').map((row) => receiptOf(row, hour)),
    rejections: events.filter((row) => row.event === 'rejected').map(rejectionOf),
    events: eventsOf(states[0]),
  };
}

function hourSql(server: ClickHouseServer): string {
  return `SELECT toString(event) AS event, table_name, load_id, object_key, object_etag, object_size_bytes,
    toUnixTimestamp64Milli(object_modified) AS modified_ms, crc32, entry_size_bytes, lines, rows, quarantined, drift, nulls, seen,
    workflow_id, run_id, attempt, worker, reason, toUnixTimestamp64Milli(toDateTime64(recorded_at, 3)) AS recorded_ms,
    load_id IN (SELECT load_id FROM ${server.name('current_loads')} WHERE hour = {from:DateTime('UTC')}) AS is_current
  FROM ${server.name('loads')}
  WHERE event IN ('committed', 'rejected') AND hour = {from:DateTime('UTC')} AND table_name IN {tables:Array(String)}
  ORDER BY table_name, load_id DESC LIMIT 1 BY event, load_id`;
}

function receiptOf(row: EventRow, hour: Hour): ReceiptView {
  return {
    table: row.table_name,
    hour,
    loadId: asLoadId(row.load_id),
    object: {
      key: row.object_key,
      etag: row.object_etag,
      sizeBytes: Number(row.object_size_bytes),
      modifiedMs: Number(row.modified_ms),
    },
    crc32: row.crc32,
    entrySizeBytes: Number(row.entry_size_bytes),
    lines: Number(row.lines),
    rows: Number(row.rows),
    quarantined: Number(row.quarantined),
    drift: numbersOf(row.drift),
    nulls: numbersOf(row.nulls),
    seen: row.seen,
    workflowId: row.workflow_id,
    runId: row.run_id,
    attempt: row.attempt,
    worker: row.worker,
    committedAtMs: Number(row.recorded_ms),
    current: row.is_current === 1,
  };
}

function rejectionOf(row: EventRow): HourDetails['rejections'][number] {
  return {
    table: row.table_name,
    key: row.object_key,
    reason: row.reason,
    atMs: Number(row.recorded_ms),
  };
}

function eventsOf(state?: { load_id: string; fresh: boolean; row_count: string }): HourDetails['events'] {
  if (state === undefined || state.load_id === '0') return { state: 'not-built', rows: 0 };
  return { state: state.fresh ? 'built' : 'stale', rows: Number(state.row_count) };
}

function numbersOf(counts: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, Number(count)]));
}
