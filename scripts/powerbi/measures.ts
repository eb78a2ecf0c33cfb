/** The metrics in DAX, beside their SQL in adapters/clickhouse/insight/bi-metrics.ts, and what the funnel and the products need. */
import { UNKNOWN } from '../../adapters/clickhouse/insight/bi-columns.ts';
import { METRIC_IDS, METRICS, type MetricId, type MetricUnit } from '../../domain/metrics/metrics.ts';
import { FUNNEL, FUNNEL_STEPS } from '../../domain/metrics/pages.ts';

/** A measure of the model. */
export interface Measure {
  readonly name: string;
  /** The table that it is listed under. */
  readonly table: string;
  readonly dax: string;
  readonly format: string;
  readonly description: string;
}

const FORMATS: Readonly<Record<MetricUnit, string>> = { count: '#,0', ratio: '#,0.00', share: '0.0%' };

const visitorsSeen = (when: string): string =>
  `CALCULATE(DISTINCTCOUNT(bi_page_views[visitor_id]), bi_page_views[visitor_id] <> "${UNKNOWN}"${when})`;
const firstSeen = (when: string): string =>
  `VAR FirstDay = MIN(bi_dates[date]) RETURN ${visitorsSeen(`, bi_visitors[first_date] ${when} FirstDay`)}`;

const DAX: Readonly<Record<MetricId, readonly [table: string, dax: string]>> = {
  page_views: ['bi_page_views', 'COUNTROWS(bi_page_views)'],
  visitors: ['bi_page_views', visitorsSeen('')],
  sessions: ['bi_sessions', 'COUNTROWS(bi_sessions)'],
  pages_per_session: ['bi_sessions', 'DIVIDE(SUM(bi_sessions[page_views]), COUNTROWS(bi_sessions))'],
  bounce_rate: ['bi_sessions', 'DIVIDE(SUM(bi_sessions[bounces]), COUNTROWS(bi_sessions))'],
  purchases: ['bi_page_views', 'SUM(bi_page_views[purchases])'],
  conversion: ['bi_sessions', 'DIVIDE(SUM(bi_sessions[buying_sessions]), COUNTROWS(bi_sessions))'],
  new_visitors: ['bi_page_views', firstSeen('>=')],
  returning_visitors: ['bi_page_views', firstSeen('<')],
};

const OF_SESSIONS =
  'A session belongs to the day in which it began. Page views without a device line belong to no session.';
const OF_VISITORS = 'Cookies are counted, not people. Page views without a device line have no visitor.';
/** Where something else is to be known than on the dashboard, which cuts sessions at the start of the range. */
const CAVEATS: Readonly<Partial<Record<MetricId, string>>> = {
  visitors: OF_VISITORS,
  sessions: OF_SESSIONS,
  pages_per_session: OF_SESSIONS,
  bounce_rate: OF_SESSIONS,
  conversion: OF_SESSIONS,
  returning_visitors: `Told by days. ${OF_VISITORS}`,
};

/** The measure of a metric. */
export function measureOf(id: MetricId): Measure {
  const { name, meaning, caveat, unit } = METRICS[id];
  const know = CAVEATS[id] ?? caveat.en;
  const [table, dax] = DAX[id];
  return { name: name.en, table, dax, format: FORMATS[unit], description: `${meaning.en} ${know}`.trim() };
}

/** Sessions that came to each step of the funnel, in its order. */
export const STEP_MEASURES: readonly Measure[] = FUNNEL_STEPS.map(({ id }, index) => ({
  name: `Reached ${id}`,
  table: 'bi_sessions',
  dax: `CALCULATE(COUNTROWS(bi_sessions), bi_sessions[steps_reached] >= ${index + 1})`,
  format: FORMATS.count,
  description: `${id}: ${FUNNEL.meaning.en}`,
}));

/** Purchases by what is known of them. */
export const PRODUCTS_MEASURE: Measure = {
  name: 'Products bought',
  table: 'bi_purchases',
  dax: 'COUNTROWS(bi_purchases)',
  format: FORMATS.count,
  description: 'Purchases, by the last product page that the session saw before.',
};

/** All measures. */
export const MEASURES: readonly Measure[] = [...METRIC_IDS.map(measureOf), ...STEP_MEASURES, PRODUCTS_MEASURE];
