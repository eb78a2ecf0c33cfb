/** The dimensions of the BI views. Every key of a fact is in its dimension, once. */
import type { DimensionId } from '../../../domain/metrics/dimensions.ts';
import { PRODUCT_PREFIX, PURCHASE_PATH } from '../../../domain/metrics/pages.ts';
import type { Namer } from '../views.ts';
import {
  column,
  DEVICE,
  hashKey,
  known,
  meaningOf,
  ownColumn,
  PLACE,
  SOURCE,
  VISITOR_ID,
  type BiColumn,
  type BiView,
} from './bi-columns.ts';

const DATES: BiView = {
  name: 'bi_dates',
  kind: 'dimension',
  comment: 'The date table: every day from the first to the last with page views',
  columns: [
    column('date', 'Date', 'day', 'Key of the table: day, UTC'),
    column('year', 'Int32', 'toInt32(toYear(day))', 'Year'),
    column('quarter', 'Int32', 'toInt32(toQuarter(day))', 'Quarter, 1 to 4'),
    column('month', 'Int32', 'toInt32(toMonth(day))', 'Month, 1 to 12'),
    column('month_name', 'String', `dateName('month', day)`, 'Name of the month'),
    column('iso_week', 'Int32', 'toInt32(toISOWeek(day))', 'Week by ISO 8601'),
    column('weekday', 'Int32', 'toInt32(toDayOfWeek(day))', '1 Monday to 7 Sunday'),
    column('weekday_name', 'String', `dateName('weekday', day)`, 'Name of the weekday'),
    column('is_weekend', 'Int32', 'toInt32(toDayOfWeek(day) > 5)', '1 on Saturday and Sunday, else 0'),
  ],
  from: (name) =>
    `(SELECT first + arrayJoin(range(toUInt32(last - first + 1))) AS day FROM (SELECT toDate(min(hour), 'UTC') AS first, ` +
    `toDate(max(hour), 'UTC') AS last, count() AS hours FROM ${name('events_state')} WHERE load_id != 0) WHERE hours > 0)`,
};

const PAGES: BiView = {
  name: 'bi_pages',
  kind: 'dimension',
  comment: 'Pages',
  columns: [
    column('page_key', 'String', hashKey(['path']), 'Key of the table'),
    column('page', 'String', 'path', meaningOf('page')),
    column(
      'kind',
      'String',
      `multiIf(path = '${PURCHASE_PATH}', 'purchase', startsWith(path, '${PRODUCT_PREFIX}'), 'product', 'other')`,
      'purchase, product or other',
    ),
  ],
  from: (name) =>
    `(SELECT DISTINCT ${known('seen')} AS path FROM (SELECT arrayJoin(pages) AS seen FROM ${name('session_parts')}))`,
};

const VISITORS: BiView = {
  name: 'bi_visitors',
  kind: 'dimension',
  comment: 'Visitors; count those whose visitor_id is known',
  columns: [
    column('visitor_id', 'String', VISITOR_ID, 'Key of the table: the visitor, a hash'),
    column('first_date', 'Date', `toDate(first, 'UTC')`, 'Day on which the feed saw the visitor first, UTC'),
  ],
  from: (name) => `(SELECT visitor, min(_hour) AS first FROM ${name('session_parts')} GROUP BY visitor)`,
};

/** The parts' dimensions, known, by their ids. Named otherwise within, as an alias would hide the column. */
function knownParts(name: Namer, ids: readonly DimensionId[], more = ''): string {
  const values = ids.map((id, index) => `${known(ownColumn(id))} AS value_${index}`);
  const named = ids.map((id, index) => `value_${index} AS ${ownColumn(id)}`);
  return `(SELECT ${named.join(', ')}${more} FROM (SELECT *, ${values.join(', ')} FROM ${name('session_parts')})
GROUP BY ${ids.map((_, index) => `value_${index}`).join(', ')})`;
}

function dimensionColumns(keyName: string, ids: readonly DimensionId[]): BiColumn[] {
  return [
    column(keyName, 'String', hashKey(ids.map(ownColumn)), 'Key of the table'),
    ...ids.map((id) => column(id, 'String', ownColumn(id), meaningOf(id))),
  ];
}

function dimensionView(name: string, comment: string, keyName: string, ids: readonly DimensionId[]): BiView {
  return {
    name,
    kind: 'dimension',
    comment,
    columns: dimensionColumns(keyName, ids),
    from: (namer) => knownParts(namer, ids),
  };
}

/** As on the map: every page view counts once. */
function meanOf(coordinate: string): string {
  const mean = `sumIf(${coordinate} * page_views, isNotNull(${coordinate})) / sumIf(page_views, isNotNull(${coordinate}))`;
  return `if(countIf(isNotNull(${coordinate})) = 0, NULL, ${mean})`;
}

const PLACES: BiView = {
  name: 'bi_places',
  kind: 'dimension',
  comment: 'Countries and regions',
  columns: [
    ...dimensionColumns('place_key', PLACE),
    column('latitude', 'Nullable(Float64)', 'mean_latitude', 'Mean latitude of its page views, degrees'),
    column('longitude', 'Nullable(Float64)', 'mean_longitude', 'Mean longitude of its page views, degrees'),
  ],
  from: (name) =>
    knownParts(name, PLACE, `, ${meanOf('latitude')} AS mean_latitude, ${meanOf('longitude')} AS mean_longitude`),
};

/** All dimensions. */
export const BI_DIMENSIONS: readonly BiView[] = [
  DATES,
  PAGES,
  dimensionView('bi_sources', 'Marketing sources and referers', 'source_key', SOURCE),
  dimensionView('bi_devices', 'Devices, operating systems, browsers and languages', 'device_key', DEVICE),
  PLACES,
  VISITORS,
];
