/** The dimensions by which figures are broken down and filtered. Dashboard, CLI, BI views and docs take them from here. */
import type { TableName } from '../catalogue.ts';
import type { Text } from './text.ts';

export const DIMENSION_LEVELS = ['view', 'page', 'session', 'time', 'visitor'] as const;

/** One of {@link DIMENSION_LEVELS}. */
export type DimensionLevel = (typeof DIMENSION_LEVELS)[number];

/** What a dimension of each level is a property of. */
export const LEVEL_MEANINGS: Readonly<Record<DimensionLevel, string>> = {
  view: 'A property of a page view. A session has that of its first page view.',
  page: 'The page itself. A session has all pages that it saw.',
  session: 'Known only of a whole session. With a filter on it, all figures are those of the matching sessions.',
  time: 'The hour of the feed, UTC. A session has the hour in which it began.',
  visitor: 'Depends on the past of the visitor, and so on the range.',
};

/** Ids of all dimensions; they stand in URLs. */
export const DIMENSION_IDS = [
  'page',
  'entry_page',
  'exit_page',
  'product',
  'source',
  'medium',
  'campaign',
  'content',
  'referer',
  'referer_medium',
  'device',
  'os',
  'browser',
  'language',
  'country',
  'region',
  'weekday',
  'hour_of_day',
  'visitor_kind',
] as const;

/** One of {@link DIMENSION_IDS}. */
export type DimensionId = (typeof DIMENSION_IDS)[number];

/** One dimension. */
export interface Dimension {
  readonly id: DimensionId;
  readonly level: DimensionLevel;
  readonly name: Text;
  /** Meaning in one sentence. */
  readonly meaning: Text;
  /** Column of the view `events` that holds it, for the levels `view` and `page`. */
  readonly column?: string;
  /** Tables besides that of the page views without which an hour has no value of it. */
  readonly needs: readonly TableName[];
}

/** @param of the table of the feed and its column */
function viewDimension(
  id: DimensionId,
  of: [TableName, string],
  en: [string, string],
  ru: [string, string],
): Dimension {
  const [table, column] = of;
  return { ...otherDimension(id, 'view', en, ru), column, needs: table === 'browser_events' ? [] : [table] };
}

function otherDimension(id: DimensionId, level: DimensionLevel, en: [string, string], ru: [string, string]): Dimension {
  return { id, level, name: { en: en[0], ru: ru[0] }, meaning: { en: en[1], ru: ru[1] }, needs: NEEDS[level] };
}

/** What those of a level have in common. */
const NEEDS: Readonly<Record<DimensionLevel, readonly TableName[]>> = {
  view: [],
  page: ['location_events'],
  session: ['device_events', 'location_events'],
  time: [],
  visitor: ['device_events'],
};

const ALL: readonly Dimension[] = [
  {
    ...otherDimension(
      'page',
      'page',
      ['Page', 'Path of the page viewed.'],
      ['Страница', 'Путь просмотренной страницы.'],
    ),
    column: 'page_url_path',
  },
  otherDimension(
    'entry_page',
    'session',
    ['Entry page', 'First page of the session.'],
    ['Страница входа', 'Первая страница сессии.'],
  ),
  otherDimension(
    'exit_page',
    'session',
    ['Exit page', 'Last page of the session.'],
    ['Страница выхода', 'Последняя страница сессии.'],
  ),
  otherDimension(
    'product',
    'session',
    ['Product bought', 'Last product page that the session saw before the purchase.'],
    ['Купленный товар', 'Последняя страница товара, которую сессия видела перед покупкой.'],
  ),
  viewDimension(
    'source',
    ['location_events', 'utm_source'],
    ['Source', 'Marketing source (utm_source).'],
    ['Источник', 'Рекламный источник (utm_source).'],
  ),
  viewDimension(
    'medium',
    ['location_events', 'utm_medium'],
    ['Medium', 'Marketing medium (utm_medium).'],
    ['Канал', 'Рекламный канал (utm_medium).'],
  ),
  viewDimension(
    'campaign',
    ['location_events', 'utm_campaign'],
    ['Campaign', 'Marketing campaign (utm_campaign).'],
    ['Кампания', 'Рекламная кампания (utm_campaign).'],
  ),
  viewDimension(
    'content',
    ['location_events', 'utm_content'],
    ['Ad', 'Marketing content, such as the ad (utm_content).'],
    ['Объявление', 'Рекламное содержание, например объявление (utm_content).'],
  ),
  viewDimension(
    'referer',
    ['location_events', 'referer_url'],
    ['Referer', 'Host that led to the page.'],
    ['Реферер', 'Хост, с которого пришли на страницу.'],
  ),
  viewDimension(
    'referer_medium',
    ['location_events', 'referer_medium'],
    ['Kind of referer', 'Kind of referer: internal, search and so on.'],
    ['Вид реферера', 'Вид реферера: внутренний, поиск и так далее.'],
  ),
  viewDimension(
    'device',
    ['device_events', 'device_type'],
    ['Device', 'Mobile or computer.'],
    ['Устройство', 'Мобильное или компьютер.'],
  ),
  viewDimension(
    'os',
    ['device_events', 'os_name'],
    ['Operating system', 'Operating system family.'],
    ['Операционная система', 'Семейство операционной системы.'],
  ),
  viewDimension(
    'browser',
    ['browser_events', 'browser_name'],
    ['Browser', 'Browser family.'],
    ['Браузер', 'Семейство браузера.'],
  ),
  viewDimension(
    'language',
    ['browser_events', 'browser_language'],
    ['Language', 'Locale of the browser.'],
    ['Язык', 'Локаль браузера.'],
  ),
  viewDimension(
    'country',
    ['geo_events', 'geo_country'],
    ['Country', 'Country of the IP address, ISO 3166-1 alpha-2.'],
    ['Страна', 'Страна IP-адреса, ISO 3166-1 alpha-2.'],
  ),
  viewDimension(
    'region',
    ['geo_events', 'geo_region_name'],
    ['Region', 'Region or town of the IP address.'],
    ['Регион', 'Регион или город IP-адреса.'],
  ),
  otherDimension(
    'weekday',
    'time',
    ['Weekday', 'Day of the week of the hour, UTC; 1 is Monday.'],
    ['День недели', 'День недели часа, UTC; 1 — понедельник.'],
  ),
  otherDimension(
    'hour_of_day',
    'time',
    ['Hour of day', 'Hour of the day, UTC, 0 to 23.'],
    ['Час суток', 'Час суток, UTC, от 0 до 23.'],
  ),
  otherDimension(
    'visitor_kind',
    'visitor',
    ['New or returning', 'Whether the visitor was seen in the feed before the range: new or returning.'],
    ['Новые и вернувшиеся', 'Встречался ли посетитель в потоке до выбранного периода: new или returning.'],
  ),
];

/** All dimensions, by id. */
export const DIMENSIONS = Object.fromEntries(ALL.map((dimension) => [dimension.id, dimension])) as Readonly<
  Record<DimensionId, Dimension>
>;

/** The dimensions of the level `view`: what a page view carries besides its page. */
export const VIEW_DIMENSIONS = ALL.filter(
  (dimension): dimension is Dimension & { readonly column: string } =>
    dimension.level === 'view' && dimension.column !== undefined,
);

/** Whether a dimension is known of whole sessions only. */
export function hasSessionsOnly(dimension: DimensionId): boolean {
  return DIMENSIONS[dimension].level === 'session';
}

/** Whether the text is the id of a dimension. */
export function isDimensionId(text: string): text is DimensionId {
  return (DIMENSION_IDS as readonly string[]).includes(text);
}
