/** Columns of the derived tables. */
import { CATALOGUE, type Field, type TableName } from '../../../domain/catalogue.ts';
import { VIEW_DIMENSIONS } from '../../../domain/metrics/dimensions.ts';
import { fieldType, SERVICE_COLUMNS, twinColumn, type Column } from '../columns.ts';

/** A column of `events_raw` that comes from a table of the feed. */
export interface EventColumn extends Column {
  readonly table: TableName;
  /** The column of `<table>_raw`: the twin for personal fields. */
  readonly source: string;
}

const JOINED: readonly { readonly table: TableName; readonly key: string }[] = [
  { table: 'location_events', key: 'event_id' },
  { table: 'device_events', key: 'click_id' },
  { table: 'geo_events', key: 'click_id' },
];

/** The tables joined to browser_events, and by which field. */
export const JOINED_TABLES = JOINED;

/** What every event has from its own line of browser_events, under the feed's names. */
export const BROWSER_COLUMNS: readonly EventColumn[] = CATALOGUE.browser_events.fields.map((field) =>
  eventColumn('browser_events', field, fieldType(field)),
);

/** What an event has from the joined tables; NULL where there was no line to join. Personal fields are the twins. */
export const JOINED_COLUMNS: readonly EventColumn[] = JOINED.flatMap(({ table, key }) =>
  CATALOGUE[table].fields
    .filter((field) => field.name !== key)
    .map((field) => eventColumn(table, field, nullable(twinColumn(field)?.type ?? fieldType(field)))),
);

/** Whether an event found its line, per joined table. */
export const FOUND_COLUMNS: readonly Column[] = JOINED.map(({ table, key }) => ({
  name: foundColumn(table),
  type: 'Bool',
  comment: `Whether ${table} of the same hour has a line of this ${key}`,
}));

const VISITOR: Column = {
  name: 'visitor',
  type: 'UInt64',
  comment: 'Hash of user_domain_id, the key of sessions and unique counts; 0 when the visitor is not known',
  codec: 'ZSTD(1)',
};

/** `_hour`, `_load`, `_line` as in the feed's tables. */
const PLACE = SERVICE_COLUMNS.filter(({ name }) => name !== '_extra');

/** All columns of `events_raw`. */
export const EVENTS_COLUMNS: readonly Column[] = [
  ...BROWSER_COLUMNS,
  ...JOINED_COLUMNS,
  ...FOUND_COLUMNS,
  VISITOR,
  ...PLACE,
];

const INSTANT = "DateTime64(6, 'UTC')";

const PAGES_TYPE = 'Array(LowCardinality(String))';
/** For what answers read and is large once unpacked. Over 6 million parts, pages and coordinates take 34 MiB more than with ZSTD, and pages and map a fifth less time. */
const FAST_CODEC = 'LZ4';

function plain(name: string, type: string, comment: string, codec = 'ZSTD(1)'): Column {
  return { name, type, comment, codec };
}

const DIMENSION_COLUMNS: readonly Column[] = VIEW_DIMENSIONS.map(({ id, meaning }) =>
  plain(id, 'LowCardinality(Nullable(String))', meaning.en.replace(/\.$/, '')),
);

/** Columns of `session_parts_raw`. The dimensions are those of every page view of the part: a change begins a new part. */
export const PART_COLUMNS: readonly Column[] = [
  { ...VISITOR, comment: `${VISITOR.comment}; such parts belong to no session` },
  plain('started_at', INSTANT, 'First page view of the part', 'Delta, ZSTD(1)'),
  plain('ended_at', INSTANT, 'Last page view of the part', 'Delta, ZSTD(1)'),
  plain('first_line', 'UInt64', 'Line of its first page view: orders parts that begin at the same instant'),
  plain('page_views', 'UInt32', 'Page views of the part'),
  plain('purchases', 'UInt32', 'Page views of /confirmation'),
  plain('pages', PAGES_TYPE, 'Paths of the pages in the order viewed; empty text where not known', FAST_CODEC),
  ...DIMENSION_COLUMNS,
  plain('latitude', 'Nullable(Float64)', 'Mean latitude of its page views, degrees', FAST_CODEC),
  plain('longitude', 'Nullable(Float64)', 'Mean longitude of its page views, degrees', FAST_CODEC),
  ...PLACE.filter(({ name }) => name !== '_line'),
];

/** Columns of `session_days_raw`: sessions of a day put together, as if the day were all there is. */
export const DAY_COLUMNS: readonly Column[] = [
  VISITOR,
  plain('started_at', INSTANT, 'First page view', 'Delta, ZSTD(1)'),
  plain('ended_at', INSTANT, 'Last page view', 'Delta, ZSTD(1)'),
  plain('first_line', 'UInt64', 'Line of its first page view'),
  plain('page_views', 'UInt32', 'Page views'),
  plain('purchases', 'UInt32', 'Page views of /confirmation'),
  plain('hour', "DateTime('UTC')", 'Hour in which it began', 'Delta, ZSTD(1)'),
  plain('pages', PAGES_TYPE, 'Paths of the pages in the order viewed; empty text where not known', FAST_CODEC),
  plain('entry_page', 'LowCardinality(String)', 'First page'),
  plain('exit_page', 'LowCardinality(String)', 'Last page'),
  plain('steps_reached', 'UInt8', 'Steps of the funnel reached in their order'),
  plain('products_bought', PAGES_TYPE, 'The last product page before each purchase; empty text where there was none'),
  ...DIMENSION_COLUMNS,
  plain('latitude', 'Nullable(Float64)', 'Latitude of its first part, degrees'),
  plain('longitude', 'Nullable(Float64)', 'Longitude of its first part, degrees'),
  plain(
    'closed',
    'Bool',
    'Whether no page view of another day can go on with it, unless its time lies outside that day',
  ),
  plain('stray', 'Bool', 'Whether a page view of it lies outside the day by its time'),
  plain('_hour', "DateTime('UTC')", 'First hour of the day'),
  plain('_load', 'UInt64', 'Load that stored the row; see loads'),
];

function placeOfMonth(loadCodec?: string): Column[] {
  return [
    plain('_hour', "DateTime('UTC')", 'First hour of the month'),
    plain('_load', 'UInt64', 'Load that stored the row; see loads', loadCodec),
  ];
}

/** Columns of `visitor_numbers_raw`. */
export const NUMBER_COLUMNS: readonly Column[] = [
  plain('visitor', 'UInt64', 'Hash of user_domain_id', FAST_CODEC),
  plain('number', 'UInt32', 'Counted from 0 over this month and those before it', FAST_CODEC),
  ...placeOfMonth(FAST_CODEC),
];

/** Columns of `month_values_raw`. */
export const MONTH_COLUMNS: readonly Column[] = [
  plain(
    'dimension',
    'LowCardinality(String)',
    'A dimension, or all: every page view; day: UTC; page: path; place: country and region as JSON',
  ),
  plain('value', 'LowCardinality(String)', 'The value; empty where it is not known'),
  plain('has_value', 'Bool', 'Whether the value is known'),
  plain('page_views', 'UInt64', 'Page views'),
  plain('purchases', 'UInt64', 'Page views of /confirmation'),
  plain('located_views', 'UInt64', 'Page views whose coordinates are known, of places'),
  plain('latitude_sum', 'Float64', 'Sum of their latitudes, degrees'),
  plain('longitude_sum', 'Float64', 'Sum of their longitudes, degrees'),
  plain('visitors', 'AggregateFunction(groupBitmap, UInt32)', 'Numbers of the visitors that are known', FAST_CODEC),
  ...placeOfMonth(),
];

/** The name of the column that says whether an event found its line in a joined table: `has_device`. */
export function foundColumn(table: TableName): string {
  return `has_${table.replace(/_events$/, '')}`;
}

function eventColumn(table: TableName, field: Field, type: string): EventColumn {
  const twin = twinColumn(field);
  return {
    name: field.name,
    type,
    comment: twin?.comment ?? field.comment,
    codec: 'ZSTD(1)',
    table,
    source: twin?.name ?? field.name,
  };
}

/** The type with NULL allowed, which LowCardinality carries inside. */
function nullable(type: string): string {
  const inner = /^LowCardinality\((.*)\)$/.exec(type)?.[1];
  if (inner !== undefined) return `LowCardinality(${nullable(inner)})`;
  return type.startsWith('Nullable(') ? type : `Nullable(${type})`;
}
