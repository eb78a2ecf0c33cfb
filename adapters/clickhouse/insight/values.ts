/** Figures out of ClickHouse: a statement answers with rows of (kind, key, numbers), whatever the panel. */
import type { Basis, MetricValues } from '../../../dashboard/reader.ts';
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

/** The metrics of page views, told of sessions: what a filter on whole sessions needs. */
const OF_SESSIONS: Readonly<Partial<Record<MetricId, string>>> = {
  page_views: 'sum(page_views)',
  visitors: 'uniq(visitor)',
  purchases: 'sum(purchases)',
};

/** The expressions of metrics, in the order given. */
export function expressions(metrics: readonly MetricId[], source: MetricSource): string[] {
  return metrics.map((id) => {
    const sql = METRICS[id].sql[source] ?? (source === 'sessions' ? OF_SESSIONS[id] : undefined);
    if (sql === undefined) throw new RangeError(`Cannot compute ${id} from ${source}: expected another source`);
    return sql;
  });
}

/** A SELECT that answers with {@link ValueRow}s. `key` is SQL for text or NULL. */
export function selectValues(kind: string, key: string, numbers: readonly string[], from: string): string {
  const list = numbers.map((number) => `toFloat64(${number})`).join(', ');
  return `SELECT '${kind}' AS kind, CAST(${key}, 'Nullable(String)') AS key, [${list}] AS numbers FROM ${from}`;
}

/** Values by metric; what is not a number (a share of nothing) is left out. */
export function readValues(metrics: readonly MetricId[], numbers: readonly (number | null)[]): MetricValues {
  const entries = metrics.flatMap((id, index) => {
    const number = numbers[index];
    return number === null || number === undefined ? [] : [[id, number] as const];
  });
  return Object.fromEntries(entries);
}

/** What figures rest on: of `ended` hours those that readers see. */
export function basisOf(seen: readonly SeenHour[], ended: number): Basis {
  const count = (is: (hour: SeenHour) => boolean): number => seen.filter(is).length;
  return {
    hours: ended,
    hoursBuilt: seen.length,
    hoursStale: count(({ isStale }) => isStale),
    hoursIncomplete: count(({ isIncomplete }) => isIncomplete),
    hoursQuarantined: count(({ hasQuarantined }) => hasQuarantined),
    hoursComplete: count((hour) => !hour.isStale && !hour.isIncomplete && !hour.hasQuarantined),
  };
}
