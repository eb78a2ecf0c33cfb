/**
 * The views over derived data, and the rule of the current events in SQL (in TypeScript: domain/events.ts, `eventsStates`).
 * They pin the ledger's snapshot as the views of the feed's tables do; see ../views.ts.
 */
import { EVENT_SOURCES, EVENTS_TABLE } from '../../../domain/events.ts';
import { MONTHS_TABLE } from '../../../domain/months.ts';
import { SESSIONS_TABLE } from '../../../domain/session-days.ts';
import type { Column } from '../columns.ts';
import { quoteIdentifier, quoteString } from '../sql.ts';
import { greatestLoad, standsSql, withTruncations, type Namer } from '../views.ts';
import { BI_VIEWS, biViewDdl } from './bi-views.ts';
import { DAY_COLUMNS } from './columns.ts';
import { pinnedRows, sessionsFrom, type SessionSource } from './session-source.ts';
import { sessionField } from './sessions-sql.ts';
import { VIEWED_TABLES, SESSION_DAYS, type ViewedTable } from './tables.ts';

/**
 * `events_state`: per hour the loads that its events should rest on, and the load of events that readers see.
 * Columns: hour, sources (0 where a table has no current load), load_id (0: none), fresh.
 */
export function eventsStateDdl(name: Namer): string {
  const newest = EVENT_SOURCES.map((table) => greatestLoad(`l.table_name = ${quoteString(table)}`));
  return `CREATE OR REPLACE VIEW ${name('events_state')} SQL SECURITY INVOKER AS
${withTruncations(name)}
SELECT hour, newest AS sources, best.2 AS load_id, best.1::Bool AS fresh
FROM (
    SELECT hour, newest,
      if(length(built) = 1 AND built[1].2 = newest AND newest[1] != 0, (true, built[1].1),
        arrayReduce('max', arrayPushFront(
          arrayMap(load -> (load.2 = newest, load.1),
            arrayFilter(load -> load.2[1] != 0 AND arrayAll(source -> source = 0 OR has(standing, source), load.2), built)),
          (false, toUInt64(0))))) AS best
    FROM (
        SELECT l.hour AS hour, [${newest.join(', ')}] AS newest,
          groupArrayIf(l.load_id, l.table_name NOT IN (${DERIVED_LOADS.map(quoteString).join(', ')})) AS standing,
          groupArrayIf((l.load_id, l.sources), l.table_name = '${EVENTS_TABLE}') AS built
        FROM ${name('loads')} AS l
        WHERE ${standsSql(name)}
        GROUP BY l.hour
    )
)
WHERE newest[1] != 0 OR best.2 != 0`;
}

/**
 * `days_state` (in TypeScript: domain/session-days.ts): per day the loads of events that readers see in its hours (sources), and
 * the load of sessions that rests on exactly these (load_id, 0 where none does).
 * @param within a condition on the column `hour` of both `events_state` and `loads`
 */
export function daysStateSql(name: Namer, within = '1'): string {
  return `SELECT seen.day AS day, seen.sources AS sources, ifNull(built.newest, 0) AS load_id
FROM (
    SELECT toStartOfDay(hour, 'UTC') AS day, arraySort(groupArray(load_id)) AS sources
    FROM ${name('events_state')} WHERE load_id != 0 AND (${within}) GROUP BY day
) AS seen
LEFT JOIN (${builtDaysSql(name, within)}) AS built ON built.day = seen.day AND built.sources = seen.sources`;
}

/** The newest load of sessions for each day and set of sources that it was built from. */
export function builtDaysSql(name: Namer, within = '1'): string {
  return `
    SELECT hour AS day, sources, max(load_id) AS newest FROM ${name('loads')}
    WHERE event = 'committed' AND table_name = '${SESSIONS_TABLE}' AND (${within})
      AND load_id NOT IN (SELECT load_id FROM ${name('loads')} WHERE event = 'abandoned' AND table_name = '${SESSIONS_TABLE}')
    GROUP BY hour, sources
`;
}

/** DDL of `days_state`. */
export function daysStateDdl(name: Namer): string {
  return `CREATE OR REPLACE VIEW ${name('days_state')} SQL SECURITY INVOKER AS
${daysStateSql(name)}`;
}

/** The view of a derived table: rows of the current loads. */
export function derivedViewDdl(name: Namer, table: ViewedTable): string {
  const state = name(table === SESSION_DAYS ? 'days_state' : 'events_state');
  const rows = pinnedRows(name, table, `_load IN (SELECT load_id FROM ${state} WHERE load_id != 0)`);
  return `CREATE OR REPLACE VIEW ${name(table.view)} (
    ${table.columns.map(columnOfView).join(',\n    ')}
) SQL SECURITY INVOKER AS
${rows.slice(1, -1)}`;
}

/** What the ledger calls the tables that are derived. */
const DERIVED_LOADS = [EVENTS_TABLE, SESSIONS_TABLE, MONTHS_TABLE];

/** Sessions over all time. */
export function allSessions(name: Namer): SessionSource {
  const days = (which: string): string => `SELECT day, arrayJoin(sources) FROM ${name('days_state')} WHERE ${which}`;
  const place = `(toStartOfDay(_hour, 'UTC'), _load)`;
  return {
    days: `_load IN (SELECT load_id FROM ${name('days_state')} WHERE load_id != 0)`,
    otherParts: `${place} IN (${days('load_id = 0')})`,
    partsOfDays: `${place} IN (${days('load_id != 0')})`,
    readsLedger: true,
  };
}

/** Columns of `sessions`; what else a session of a day has serves to put sessions together. */
const SESSION_COLUMNS = DAY_COLUMNS.filter(
  ({ name }) => !['first_line', 'latitude', 'longitude', 'closed', 'stray', '_hour', '_load'].includes(name),
);

/**
 * `sessions`: one row per session, over all time. A range cuts sessions at its begin; so does the reader, this view does not.
 * The columns are listed for their comments, and as ClickHouse would plan the query to find them, which takes 70 ms.
 */
export function sessionsViewDdl(name: Namer): string {
  const fields = SESSION_COLUMNS.map((column) => column.name).filter(
    (field) => field !== 'visitor' && field !== 'started_at',
  );
  return `CREATE OR REPLACE VIEW ${name('sessions')} (
    ${SESSION_COLUMNS.map(columnOfView).join(',\n    ')}
) SQL SECURITY INVOKER AS
SELECT visitor, session_started_at AS started_at, ${fields.join(', ')}
FROM (${sessionsFrom(name, allSessions(name), { fields: fields.map(sessionField) })})`;
}

/** Every view over derived data, each after those it stands on. */
export function insightViewsDdl(name: Namer): string[] {
  return [
    eventsStateDdl(name),
    daysStateDdl(name),
    ...VIEWED_TABLES.map((table) => derivedViewDdl(name, table)),
    sessionsViewDdl(name),
    ...BI_VIEWS.map((view) => biViewDdl(name, view)),
  ];
}

function columnOfView({ name, type, comment }: Column): string {
  return `${quoteIdentifier(name)} ${type} COMMENT ${quoteString(comment)}`;
}
