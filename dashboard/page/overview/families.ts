/** Which question answers which metric. */
import { METRIC_IDS, type MetricId } from '../../../domain/metrics/metrics.ts';

/** What the reader calls the family of a question. */
export type Family = 'views' | 'sessions';

const VIEW_METRICS: readonly MetricId[] = ['page_views', 'visitors', 'purchases'];

/** Whether the metric comes with the fast questions. */
export function isViewMetric(metric: MetricId): boolean {
  return VIEW_METRICS.includes(metric);
}

/** The family of a metric. */
export function familyOf(metric: MetricId): Family {
  return isViewMetric(metric) ? 'views' : 'sessions';
}

/** Columns of a breakdown by family. */
export const BREAKDOWN_METRICS: Readonly<Record<Family, readonly MetricId[]>> = {
  views: VIEW_METRICS,
  sessions: ['sessions', 'pages_per_session', 'bounce_rate', 'conversion'],
};

/** The metrics that a chart over time has: all but those that depend on the range as a whole. */
export const SERIES_METRICS: readonly MetricId[] = METRIC_IDS.filter(
  (id) => id !== 'new_visitors' && id !== 'returning_visitors',
);
