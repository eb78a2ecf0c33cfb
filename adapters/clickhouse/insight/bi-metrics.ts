/** The metrics in SQL over the BI views, for BI tools that take SQL. A test holds each against an independent computation. */
import type { MetricId } from '../../../domain/metrics/metrics.ts';
import { UNKNOWN } from './bi-columns.ts';

/** An aggregate and the view that it is over. */
export interface BiMetric {
  readonly view: string;
  readonly sql: string;
}

const IS_KNOWN = `visitor_id != '${UNKNOWN}'`;
/** `from` is the first day of the range. */
const seenFirst = (when: string): string =>
  `uniqExactIf(visitor_id, ${IS_KNOWN} AND visitor_id IN (SELECT visitor_id FROM bi_visitors WHERE first_date ${when} {from:Date}))`;

/**
 * All metrics. Here a session belongs to the day in which it began, whatever the range; the dashboard cuts it at the start of
 * the range. New and returning are told by days.
 */
export const BI_METRICS: Readonly<Record<MetricId, BiMetric>> = {
  page_views: { view: 'bi_page_views', sql: 'count()' },
  visitors: { view: 'bi_page_views', sql: `uniqExactIf(visitor_id, ${IS_KNOWN})` },
  sessions: { view: 'bi_sessions', sql: 'count()' },
  pages_per_session: { view: 'bi_sessions', sql: 'sum(page_views) / count()' },
  bounce_rate: { view: 'bi_sessions', sql: 'sum(bounces) / count()' },
  purchases: { view: 'bi_page_views', sql: 'sum(purchases)' },
  conversion: { view: 'bi_sessions', sql: 'sum(buying_sessions) / count()' },
  new_visitors: { view: 'bi_page_views', sql: seenFirst('>=') },
  returning_visitors: { view: 'bi_page_views', sql: seenFirst('<') },
};
