/** Figures out of ClickHouse: a statement answers with rows of (kind, key, numbers), whatever the panel. */
import type { Basis, Filter, MetricValues } from '../../../dashboard/reader.ts';
import { DIMENSIONS } from '../../../domain/metrics/dimensions.ts';
import { METRICS, type MetricId, type MetricSource } from '../../../domain/metrics/metrics.ts';
import type { SeenHour } from './seen-loads.ts';

/** One row of an answer. */
export interface ValueRow {
  readonly kind: string;
  readonly key: string | null;
  readonly numbers: readonly (number | null)[];
}

export const VIEW_METRICS = ['page_views', 'visitors', 'purchases'] as const satisfies readonly MetricId[];
export const SESSION_METRICS = [
  'sessions',
  'pages_per_session',
  'bounce_rate',
  'conversion',
] as const satisfies readonly MetricId[];

/** SQL for metrics in place of that of their definition; it gives the same figures. */
export type MetricSql = Readonly<Partial<Record<MetricId, string>>>;

/** The metrics of page views, told of sessions: what a filter on whole sessions needs. */
const OF_SESSIONS: MetricSql = {
  page_views: 'sum(page_views)',
  visitors: 'uniq(visitor)',
  purchases: 'sum(purchases)',
};

/** Up to so many, an exact count takes less time than `uniq`. */
const EXACT_MAX = 131_072;

/**
 * For a row of numbers for each of many values that come in any order. One unique count for each would be written to here and there, out of
 * the reach of the processor's caches; so visitors are put down value by value, and then counted value by value. Values of up to
 * {@link EXACT_MAX} runs are counted exactly.
 */
export const BY_VALUE: MetricSql = {
  visitors: `if(length(groupArrayIf(visitor, visitor != 0) AS of_value) > ${EXACT_MAX}, arrayReduce('uniq', of_value), arrayUniq(of_value))`,
};

/**
 * For hours and days. They have few visitors each, which a plain set holds in less time than `uniq`, made to hold any number. Where they
 * have more than 65,000, it is exact where key figures of the same day are estimates.
 */
export const BY_SHORT_TIME: MetricSql = { visitors: 'uniqExactIf(visitor, visitor != 0)' };

/** The expressions of metrics, in the order given. @param faster what takes less time here than the definition */
export function expressions(metrics: readonly MetricId[], source: MetricSource, faster: MetricSql = {}): string[] {
  return metrics.map((id) => {
    const sql = faster[id] ?? METRICS[id].sql[source] ?? (source === 'sessions' ? OF_SESSIONS[id] : undefined);
    if (sql === undefined) throw new RangeError(`Cannot compute ${id} from ${source}: expected another source`);
    return sql;
  });
}

/** A SELECT that answers with {@link ValueRow}s. `key` is SQL for text or NULL. */
export function selectValues(kind: string, key: string, numbers: readonly string[], from: string): string {
  const list = numbers.map((number) => `toFloat64(${number})`).join(', ');
  return `SELECT '${kind}' AS kind, CAST(${key}, 'Nullable(String)') AS key, [${list}] AS numbers FROM ${from}`;
}

/** Values by metric, of those that are known; what is not a number (a share of nothing) is left out. */
export function readValues(
  metrics: readonly MetricId[],
  numbers: readonly (number | null)[],
  isKnown: (metric: MetricId) => boolean,
): MetricValues {
  const entries = metrics.flatMap((id, index) => {
    const number = numbers[index];
    return number === null || number === undefined || !isKnown(id) ? [] : [[id, number] as const];
  });
  return Object.fromEntries(entries);
}

/**
 * Tells whether hours say anything of a metric: at least one of them was built with all tables that it and the filters need. Else its
 * count would be 0 and its share 0 %, as if nothing had happened. A filter for what is not known needs no table: an hour without it passes.
 */
export function knownIn(seen: readonly SeenHour[], filters: readonly Filter[]): (metric: MetricId) => boolean {
  const ofFilters = filters.flatMap(({ dimension, value }) => (value === null ? [] : DIMENSIONS[dimension].needs));
  return (metric) => {
    const needed = [...METRICS[metric].needs, ...ofFilters];
    return seen.some(({ missing }) => !needed.some((table) => missing.includes(table)));
  };
}

/** What figures rest on: of `ended` hours those that readers see. */
export function basisOf(seen: readonly SeenHour[], ended: number): Basis {
  const count = (is: (hour: SeenHour) => boolean): number => seen.filter(is).length;
  return {
    hours: ended,
    hoursBuilt: seen.length,
    hoursStale: count(({ isStale }) => isStale),
    hoursIncomplete: count(({ missing }) => missing.length > 0),
    hoursQuarantined: count(({ hasQuarantined }) => hasQuarantined),
    hoursComplete: count((hour) => !hour.isStale && hour.missing.length === 0 && !hour.hasQuarantined),
  };
}
