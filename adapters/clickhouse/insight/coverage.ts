/** Coverage, from the ledger and the sightings; the words come from domain/coverage.ts. */
import type { CoverageGrid, ReadOptions } from '../../../dashboard/reader.ts';
import type { TableName } from '../../../domain/catalogue.ts';
import { coverageState, type CoverageDay, type CoverageFacts, type CoverageState } from '../../../domain/coverage.ts';
import { countHours, hourAt, type HourRange } from '../../../domain/hour.ts';
import { looksSql } from '../looks.ts';
import { hourInRange, rangeParameters } from '../rows.ts';
import type { ClickHouseServer, Statement } from '../server.ts';
import { inForceSql } from '../views.ts';

/** What the state of a cell follows from, and its figures. */
interface FactsRow {
  readonly current: CoverageFacts['current'];
  readonly seen: CoverageFacts['seen'];
  readonly rejected: number;
  readonly cleared: number;
  readonly quarantined: string;
}

interface CellRow extends FactsRow {
  readonly table_name: TableName;
  readonly hour_s: number;
  readonly rows: string;
}

/** The cells of a day that have the same facts. */
interface DayRow extends FactsRow {
  /** 2024-04-10 */
  readonly day: string;
  readonly cells: string;
}

/** Every hour x table of the range, by hour, then in the order of the tables. */
export async function readCoverage(
  server: ClickHouseServer,
  tables: readonly TableName[],
  range: HourRange,
  options: ReadOptions = {},
): Promise<CoverageGrid> {
  const rows = await server.query<CellRow>({
    ...statementOf(tables, range, options),
    sql: `SELECT table_name, toUnixTimestamp(hour) AS hour_s, current, seen, rejected, cleared, rows, quarantined
      FROM (${factsSql(server)}) ORDER BY hour, indexOf({tables:Array(String)}, table_name)`,
  });
  return {
    cells: rows.map((row) => ({
      table: row.table_name,
      hour: hourAt(row.hour_s * 1000),
      state: stateOf(row),
      rows: Number(row.rows),
      quarantined: Number(row.quarantined),
    })),
  };
}

/** The same counted by day. ClickHouse counts cells by their facts: 23,000 hours of 4 tables are then 3,000 rows. */
export async function readCoverageDays(
  server: ClickHouseServer,
  tables: readonly TableName[],
  range: HourRange,
  options: ReadOptions = {},
): Promise<CoverageDay[]> {
  const rows = await server.query<DayRow>({
    ...statementOf(tables, range, options),
    sql: `SELECT toString(toDate(hour, 'UTC')) AS day, current, seen, rejected, cleared, sum(f.quarantined) AS quarantined, count() AS cells
      FROM (${factsSql(server)}) AS f GROUP BY day, current, seen, rejected, cleared ORDER BY day`,
  });
  const days = new Map<string, { day: string; states: Partial<Record<CoverageState, number>>; quarantined: number }>();
  for (const row of rows) {
    const entry = days.get(row.day) ?? { day: row.day, states: {}, quarantined: 0 };
    days.set(row.day, entry);
    const state = stateOf(row);
    entry.states[state] = (entry.states[state] ?? 0) + Number(row.cells);
    entry.quarantined += Number(row.quarantined);
  }
  return [...days.values()];
}

function statementOf(tables: readonly TableName[], range: HourRange, { signal }: ReadOptions): Omit<Statement, 'sql'> {
  const parameters = { tables, ...rangeParameters(range), hours: countHours(range) };
  return { doing: 'read the coverage', parameters, signal };
}

function stateOf({ current, seen, rejected, cleared }: FactsRow): CoverageState {
  return coverageState({ current, seen, rejected: rejected === 1, cleared: cleared === 1 });
}

/** What one source knows of a cell; `version` and `seen_version` are hashes of key and ETag, as texts would be most of the work. */
const UNKNOWN = {
  loaded: '0',
  empty: '0',
  rows: 'toUInt64(0)',
  quarantined: 'toUInt64(0)',
  version: 'toUInt64(0)',
  looked: '0',
  present: '0',
  seen_version: 'toUInt64(0)',
  rejected_versions: `CAST([], 'Array(UInt64)')`,
} as const;
const VERSION = 'sipHash64(object_key, object_etag)';

function known(what: Partial<Record<keyof typeof UNKNOWN, string>>): string {
  const columns = Object.entries({ ...UNKNOWN, ...what });
  return columns.map(([name, sql]) => `${sql} AS ${name}`).join(', ');
}

/**
 * A row per (table, hour) with the facts. One statement, so that all is of one snapshot of the ledger. A receipt may stand in the
 * ledger twice, so nothing is added up.
 */
function factsSql(server: ClickHouseServer): string {
  const loads = server.name('loads');
  const within = `${hourInRange()} AND table_name IN {tables:Array(String)}`;
  return `WITH in_force AS (
    SELECT groupArray((tables, hour_from, hour_to)) AS truncations FROM ${loads}
    WHERE ${inForceSql(loads)} AND hour_from < {to:DateTime('UTC')} AND hour_to > {from:DateTime('UTC')}
  )
  SELECT cell.*, arrayExists(t -> has(t.1, cell.table_name) AND cell.hour >= t.2 AND cell.hour < t.3, truncations) AS cleared
  FROM (
    SELECT table_name, hour, multiIf(NOT max(f.loaded), 'none', max(f.empty), 'empty', 'filled') AS current,
      multiIf(NOT max(f.looked), 'unknown', NOT max(f.present), 'absent', max(f.seen_version) = max(f.version), 'current', 'another') AS seen,
      max(f.present) AND has(groupArrayArray(f.rejected_versions), max(f.seen_version)) AS rejected,
      max(f.rows) AS rows, max(f.quarantined) AS quarantined
    FROM (
      SELECT toLowCardinality(arrayJoin({tables:Array(String)})) AS table_name, {from:DateTime('UTC')} + toIntervalHour(number) AS hour,
        ${known({})} FROM numbers({hours:UInt32})
      UNION ALL
      SELECT table_name, hour,
        ${known({ loaded: '1', empty: 'lines = 0', rows: 'rows', quarantined: 'quarantined', version: VERSION })}
      FROM ${loads} WHERE event = 'committed' AND ${within}
        AND load_id IN (SELECT load_id FROM ${server.name('current_loads')} WHERE ${within})
      UNION ALL
      SELECT table_name, hour,
        ${known({ looked: '1', present: 'argMax(look.is_there, look.at_us)', seen_version: `argMax(${VERSION}, look.at_us)` })}
      FROM (${looksSql(server, within)}) AS look GROUP BY table_name, hour
      UNION ALL
      SELECT table_name, hour, ${known({ rejected_versions: `groupUniqArray(${VERSION})` })}
      FROM ${loads} WHERE event = 'rejected' AND ${within} GROUP BY table_name, hour
    ) AS f GROUP BY table_name, hour
  ) AS cell CROSS JOIN in_force`;
}
