/**
 * The views for BI tools: a star of page views, sessions beside it, and their dimensions. Only types that every tool takes:
 * text for ids and keys, Int32, Float64, Date, DateTime. (Power BI reads UInt64 as binary.) Nothing personal.
 */
import { DIMENSIONS, VIEW_DIMENSIONS, type DimensionId } from '../../../domain/metrics/dimensions.ts';
import { PRODUCT_PREFIX, PURCHASE_PATH } from '../../../domain/metrics/pages.ts';
import { quoteIdentifier, quoteString } from '../sql.ts';
import type { Namer } from '../views.ts';

/** A column of a BI view. */
export interface BiColumn {
  readonly name: string;
  readonly type: 'String' | 'Int32' | 'Float64' | 'Date' | "DateTime('UTC')" | 'Nullable(Float64)';
  readonly comment: string;
  readonly sql: string;
}

/** A BI view. */
export interface BiView {
  readonly name: string;
  readonly comment: string;
  readonly columns: readonly BiColumn[];
  /** What follows FROM, given the names of views. */
  readonly from: (name: Namer) => string;
}

/** What stands where the feed knows no value: a dimension's keys must not be NULL. */
const UNKNOWN = '(not known)';

/** The dimensions of each dimension table; the key is a hash of their values. */
const SOURCE: readonly DimensionId[] = ['source', 'medium', 'campaign', 'content', 'referer', 'referer_medium'];
const DEVICE: readonly DimensionId[] = ['device', 'os', 'browser', 'language'];
const PLACE: readonly DimensionId[] = ['country', 'region'];

function column(name: string, type: BiColumn['type'], sql: string, comment: string): BiColumn {
  return { name, type, sql, comment };
}

/** The key of a dimension table. `columnOf` names the column that holds a dimension in what the view reads. */
function keySql(ids: readonly DimensionId[], columnOf: (id: DimensionId) => string): string {
  const values = ids.map((id) => `ifNull(toString(${columnOf(id)}), ${quoteString(UNKNOWN)})`);
  return `lower(hex(sipHash128(${values.join(', ')})))`;
}

function keys(columnOf: (id: DimensionId) => string): BiColumn[] {
  return [
    column('source_key', 'String', keySql(SOURCE, columnOf), 'Joins bi_sources'),
    column('device_key', 'String', keySql(DEVICE, columnOf), 'Joins bi_devices'),
    column('place_key', 'String', keySql(PLACE, columnOf), 'Joins bi_places'),
  ];
}

/** The column of `events` that holds a dimension. */
function eventColumn(id: DimensionId): string {
  return quoteIdentifier(VIEW_DIMENSIONS.find((dimension) => dimension.id === id)?.column ?? id);
}

const ownColumn = (id: DimensionId): string => quoteIdentifier(id);
const page = (sql: string): string => `if(ifNull(${sql}, '') = '', ${quoteString(UNKNOWN)}, toString(${sql}))`;

const PAGE_VIEWS: BiView = {
  name: 'bi_page_views',
  comment: 'Fact: one row per page view',
  columns: [
    column('page_view_id', 'String', `concat(toString(_load), '-', toString(_line))`, 'Identifies the row'),
    column('event_id', 'String', 'toString(event_id)', 'Event id of the feed'),
    column('date', 'Date', `toDate(_hour, 'UTC')`, 'Joins bi_dates: day of the hour that delivered the page view, UTC'),
    column('hour_of_day', 'Int32', `toInt32(toHour(_hour, 'UTC'))`, 'Hour of the day, UTC, 0 to 23'),
    column('viewed_at', "DateTime('UTC')", `toDateTime(event_timestamp, 'UTC')`, 'When the page was viewed, UTC'),
    column(
      'visitor_id',
      'String',
      `ifNull(toString(user_domain_id), ${quoteString(UNKNOWN)})`,
      'The visitor; count different ones',
    ),
    column('click_id', 'String', 'toString(click_id)', 'The click that began the visit'),
    column('page', 'String', page('page_url_path'), 'Joins bi_pages: path of the page'),
    ...keys(eventColumn),
    column(
      'purchases',
      'Int32',
      `toInt32(ifNull(page_url_path = '${PURCHASE_PATH}', 0))`,
      `1 for a view of ${PURCHASE_PATH}, else 0`,
    ),
  ],
  from: (name) => `${name('events')} WHERE event_type = 'pageview'`,
};

const SESSIONS: BiView = {
  name: 'bi_sessions',
  comment: 'Fact: one row per session, with source, device and place of its first page view',
  columns: [
    column(
      'session_id',
      'String',
      `concat(lower(hex(visitor)), '-', toString(toUnixTimestamp64Micro(started_at)))`,
      'Identifies the row',
    ),
    column('date', 'Date', `toDate(hour, 'UTC')`, 'Joins bi_dates: day of the hour in which the session began, UTC'),
    column('hour_of_day', 'Int32', `toInt32(toHour(hour, 'UTC'))`, 'Hour of the day in which the session began, UTC'),
    column('began_at', "DateTime('UTC')", `toDateTime(started_at, 'UTC')`, 'First page view'),
    column(
      'lasted_seconds',
      'Int32',
      `toInt32(dateDiff('second', started_at, ended_at))`,
      'From the first to the last page view',
    ),
    column('page_views', 'Int32', 'toInt32(page_views)', 'Page views of the session'),
    column('purchases', 'Int32', 'toInt32(purchases)', `Views of ${PURCHASE_PATH}`),
    column('bounces', 'Int32', 'toInt32(page_views = 1)', '1 for a session with a single page view, else 0'),
    column('buying_sessions', 'Int32', 'toInt32(purchases > 0)', '1 for a session with a purchase, else 0'),
    column('entry_page', 'String', page('entry_page'), 'First page'),
    column('exit_page', 'String', page('exit_page'), 'Last page'),
    ...keys(ownColumn),
  ],
  from: (name) => name('sessions'),
};

function dimensionView(name: string, comment: string, keyName: string, ids: readonly DimensionId[]): BiView {
  return {
    name,
    comment,
    columns: [
      column(keyName, 'String', keySql(ids, ownColumn), 'Key of the table'),
      ...ids.map((id) => {
        const sql = `ifNull(toString(${quoteIdentifier(id)}), ${quoteString(UNKNOWN)})`;
        return column(id, 'String', sql, DIMENSIONS[id].meaning.en.replace(/\.$/, ''));
      }),
    ],
    from: (namer) => `(SELECT DISTINCT ${ids.map(ownColumn).join(', ')} FROM ${namer('session_parts')})`,
  };
}

const PLACES: BiView = {
  ...dimensionView('bi_places', 'Countries and regions', 'place_key', PLACE),
  columns: [
    ...dimensionView('bi_places', '', 'place_key', PLACE).columns,
    column('latitude', 'Nullable(Float64)', 'latitude', 'Mean latitude of its page views, degrees'),
    column('longitude', 'Nullable(Float64)', 'longitude', 'Mean longitude of its page views, degrees'),
  ],
  from: (name) =>
    `(SELECT country, region, avg(latitude) AS latitude, avg(longitude) AS longitude FROM ${name('session_parts')} GROUP BY country, region)`,
};

const PAGES: BiView = {
  name: 'bi_pages',
  comment: 'Pages',
  columns: [
    column('page', 'String', page('path'), 'Key of the table: path of the page'),
    column(
      'kind',
      'String',
      `multiIf(path = '${PURCHASE_PATH}', 'purchase', startsWith(path, '${PRODUCT_PREFIX}'), 'product', 'other')`,
      'purchase, product or other',
    ),
  ],
  from: (name) => `(SELECT DISTINCT toString(arrayJoin(pages)) AS path FROM ${name('session_parts')})`,
};

const DATES: BiView = {
  name: 'bi_dates',
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

/** All BI views, facts first. */
export const BI_VIEWS: readonly BiView[] = [
  PAGE_VIEWS,
  SESSIONS,
  DATES,
  PAGES,
  dimensionView('bi_sources', 'Marketing sources and referers', 'source_key', SOURCE),
  dimensionView('bi_devices', 'Devices, operating systems, browsers and languages', 'device_key', DEVICE),
  PLACES,
];

/** DDL of a BI view. */
export function biViewDdl(name: Namer, view: BiView): string {
  const list = view.columns.map(
    (each) => `${quoteIdentifier(each.name)} ${each.type} COMMENT ${quoteString(each.comment)}`,
  );
  // Numbered, as an alias must not hide a column that another expression reads; the list above names the result by position.
  const inner = view.columns.map((each, index) => `${each.sql} AS c${index}`);
  const outer = view.columns.map((each, index) => `c${index} AS ${quoteIdentifier(each.name)}`);
  return `CREATE OR REPLACE VIEW ${name(view.name)} (
    ${list.join(',\n    ')}
) SQL SECURITY INVOKER AS
SELECT ${outer.join(', ')} FROM (SELECT ${inner.join(', ')} FROM ${view.from(name)})
COMMENT ${quoteString(view.comment)}`;
}
