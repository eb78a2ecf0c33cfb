/** The statements that build an hour's derived rows in the server, from the raw tables by literal load ids. */
import { SESSION_GAP_MINUTES, PURCHASE_PATH } from '../../../domain/metrics/pages.ts';
import { VIEW_DIMENSIONS } from '../../../domain/metrics/dimensions.ts';
import type { TableName } from '../../../domain/catalogue.ts';
import { rawName } from '../columns.ts';
import { quoteIdentifier, quoteList } from '../sql.ts';
import type { Namer } from '../views.ts';
import { BROWSER_COLUMNS, foundColumn, JOINED_COLUMNS, JOINED_TABLES } from './columns.ts';
import { IS_STRAY } from './session-source.ts';
import { sessionField, sessionsSql } from './sessions-sql.ts';
import { EVENTS, SESSION_DAYS, SESSION_PARTS } from './tables.ts';

const IN_HOURS = `_hour IN {hours:Array(DateTime('UTC'))}`;
const IN_BUILDS = `${IN_HOURS} AND _load IN {builds:Array(UInt64)}`;

/**
 * `events_raw`: one row per line of browser_events, with its location by event id and any one (the first) device and geo line of
 * its click. Parameters: `hours`, `spines` and `builds` (ids of the spine's loads and of the new loads, in the same order), and
 * the ids of each joined table under its name.
 */
export function insertEventsSql(name: Namer): string {
  const columns = [
    ...BROWSER_COLUMNS.map((column) => ({ name: column.name, from: `b.${quoteIdentifier(column.source)}` })),
    ...JOINED_COLUMNS.map((column) => ({
      name: column.name,
      from: `${column.table}.${quoteIdentifier(column.source)}`,
    })),
    ...JOINED_TABLES.map(({ table }) => ({ name: foundColumn(table), from: `isNotNull(${table}._line)` })),
    { name: 'visitor', from: 'ifNull(sipHash64(device_events.user_domain_id), 0)' },
    { name: '_hour', from: 'b._hour' },
    { name: '_load', from: `transform(b._load, {spines:Array(UInt64)}, {builds:Array(UInt64)})` },
    { name: '_line', from: 'b._line' },
  ];
  const joins = JOINED_TABLES.map(({ table, key }) => {
    return `LEFT JOIN (${firstLines(name, table, key)}) AS ${table} ON ${table}._hour = b._hour AND ${table}.${key} = b.${key}`;
  });
  return `INSERT INTO ${name(EVENTS.raw)} (${quoteList(columns.map((column) => column.name))})
SELECT ${columns.map((column) => column.from).join(', ')}
FROM (SELECT * FROM ${name(rawName('browser_events'))} WHERE ${IN_HOURS} AND _load IN {spines:Array(UInt64)}) AS b
${joins.join('\n')}`;
}

/** One line per key and hour: the first. */
function firstLines(name: Namer, table: TableName, key: string): string {
  const sources = JOINED_COLUMNS.filter((column) => column.table === table).map((column) => column.source);
  return `SELECT ${quoteList([key, '_hour', '_line', ...sources])} FROM ${name(rawName(table))}
  WHERE ${IN_HOURS} AND _load IN {${table}:Array(UInt64)} ORDER BY _hour, ${key}, _line LIMIT 1 BY _hour, ${key}`;
}

/** `session_parts_raw` from `events_raw`. Parameters: `hours`, `builds`. */
export function insertPartsSql(name: Namer): string {
  const ids = VIEW_DIMENSIONS.map(({ id }) => id);
  const dimensions = VIEW_DIMENSIONS.map(
    ({ id, column }) => `toNullable(toString(${quoteIdentifier(column)})) AS ${id}`,
  );
  // NULL differs from every text, the empty one too.
  const alike = `sipHash64(${ids.map((id) => `isNull(${id}), ifNull(${id}, '')`).join(', ')})`;
  const columns = [
    'visitor',
    'started_at',
    'ended_at',
    'first_line',
    'page_views',
    'purchases',
    'pages',
    ...ids,
    'latitude',
    'longitude',
  ];
  return `INSERT INTO ${name(SESSION_PARTS.raw)} (${quoteList([...columns, '_hour', '_load'])})
SELECT visitor, min(at), max(at), argMin(_line, (at, _line)), count(), countIf(page = '${PURCHASE_PATH}'),
  arrayMap(view -> view.3, arraySort(view -> (view.1, view.2), groupArray((at, _line, page)))), ${ids.join(', ')},
  avg(geo_latitude), avg(geo_longitude), _hour, _load
FROM (
  SELECT *, sum(begins) OVER (PARTITION BY _load, visitor ORDER BY at, _line ROWS UNBOUNDED PRECEDING) AS part
  FROM (
    SELECT *, alike != lagInFrame(alike) OVER earlier
      OR at > addMinutes(lagInFrame(at) OVER earlier, ${SESSION_GAP_MINUTES}) AS begins
    FROM (
      SELECT _hour, _load, _line, visitor, event_timestamp AS at, ifNull(page_url_path, '') AS page,
        ${dimensions.join(', ')}, geo_latitude, geo_longitude,
        ${alike} AS alike
      FROM ${name(EVENTS.raw)} WHERE ${IN_BUILDS} AND event_type = 'pageview'
    )
    WINDOW earlier AS (PARTITION BY _load, visitor ORDER BY at, _line ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  )
)
GROUP BY _hour, _load, visitor, part, ${ids.join(', ')}`;
}

/** Counts what is stored under the builds' ids, one row each. Parameters: `hours`, `builds`. */
export function countBuiltSql(name: Namer): string {
  return `SELECT load_id, sum(rows) AS rows, sum(distinct_lines) AS distinct_lines, sum(page_views) AS page_views, sum(parts) AS parts
FROM (
  SELECT _load AS load_id, count() AS rows, groupBitmap(_line) AS distinct_lines, countIf(event_type = 'pageview') AS page_views,
    0 AS parts FROM ${name(EVENTS.raw)} WHERE ${IN_BUILDS} GROUP BY _load
  UNION ALL
  SELECT _load, 0, 0, 0, sum(page_views) FROM ${name(SESSION_PARTS.raw)} WHERE ${IN_BUILDS} GROUP BY _load
)
GROUP BY load_id`;
}

const IN_DAYS = `_hour IN {days:Array(DateTime('UTC'))} AND _load IN {builds:Array(UInt64)}`;
const IN_SOURCES = `toStartOfDay(_hour, 'UTC') IN {days:Array(DateTime('UTC'))} AND _load IN {sources:Array(UInt64)}`;

/** `session_days_raw` from `session_parts_raw`. Parameters: `days` and `builds` (in the same order), `sources`. */
export function insertDaysSql(name: Namer): string {
  const computed = ['closed', 'stray', '_hour', '_load'];
  const fields = SESSION_DAYS.columns
    .map((column) => column.name)
    .filter((column) => ![...computed, 'visitor', 'started_at'].includes(column));
  const stray = { name: 'stray', sql: 'max(is_stray)', columns: [`${IS_STRAY} AS is_stray`], stored: '' };
  const sessions = sessionsSql(
    name(SESSION_PARTS.raw),
    [...fields.map(sessionField), stray],
    IN_SOURCES,
    `toStartOfDay(_hour, 'UTC')`,
  );
  const pause = `toIntervalMinute(${SESSION_GAP_MINUTES})`;
  return `INSERT INTO ${name(SESSION_DAYS.raw)} (${quoteList(['visitor', 'started_at', ...fields, ...computed])})
SELECT visitor, session_started_at, ${quoteList(fields)},
  session_started_at > within + ${pause} AND ended_at < within + toIntervalDay(1) - ${pause}, stray, within,
  transform(toUnixTimestamp(within), arrayMap(day -> toUnixTimestamp(day), {days:Array(DateTime('UTC'))}), {builds:Array(UInt64)}, toUInt64(0))
FROM (${sessions})`;
}

/** Page views stored in days under the builds' ids, and those there should be by the parts. Parameters as {@link insertDaysSql}. */
export function countDaysSql(name: Namer): string {
  return `SELECT toUnixTimestamp(day) AS day_s, sum(stored) AS stored, sum(expected) AS expected FROM (
  SELECT _hour AS day, sum(page_views) AS stored, 0 AS expected FROM ${name(SESSION_DAYS.raw)} WHERE ${IN_DAYS} GROUP BY day
  UNION ALL
  SELECT toStartOfDay(_hour, 'UTC'), 0, sum(page_views) FROM ${name(SESSION_PARTS.raw)} WHERE ${IN_SOURCES} AND visitor != 0 GROUP BY 1
) GROUP BY day`;
}
