/** The statements that build a month in the server, from the parts of sessions by literal load ids. */
import { VIEW_DIMENSIONS } from '../../../domain/metrics/dimensions.ts';
import { PURCHASE_PATH } from '../../../domain/metrics/pages.ts';
import { hourInRange } from '../rows.ts';
import { quoteList, quoteString } from '../sql.ts';
import type { Namer } from '../views.ts';
import { MONTH_VALUES, SESSION_PARTS, VISITOR_NUMBERS } from './tables.ts';

/** What `month_values_raw` tells values of, beside the dimensions of a page view. */
export const ALL_VIEWS = 'all';
export const DAY = 'day';
export const PAGE = 'page';
export const PLACE = 'place';

/** All that it tells values of. */
export const MONTH_DIMENSIONS: readonly string[] = [
  ALL_VIEWS,
  DAY,
  PAGE,
  PLACE,
  ...VIEW_DIMENSIONS.map(({ id }) => id),
];

/** A place as a value: country and region as JSON. */
export const PLACE_SQL = 'toJSONString((country, region))';

/** Of coordinates, what adds up: page views that have any, and sums over these. In the order of the columns of `month_values_raw`. */
export const COORDINATE_SUMS = {
  located_views: 'sumIf(page_views, isNotNull(latitude))',
  latitude_sum: sumOver('latitude'),
  longitude_sum: sumOver('longitude'),
} as const;

function sumOver(column: string): string {
  return `sumIf(assumeNotNull(${column}) * page_views, isNotNull(${column}))`;
}

/** Of {@link MONTH_DIMENSIONS} those with one value for all page views of a part, in SQL for text or NULL. Places have no set of visitors. */
const OF_PARTS: Readonly<Record<string, string>> = {
  [ALL_VIEWS]: "''",
  [DAY]: "toString(toStartOfDay(_hour, 'UTC'))",
  ...Object.fromEntries(VIEW_DIMENSIONS.map(({ id }) => [id, id])),
};

/** The set of visitors that have a number. */
export const VISITORS_SQL = 'groupBitmapStateIf(assumeNotNull(number), isNotNull(number))';

/** Parts, each with `number`: that of its visitor, NULL where it has none. @param numbers rows of `visitor` and `number` */
export function withNumbers(parts: string, numbers: string): string {
  return `(SELECT part.*, numbers.number AS number FROM ${parts} AS part
  LEFT JOIN (SELECT visitor, toNullable(number) AS number FROM ${numbers}) AS numbers ON numbers.visitor = part.visitor)`;
}

const NO_VISITORS = 'groupBitmapStateIf(toUInt32(0), 0)';

/** The parts of the month's hours. Parameters: `from`, `to`, `sources`. */
function partsOfMonth(name: Namer): string {
  return `${name(SESSION_PARTS.raw)} WHERE ${hourInRange('_hour')} AND _load IN {sources:Array(UInt64)}`;
}

/**
 * Numbers for visitors who come in this month for the first time, from the first that no month before it has given.
 * Parameters: `from`, `to`, `sources`, `build` (the new load), `chain` (the loads of the months before).
 */
export function insertNumbersSql(name: Namer): string {
  const given = `${name(VISITOR_NUMBERS.raw)} WHERE _load IN {chain:Array(UInt64)}`;
  const visitors = `SELECT visitor FROM ${partsOfMonth(name)} AND visitor != 0`;
  return `INSERT INTO ${name(VISITOR_NUMBERS.raw)} (visitor, number, _hour, _load)
SELECT visitor, (SELECT count() FROM ${given}) + row_number() OVER (ORDER BY visitor) - 1, toDateTime({from:UInt32}, 'UTC'), {build:UInt64}
FROM (SELECT DISTINCT visitor FROM (${visitors}) WHERE visitor NOT IN (SELECT visitor FROM ${given} AND visitor IN (${visitors})))`;
}

/** `month_values_raw`, once the numbers are there. Parameters as {@link insertNumbersSql}. */
export function insertMonthSql(name: Namer): string {
  const pairs = Object.entries(OF_PARTS).map(([id, sql]) => `(${quoteString(id)}, CAST(${sql}, 'Nullable(String)'))`);
  const columns = MONTH_VALUES.columns.map((column) => column.name);
  const sumsOf = columns.slice(columns.indexOf('page_views'), columns.indexOf('_hour'));
  const numbered = numberedParts(name);
  const select = (dimension: string, value: string, sums: readonly string[], from: string): string =>
    `SELECT ${dimension} AS dimension, ifNull(${value}, '') AS value, isNotNull(${value}) AS has_value,
  ${sums.map((sum, index) => `${sum} AS sum_${sumsOf[index]}`).join(', ')}, toDateTime({from:UInt32}, 'UTC'), {build:UInt64}
FROM ${from} GROUP BY dimension, value, has_value`;
  const noCoordinates = ['0', '0', '0'];
  return `INSERT INTO ${name(MONTH_VALUES.raw)} (${quoteList(columns)})
${select('pair.1', 'pair.2', ['sum(page_views)', 'sum(purchases)', ...noCoordinates, VISITORS_SQL], `${numbered} ARRAY JOIN [${pairs.join(', ')}] AS pair`)}
UNION ALL
${select(`'${PAGE}'`, 'seen', ['count()', `countIf(seen = '${PURCHASE_PATH}')`, ...noCoordinates, VISITORS_SQL], `${numbered} ARRAY JOIN CAST(pages, 'Array(String)') AS seen`)}
UNION ALL
${select(
  `'${PLACE}'`,
  PLACE_SQL,
  ['sum(page_views)', 'sum(purchases)', ...Object.values(COORDINATE_SUMS), NO_VISITORS],
  partsOfMonth(name),
)}`;
}

function numberedParts(name: Namer): string {
  const parts = partsOfMonth(name);
  const numbers = `${name(VISITOR_NUMBERS.raw)}
  WHERE (_load IN {chain:Array(UInt64)} OR _load = {build:UInt64}) AND visitor IN (SELECT visitor FROM ${parts})`;
  return withNumbers(`(SELECT * FROM ${parts})`, numbers);
}

/**
 * What is stored of a month, and what there must be by its parts. One row: `stored` (page views by dimension), `page_views`, `stored_visitors`,
 * `visitors`, and `in_order`: whether each new visitor has one number, and these go on from the chain's. Parameters as {@link insertNumbersSql}.
 */
export function countMonthSql(name: Namer): string {
  const values = `${name(MONTH_VALUES.raw)} WHERE _load = {build:UInt64}`;
  const numbers = name(VISITOR_NUMBERS.raw);
  const parts = partsOfMonth(name);
  return `SELECT
  (SELECT groupArray((of.dimension, of.views)) FROM (SELECT dimension, sum(page_views) AS views FROM ${values} GROUP BY dimension) AS of) AS stored,
  (SELECT sum(page_views) FROM ${parts}) AS page_views,
  (SELECT groupBitmapMerge(visitors) FROM ${values} AND dimension = '${ALL_VIEWS}') AS stored_visitors,
  (SELECT uniqExact(visitor) FROM ${parts} AND visitor != 0) AS visitors,
  (SELECT count() FROM ${numbers} WHERE _load IN {chain:Array(UInt64)}) AS given,
  (SELECT count() = 0 OR (uniqExact(visitor) = count() AND min(number) = given AND toUInt64(max(number)) + 1 = given + count())
    FROM ${numbers} WHERE _load = {build:UInt64}) AS in_order`;
}
