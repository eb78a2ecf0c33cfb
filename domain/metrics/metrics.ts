/**
 * The metrics, each defined once. Dashboard, CLI, BI views and docs are generated from here; a test holds each
 * against an independent computation.
 *
 * `sql` are aggregates over what the metric can be computed from; all give the same figure:
 * - `events`: the view `events`, one row per page view
 * - `parts`: the view `session_parts`, the hourly rollup: one row per run of page views of a visitor within an hour
 * - `sessions`: the view `sessions`
 */
import type { TableName } from '../catalogue.ts';
import { PURCHASE_PATH, SESSION_GAP_MINUTES } from './pages.ts';
import type { Text } from './text.ts';

export const METRIC_IDS = [
  'page_views',
  'visitors',
  'sessions',
  'pages_per_session',
  'bounce_rate',
  'purchases',
  'conversion',
  'new_visitors',
  'returning_visitors',
] as const;

/** One of {@link METRIC_IDS}. */
export type MetricId = (typeof METRIC_IDS)[number];

/** `count`: a whole number; `ratio`: pages for each session; `share`: 0 to 1, shown as percent. */
export type MetricUnit = 'count' | 'ratio' | 'share';

/** Views that metrics are computed from. */
export type MetricSource = 'events' | 'parts' | 'sessions';

/** One metric. */
export interface Metric {
  readonly id: MetricId;
  readonly name: Text;
  /** Meaning in one sentence. */
  readonly meaning: Text;
  readonly unit: MetricUnit;
  /** What to know before one relies on it; empty when nothing. */
  readonly caveat: Text;
  /** Which direction is good for the shop; neither of new and returning, which change with how much of the past is known. */
  readonly better: 'up' | 'down' | 'neither';
  readonly sql: Partial<Record<MetricSource, string>>;
  /** Tables besides that of the page views without which an hour says nothing of it: a count would be 0 and a share 0 %. */
  readonly needs: readonly TableName[];
}

const IS_PAGE_VIEW = `event_type = 'pageview'`;
/** `from` is a query parameter: the start of the range. */
const SEEN_BEFORE = `visitor IN (SELECT visitor FROM session_parts WHERE _hour < {from:DateTime('UTC')})`;
const VISITORS_CAVEAT: Text = {
  en: 'Cookies are counted, not people. Exact up to about 65,000, within 1 % above. Page views without a device line have no visitor.',
  ru: 'Считаются cookie, а не люди. До 65 000 — точно, выше — в пределах 1 %. У просмотров без строки устройства посетителя нет.',
};
const SESSIONS_CAVEAT: Text = {
  en: 'A session that runs across the start of the range counts from there. Page views without a device line belong to no session.',
  ru: 'Сессия, начатая до периода, считается с его начала. Просмотры без строки устройства не входят ни в одну сессию.',
};

const ALL: readonly Metric[] = [
  {
    id: 'page_views',
    name: { en: 'Page views', ru: 'Просмотры' },
    meaning: { en: 'Pages viewed.', ru: 'Число просмотренных страниц.' },
    needs: [],
    unit: 'count',
    better: 'up',
    caveat: {
      en: 'Events of another kind than pageview are not counted. An event id that is delivered twice counts twice; the scorecard shows how many.',
      ru: 'События других видов, кроме pageview, не считаются. Повторно доставленное событие считается дважды; сколько их — видно в оценке.',
    },
    sql: { events: `countIf(${IS_PAGE_VIEW})`, parts: 'sum(page_views)' },
  },
  {
    id: 'visitors',
    name: { en: 'Visitors', ru: 'Посетители' },
    meaning: {
      en: 'Different visitors (user_domain_id, the first-party cookie) that viewed a page.',
      ru: 'Разные посетители (user_domain_id, cookie домена), смотревшие страницы.',
    },
    needs: ['device_events'],
    unit: 'count',
    better: 'up',
    caveat: VISITORS_CAVEAT,
    sql: {
      events: `uniqIf(visitor, visitor != 0 AND ${IS_PAGE_VIEW})`,
      parts: 'uniqIf(visitor, visitor != 0)',
    },
  },
  {
    id: 'sessions',
    name: { en: 'Sessions', ru: 'Сессии' },
    meaning: {
      en: `Runs of page views of one visitor with no pause longer than ${SESSION_GAP_MINUTES} minutes.`,
      ru: `Серии просмотров одного посетителя без пауз длиннее ${SESSION_GAP_MINUTES} минут.`,
    },
    needs: ['device_events'],
    unit: 'count',
    better: 'up',
    caveat: SESSIONS_CAVEAT,
    sql: { sessions: 'count()' },
  },
  {
    id: 'pages_per_session',
    name: { en: 'Pages per session', ru: 'Страниц за сессию' },
    meaning: { en: 'Average number of page views in a session.', ru: 'Среднее число просмотров за сессию.' },
    needs: ['device_events'],
    unit: 'ratio',
    better: 'up',
    caveat: SESSIONS_CAVEAT,
    sql: { sessions: 'sum(page_views) / count()' },
  },
  {
    id: 'bounce_rate',
    name: { en: 'Bounce rate', ru: 'Отказы' },
    meaning: { en: 'Share of sessions with a single page view.', ru: 'Доля сессий с одним просмотром.' },
    needs: ['device_events'],
    unit: 'share',
    better: 'down',
    caveat: SESSIONS_CAVEAT,
    sql: { sessions: 'countIf(page_views = 1) / count()' },
  },
  {
    id: 'purchases',
    name: { en: 'Purchases', ru: 'Покупки' },
    meaning: { en: `Views of the page ${PURCHASE_PATH}.`, ru: `Просмотры страницы ${PURCHASE_PATH}.` },
    needs: ['location_events'],
    unit: 'count',
    better: 'up',
    caveat: {
      en: 'A page that is loaded again counts again; the feed has no order numbers or amounts.',
      ru: 'Повторная загрузка страницы считается снова; номеров и сумм заказов в потоке нет.',
    },
    sql: {
      events: `countIf(${IS_PAGE_VIEW} AND page_url_path = '${PURCHASE_PATH}')`,
      parts: 'sum(purchases)',
    },
  },
  {
    id: 'conversion',
    name: { en: 'Conversion', ru: 'Конверсия' },
    meaning: { en: 'Share of sessions with a purchase.', ru: 'Доля сессий с покупкой.' },
    needs: ['device_events', 'location_events'],
    unit: 'share',
    better: 'up',
    caveat: {
      en: `${SESSIONS_CAVEAT.en} Page views without a location line are no purchases: hours without that table lower it.`,
      ru: `${SESSIONS_CAVEAT.ru} Просмотры без строки о странице — не покупки: часы без этой таблицы занижают её.`,
    },
    sql: { sessions: 'countIf(purchases > 0) / count()' },
  },
  {
    id: 'new_visitors',
    name: { en: 'New visitors', ru: 'Новые посетители' },
    meaning: {
      en: 'Visitors of the range that the feed had not seen before the range.',
      ru: 'Посетители периода, которых в потоке до него не было.',
    },
    needs: ['device_events'],
    unit: 'count',
    better: 'neither',
    caveat: {
      en: 'Before the first hour of the feed nothing is known: at its start everybody is new. Visitors minus returning visitors.',
      ru: 'До первого часа потока ничего не известно: в его начале новые все. Посетители минус вернувшиеся.',
    },
    sql: { parts: `uniqIf(visitor, visitor != 0) - uniqIf(visitor, visitor != 0 AND ${SEEN_BEFORE})` },
  },
  {
    id: 'returning_visitors',
    name: { en: 'Returning visitors', ru: 'Вернувшиеся посетители' },
    meaning: {
      en: 'Visitors of the range that the feed had seen before the range.',
      ru: 'Посетители периода, которые были в потоке до него.',
    },
    needs: ['device_events'],
    unit: 'count',
    better: 'neither',
    caveat: VISITORS_CAVEAT,
    sql: { parts: `uniqIf(visitor, visitor != 0 AND ${SEEN_BEFORE})` },
  },
];

/** All metrics, by id. */
export const METRICS = Object.fromEntries(ALL.map((metric) => [metric.id, metric])) as Readonly<
  Record<MetricId, Metric>
>;

/** Whether the text is the id of a metric. */
export function isMetricId(text: string): text is MetricId {
  return (METRIC_IDS as readonly string[]).includes(text);
}
