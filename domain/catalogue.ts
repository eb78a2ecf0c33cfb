/**
 * The catalogue: the tables of the feed and their fields. Everything that knows a column knows it from here:
 * DDL, the INSERT statement, the exact path, the views, the docs. A new table or field is one entry here plus a migration.
 * Source of the fields and value shapes: 300 real page views of the feed.
 */

export const TABLE_NAMES = ['browser_events', 'device_events', 'geo_events', 'location_events'] as const;

/** The name of a table of the feed. */
export type TableName = (typeof TABLE_NAMES)[number];

/**
 * What a field holds, and so what is accepted:
 * - `uuid`: text of a UUID in 8-4-4-4-12 form; stored as UUID
 * - `timestamp`: text "YYYY-MM-DD HH:MM:SS" with up to 6 digits of fraction, UTC; stored as DateTime64(6,'UTC')
 * - `text`: a string; `category`: a string with few distinct values, stored as LowCardinality(String)
 * - `latitude`, `longitude`: a number, or a string holding a JSON number, in range, at most 17 significant digits; stored as Float64
 * - `boolean`: true, false, 1 or 0; stored as Bool
 */
export const FIELD_KINDS = ['uuid', 'timestamp', 'text', 'category', 'latitude', 'longitude', 'boolean'] as const;

/** One of {@link FIELD_KINDS}. */
export type FieldKind = (typeof FIELD_KINDS)[number];

/** How a personal field is made fit for readers: its stored twin. */
export type Disguise = 'hash' | 'truncate-ip';

/** One field of a table. */
export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  /** Whether it may be missing or null; then the column is Nullable and NULLs are counted. */
  readonly optional: boolean;
  /** Meaning in one sentence; also the comment of the ClickHouse column. */
  readonly comment: string;
  /** Set for personal data: readers get the twin column of the same name, the operator the original. */
  readonly personal?: Disguise;
}

/** One table of the feed. */
export interface Table {
  readonly name: TableName;
  readonly comment: string;
  readonly fields: readonly Field[];
  /** Columns behind `_hour` in the sort key. */
  readonly sortKey: readonly string[];
}

function required(name: string, kind: FieldKind, comment: string, personal?: Disguise): Field {
  return { name, kind, optional: false, comment, ...(personal ? { personal } : {}) };
}

function optional(name: string, kind: FieldKind, comment: string): Field {
  return { name, kind, optional: true, comment };
}

const CLICK_ID = required('click_id', 'uuid', 'The click that began the visit; joins browser, device and geo events');
const EVENT_ID = required('event_id', 'uuid', 'The page view; joins browser and location events');

const browserEvents: Table = {
  name: 'browser_events',
  comment: 'One line per page view: when, and with which browser',
  sortKey: ['event_timestamp'],
  fields: [
    EVENT_ID,
    required('event_timestamp', 'timestamp', 'When the page was viewed, UTC, to the microsecond'),
    required('event_type', 'category', 'Kind of event; the feed has only pageview so far'),
    CLICK_ID,
    required('browser_name', 'category', 'Browser family, such as Chrome'),
    required('browser_user_agent', 'text', 'User-Agent header as sent'),
    required('browser_language', 'category', 'Locale of the browser, such as or_IN'),
  ],
};

const deviceEvents: Table = {
  name: 'device_events',
  comment: 'The device behind a click; repeated on every page view of that click',
  sortKey: ['click_id'],
  fields: [
    CLICK_ID,
    required('os', 'text', 'Operating system as the device names it, with version'),
    required('os_name', 'category', 'Operating system family, such as iOS'),
    required('os_timezone', 'category', 'IANA time zone of the device'),
    required('device_type', 'category', 'Mobile or Computer'),
    required('device_is_mobile', 'boolean', 'Whether the device is mobile'),
    required('user_custom_id', 'text', 'The shop’s own id of the user; looks like an e-mail address', 'hash'),
    required('user_domain_id', 'uuid', 'The visitor: the first-party cookie of the domain'),
  ],
};

const geoEvents: Table = {
  name: 'geo_events',
  comment: 'Where a click came from, by its IP address; repeated on every page view of that click',
  sortKey: ['click_id'],
  fields: [
    CLICK_ID,
    optional('geo_latitude', 'latitude', 'Latitude in degrees, -90 to 90'),
    optional('geo_longitude', 'longitude', 'Longitude in degrees, -180 to 180'),
    optional('geo_country', 'category', 'ISO 3166-1 alpha-2 code of the country'),
    optional('geo_timezone', 'category', 'IANA time zone of the place'),
    optional('geo_region_name', 'category', 'Region or town'),
    required('ip_address', 'text', 'IP address of the visitor', 'truncate-ip'),
  ],
};

const locationEvents: Table = {
  name: 'location_events',
  comment: 'One line per page view: which page, and what led to it',
  sortKey: ['page_url_path'],
  fields: [
    EVENT_ID,
    required('page_url', 'category', 'Full URL of the page'),
    required('page_url_path', 'category', 'Path of the page, such as /cart'),
    optional('referer_url', 'category', 'Host that led to the page'),
    optional('referer_medium', 'category', 'Kind of referer: internal, search, ...'),
    optional('utm_medium', 'category', 'Marketing medium, such as cpc'),
    optional('utm_source', 'category', 'Marketing source, such as google'),
    optional('utm_content', 'category', 'Marketing content, such as ad_3'),
    optional('utm_campaign', 'category', 'Marketing campaign'),
  ],
};

/** All tables that the service knows, by name. */
export const CATALOGUE: Readonly<Record<TableName, Table>> = {
  browser_events: browserEvents,
  device_events: deviceEvents,
  geo_events: geoEvents,
  location_events: locationEvents,
};

/** Whether the text is the name of a table of the catalogue. */
export function isTableName(text: string): text is TableName {
  return (TABLE_NAMES as readonly string[]).includes(text);
}
