/** The status of each table, counted from the ledger and the sightings in one query. */
import type { TableName } from '../../domain/catalogue.ts';
import { countHours, hourAt, type Hour, type HourRange } from '../../domain/hour.ts';
import type { StatusReader, TableStatus } from '../../domain/status.ts';
import { rawName } from './columns.ts';
import { looksSql } from './looks.ts';
import { hourSeconds } from './rows.ts';
import type { ClickHouseServer } from './server.ts';
import { inForceSql } from './views.ts';

/** Makes the reader. The database must be set up. */
export function createStatusReader(server: ClickHouseServer): StatusReader {
  return {
    status: (tables, range, signal) => readStatus(server, tables, range, signal),
    countVisibleRows: (tables, signal) => countVisibleRows(server, tables, signal),
  };
}

interface StatusRow {
  readonly table_name: TableName;
  readonly loaded_hours: string;
  readonly cleared_hours: string;
  readonly rejected_hours: string;
  readonly absent_hours: string;
  readonly pending_hours: string;
  readonly row_total: string;
  readonly quarantined_total: string;
  readonly first_s: string;
  readonly last_s: string;
}

async function readStatus(
  server: ClickHouseServer,
  tables: readonly TableName[],
  range: HourRange,
  signal?: AbortSignal,
): Promise<TableStatus[]> {
  const rows = await server.query<StatusRow>({
    sql: statusSql(server),
    doing: 'read the status',
    parameters: { tables, from: hourSeconds(range.from), hours: countHours(range) },
    signal,
  });
  const found = new Map(rows.map((row) => [row.table_name, row]));
  return tables.map((table) => tableStatus(table, found.get(table)));
}

function tableStatus(table: TableName, row: StatusRow | undefined): TableStatus {
  const loadedHours = Number(row?.loaded_hours ?? 0);
  const hourOf = (seconds: string | undefined): Hour | null =>
    loadedHours === 0 ? null : hourAt(Number(seconds) * 1000);
  return {
    table,
    loadedHours,
    clearedHours: Number(row?.cleared_hours ?? 0),
    rejectedHours: Number(row?.rejected_hours ?? 0),
    absentHours: Number(row?.absent_hours ?? 0),
    pendingHours: Number(row?.pending_hours ?? 0),
    rows: Number(row?.row_total ?? 0),
    quarantinedLines: Number(row?.quarantined_total ?? 0),
    firstHour: hourOf(row?.first_s),
    lastHour: hourOf(row?.last_s),
  };
}

/**
 * Facts of each (table, hour) from four places, one row each, then put together by GROUP BY: a join of 90,000 hours with
 * three tables costs more. The order of precedence is that of domain/coverage.ts.
 */
function statusSql(server: ClickHouseServer): string {
  const loads = server.name('loads');
  return `WITH in_force AS (
      SELECT groupArray((tables, hour_from, hour_to)) AS truncations FROM ${loads}
      WHERE ${inForceSql(loads)}
    ), facts AS (
      ${factsSql(server)}
    ), cells AS (
      SELECT f.table_name AS table_name, f.at AS at, max(f.asked) AS asked, max(f.loaded) AS loaded,
        sum(f.row_count) AS row_count, sum(f.bad_count) AS bad_count,
        groupArrayArray(f.seen) AS seen, groupArrayArray(f.rejected) AS rejected, max(f.absent) AS absent
      FROM facts AS f GROUP BY f.table_name, f.at
    )
    SELECT c.table_name AS table_name, countIf(c.loaded) AS loaded_hours,
      countIf(state = 'cleared') AS cleared_hours, countIf(state = 'rejected') AS rejected_hours,
      countIf(state = 'absent') AS absent_hours, countIf(state = 'pending') AS pending_hours,
      sum(c.row_count) AS row_total, sum(c.bad_count) AS quarantined_total,
      minIf(c.at, c.loaded) AS first_s, maxIf(c.at, c.loaded) AS last_s
    FROM (
      SELECT *, multiIf(loaded, 'loaded', NOT asked, 'not asked',
        arrayExists(t -> has(t.1, table_name) AND at >= toUnixTimestamp(t.2) AND at < toUnixTimestamp(t.3), truncations), 'cleared',
        absent, 'absent',
        hasAny(seen, rejected), 'rejected',
        'pending') AS state
      FROM cells CROSS JOIN in_force
    ) AS c GROUP BY c.table_name`;
}

function factsSql(server: ClickHouseServer): string {
  const loads = server.name('loads');
  const none = `CAST([], 'Array(Array(String))')`;
  return `SELECT arrayJoin({tables:Array(String)}) AS table_name, toUInt32({from:UInt32} + number * 3600) AS at,
        1 AS asked, 0 AS loaded, toUInt64(0) AS row_count, toUInt64(0) AS bad_count,
        ${none} AS seen, ${none} AS rejected, 0 AS absent
      FROM numbers({hours:UInt64})
      UNION ALL
      SELECT r.table_name, toUnixTimestamp(r.hour), 0, 1, any(r.rows), any(r.quarantined), ${none}, ${none}, 0
      FROM ${loads} AS r WHERE r.event = 'committed' AND r.table_name IN {tables:Array(String)}
        AND r.load_id IN (SELECT load_id FROM ${server.name('current_loads')}) GROUP BY r.table_name, r.hour, r.load_id
      UNION ALL
      SELECT s.table_name, toUnixTimestamp(s.hour), 0, 0, 0, 0,
        if(argMax(s.is_there, s.at_us), [argMax([s.object_key, s.object_etag], s.at_us)], ${none}), ${none},
        NOT argMax(s.is_there, s.at_us)
      FROM (${looksSql(server, 'table_name IN {tables:Array(String)}')}) AS s GROUP BY s.table_name, s.hour
      UNION ALL
      SELECT j.table_name, toUnixTimestamp(j.hour), 0, 0, 0, 0, ${none}, groupUniqArray([j.object_key, j.object_etag]), 0
      FROM ${loads} AS j WHERE j.event = 'rejected' AND j.table_name IN {tables:Array(String)} GROUP BY j.table_name, j.hour`;
}

async function countVisibleRows(
  server: ClickHouseServer,
  tables: readonly TableName[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<TableName, number>> {
  if (tables.length === 0) return new Map();
  const counts = tables.map(
    (table) => `SELECT '${table}' AS table_name, count() AS row_count FROM ${server.name(rawName(table))}
      WHERE _load IN (SELECT load_id FROM ${server.name('current_loads')} WHERE table_name = '${table}')`,
  );
  // Begins with the ledger, as the views do: its snapshot is to be older than those of the rows.
  const rows = await server.query<{ table_name: TableName; row_count: string }>({
    sql: `SELECT '' AS table_name, 0 AS row_count FROM ${server.name('loads')} WHERE 0 UNION ALL ${counts.join(' UNION ALL ')}`,
    doing: 'count the visible rows',
    signal,
    timeoutMs: COUNT_TIMEOUT_MS,
  });
  const counted = new Map(rows.map((row) => [row.table_name, Number(row.row_count)]));
  return new Map(tables.map((table) => [table, counted.get(table) ?? 0]));
}

/** A full scan of two small columns, of a billion rows at most. */
const COUNT_TIMEOUT_MS = 10 * 60_000;
