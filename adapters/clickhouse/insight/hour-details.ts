/** The details of an hour, from the ledger. */
import type { HourDetails, ReadOptions, ReceiptView } from '../../../dashboard/reader.ts';
import type { TableName } from '../../../domain/catalogue.ts';
import { onlyHour, type Hour } from '../../../domain/hour.ts';
import { asLoadId } from '../../../domain/load-id.ts';
import { rangeParameters } from '../rows.ts';
import type { ClickHouseServer } from '../server.ts';
import { readCoverage } from './coverage.ts';

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
  const parameters = { tables, ...rangeParameters(range) };
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
