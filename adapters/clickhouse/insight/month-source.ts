/**
 * Page views of a range by value: from months up to the last day that is over, from parts of sessions for the other hours. Sets of
 * visitors are sets of numbers; whoever of the other hours has none is in no month.
 */
import type { PanelQuery } from '../../../dashboard/reader.ts';
import type { MetricId } from '../../../domain/metrics/metrics.ts';
import { quoteString } from '../sql.ts';
import { ALL_VIEWS, COORDINATE_SUMS, PAGE, PLACE, PLACE_SQL, VISITORS_SQL, withNumbers } from './month-build.ts';
import { pagesOf, type PanelSql } from './panel-sql.ts';
import type { MonthLoads } from './seen-loads.ts';
import { MONTH_VALUES, SESSION_PARTS, VISITOR_NUMBERS } from './tables.ts';
import { expressions, selectValues, type MetricSql } from './values.ts';

/** What is asked of months: keys are SQL for text or NULL. */
export interface MonthQuestion {
  /** What `month_values_raw` tells values of. */
  readonly dimension: string;
  /** Over its rows. */
  readonly monthKey: string;
  /** Over parts of sessions, the columns that it reads among them; of pages, over `page`. */
  readonly partKey: string;
  readonly partColumns: readonly string[];
}

/** The metrics over the rows of {@link fromMonths}. */
const OF_MONTHS = {
  page_views: 'sum(page_views)',
  visitors: 'groupBitmapMerge(visitors) + sum(unnumbered)',
  purchases: 'sum(purchases)',
} as const satisfies MetricSql;

/** The value of a row of months: text or NULL. */
export const MONTH_VALUE = 'if(has_value, toString(value), NULL)';

/**
 * A table expression with a row or several for each `key`, for {@link OF_MONTHS}; undefined where months are no help: with a filter,
 * or over few of them.
 */
function fromMonths(sql: PanelSql, query: PanelQuery, question: MonthQuestion): string | undefined {
  const loads = monthsOf(sql, query);
  if (loads === undefined) return undefined;
  const { dimension, monthKey, partKey } = question;
  const branches = [
    `SELECT ${asKey(monthKey)}, page_views, purchases, visitors, toUInt64(0) AS unnumbered FROM ${monthRows(sql, loads, dimension)}`,
  ];
  if (loads.otherHours.length > 0) {
    branches.push(`SELECT ${asKey(partKey)}, sum(page_views), sum(purchases), ${VISITORS_SQL}, uniqExactIf(visitor, visitor != 0 AND isNull(number))
FROM ${otherParts(sql, loads, question)} GROUP BY key`);
  }
  return `(${branches.join('\nUNION ALL ')})`;
}

/** A SELECT of values by `key`, as `selectValues` gives it; undefined as with {@link fromMonths}. */
export function valuesFromMonths(
  sql: PanelSql,
  query: PanelQuery,
  { kind, metrics, ...question }: MonthQuestion & { readonly kind: string; readonly metrics: readonly MetricId[] },
): string | undefined {
  const from = fromMonths(sql, query, question);
  return from && `${selectValues(kind, 'key', expressions(metrics, 'parts', OF_MONTHS), from)} GROUP BY key`;
}

/** SQL of how many visitors a range has, a number; undefined as with {@link fromMonths}. */
export function visitorsFromMonths(sql: PanelSql, query: PanelQuery): string | undefined {
  const question = { dimension: ALL_VIEWS, monthKey: "''", partKey: "''", partColumns: [] };
  const from = fromMonths(sql, query, question);
  return from && `assumeNotNull((SELECT ${OF_MONTHS.visitors} FROM ${from}))`;
}

/** Of a place: `views` and what its coordinates are the means of. */
export const PLACE_SUMS = [
  'sum(page_views) AS views',
  ...Object.entries(COORDINATE_SUMS).map(([name, sum]) => `${sum} AS ${name}`),
].join(', ');

/** Places with `views`, `located_views`, `latitude_sum` and `longitude_sum`, several rows for each `key`; undefined as with {@link fromMonths}. */
export function placesFromMonths(sql: PanelSql, query: PanelQuery): string | undefined {
  const loads = monthsOf(sql, query);
  if (loads === undefined) return undefined;
  const { otherHours, otherRanges } = loads;
  const branches = [
    `SELECT toString(value) AS key, page_views AS views, located_views, latitude_sum, longitude_sum FROM ${monthRows(sql, loads, PLACE)}`,
  ];
  if (otherHours.length > 0) {
    const parts = sql.rowsOf(SESSION_PARTS, { loads: otherHours, ranges: otherRanges });
    branches.push(`SELECT ${PLACE_SQL} AS key, ${PLACE_SUMS} FROM ${parts} GROUP BY key`);
  }
  return `(${branches.join('\nUNION ALL ')})`;
}

function monthsOf(sql: PanelSql, { range, filters }: PanelQuery): MonthLoads | undefined {
  return filters.length === 0 ? sql.seen.monthsIn(range) : undefined;
}

function asKey(key: string): string {
  return `CAST(${key}, 'Nullable(String)') AS key`;
}

function monthRows(sql: PanelSql, { months }: MonthLoads, dimension: string): string {
  // Two threads share the rows of a dimension: they are few, but each has a set of visitors.
  const settings = 'merge_tree_min_rows_for_concurrent_read = 1024, merge_tree_min_bytes_for_concurrent_read = 1048576';
  const first = `dimension = ${quoteString(dimension)}`;
  return sql.rowsOf(MONTH_VALUES, { loads: months, first, settings });
}

/** Parts of the other hours, each with the number of its visitor, or NULL. */
function otherParts(
  sql: PanelSql,
  { otherHours, otherRanges, numbers }: MonthLoads,
  { dimension, partColumns }: MonthQuestion,
): string {
  const rows = (columns: readonly string[]): string =>
    sql.rowsOf(SESSION_PARTS, { loads: otherHours, ranges: otherRanges, columns });
  const ofNumbers = sql.rowsOf(VISITOR_NUMBERS, {
    loads: numbers,
    columns: ['visitor', 'number'],
    first: `visitor IN (SELECT visitor FROM ${rows(['visitor'])})`,
  });
  const columns = [...new Set(['visitor', 'page_views', 'purchases', ...partColumns])];
  const numbered = withNumbers(rows(columns), ofNumbers);
  return dimension === PAGE ? pagesOf(numbered, ['number']) : numbered;
}
