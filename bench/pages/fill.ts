/**
 * A feed of any length straight in ClickHouse: page views, the parts of their sessions and the ledger, as loading would have left
 * them. The tables of the feed stay empty but for their receipts, as no page reads them.
 */
import type { Attempt } from '../../activities/attempt.ts';
import { buildDays } from '../../activities/build-days.ts';
import { buildMonths } from '../../activities/build-months.ts';
import { createLoadIds, type ClickHouseServer } from '../../adapters/clickhouse/index.ts';
import { createEventsStore } from '../../adapters/clickhouse/insight/index.ts';
import { insertPartsSql } from '../../adapters/clickhouse/insight/build.ts';
import { addHours, countHours, hoursOf, type Hour, type HourRange } from '../../domain/hour.ts';
import { LOAD_ID_CLOCK_SHIFT } from '../../domain/load-id.ts';
import { PLACES } from '../../devstack/demo/places.ts';
import { hourSeconds } from '../../adapters/clickhouse/rows.ts';

/** Page views of an average visit. */
const VIEWS_PER_VISIT = 4.05;
/** Days of one build. */
const BUILD_DAYS = 64;
const MONTH_HOURS = 744;
const DAY_MS = 86_400_000;
/** In the order of `loads.sources`, then the page views; their index is part of the load id. */
const TABLES = ['browser_events', 'device_events', 'geo_events', 'location_events', 'events'] as const;

/** A feed to be made up. */
export interface FeedOfViews extends HourRange {
  readonly viewsPerHour: number;
}

/** Fills the tables of a database that was set up, a month at a time. */
export async function fill(server: ClickHouseServer, range: FeedOfViews, say: (line: string) => void): Promise<void> {
  const visits = Math.max(1, Math.round(range.viewsPerHour / VIEWS_PER_VISIT));
  for (const month of monthsOf(range)) {
    say(`page views from ${month.from}`);
    await run(server, viewsSql(server, month, range.to, visits), {});
  }
  for (const month of monthsOf(range)) {
    const hours = [...hoursOf(month)].map(hourSeconds);
    say(`parts of sessions from ${month.from}`);
    await run(server, insertPartsSql(server.name.bind(server)), { hours, builds: hours.map((at) => eventsLoadId(at)) });
  }
  say('ledger and sightings');
  await run(server, ledgerSql(server, range), {});
  await run(server, sightingsSql(server, range), {});
  for (const table of ['events_raw', 'session_parts_raw', 'loads', 'sightings']) {
    say(`merge ${table}`);
    await run(server, `OPTIMIZE TABLE ${server.name(table)} FINAL`, {});
  }
}

/** Puts the sessions of all days together, as `buildEvents` does. */
export async function fillDays(server: ClickHouseServer, range: HourRange): Promise<void> {
  const { days } = createEventsStore(server);
  const ports = { days, loadIds: createLoadIds(server), workerName: 'bench' };
  const attempt = benchAttempt();
  for (let built = 0; built < countHours(range); built += 24 * BUILD_DAYS) await buildDays(ports, range, attempt);
}

/** Tells months by value, as `buildMonths` did when the last day had just begun: its hours are read apart, as those of a day that runs. */
export async function fillMonths(server: ClickHouseServer): Promise<void> {
  const { months } = createEventsStore(server);
  const aDayAgo: typeof months = {
    ...months,
    state: async (signal) => {
      const state = await months.state(signal);
      return { ...state, serverNowMs: state.serverNowMs - DAY_MS };
    },
  };
  const ports = { months: aDayAgo, loadIds: createLoadIds(server), workerName: 'bench' };
  let monthsLeft = 1;
  while (monthsLeft > 0) ({ monthsLeft } = await buildMonths(ports, benchAttempt()));
}

function benchAttempt(): Attempt {
  const signal = new AbortController().signal;
  return { signal, remainingMs: () => 2 * DAY_MS, workflowId: 'bench', runId: 'bench', number: 1 };
}

function run(server: ClickHouseServer, sql: string, parameters: Record<string, unknown>): Promise<void> {
  const settings = { max_insert_block_size: '4000000', max_bytes_before_external_sort: '2000000000' };
  return server.command({ sql, doing: 'fill the tables', parameters, timeoutMs: Infinity, settings });
}

function monthsOf(range: HourRange): HourRange[] {
  const months: HourRange[] = [];
  for (let from: Hour = range.from; from < range.to; from = addHours(from, MONTH_HOURS)) {
    const to = addHours(from, MONTH_HOURS);
    months.push({ from, to: to < range.to ? to : range.to });
  }
  return months;
}

/** SQL for the id of a table's load of an hour, given in seconds: begun 65 minutes after the hour. */
function loadIdSql(at: string, table: string): string {
  return `bitShiftLeft(toUInt64(${at} + 3900) * 1000 + ${table}, ${LOAD_ID_CLOCK_SHIFT})`;
}

function eventsLoadId(at: number): bigint {
  return (BigInt(at + 3900) * 1000n + BigInt(TABLES.length)) << 22n;
}

/** Of 1,000 hours: 15 without any table, 13 more without device_events. */
const HOUR_FATE = `cityHash64(toUnixTimestamp(_hour), 'fate') % 1000`;
const IS_ABSENT = `${HOUR_FATE} < 15`;
const HAS_DEVICE = `${HOUR_FATE} >= 28`;

/** A number from 0 to 1, different for each `salt`. */
function chance(...salt: readonly string[]): string {
  return `((cityHash64(${salt.join(', ')}) % 1000000 + 0.5) / 1000000)`;
}

function pick(values: readonly string[], ...salt: readonly string[]): string {
  return `['${values.join("', '")}'][1 + cityHash64(${salt.join(', ')}) % ${values.length}]`;
}

/** Where each page leads: twenty equally likely next pages; 1 home, 2 and 3 products, 4 cart, 5 payment, 6 confirmation. */
const PAGES = ['/home', '/product_a', '/product_b', '/cart', '/payment', '/confirmation'];
const NEXT = [
  [2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 1, 1, 1, 1, 2, 3, 4, 1],
  [1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 2, 4, 4, 4, 4, 4, 4, 2],
  [1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 4, 4, 4, 4, 4, 4, 3],
  [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5],
  [6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 4, 4, 4, 4, 1, 1, 2, 3, 5, 5],
  [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 1, 1],
];

/** Visits of a month: who comes when, with what, and which pages in which second. Some run into the next hour. */
function visitsSql(month: HourRange, visits: number): string {
  const start = hourSeconds(month.from);
  const rhythm = `(1 + 0.6 * sin(2 * pi() * (toHour(h) - 9) / 24)) * if(toDayOfWeek(h) > 5, 0.8, 1.08)`;
  const noise = `(0.9 + 0.2 * ${chance('toUnixTimestamp(h)', "'noise'")})`;
  return `SELECT h, visit, cityHash64(toUnixTimestamp(h), visit) AS id,
  -- A little more than half come for the first time; the others are many times as likely to be one of the regulars.
  if(id % 100 < 55, id, cityHash64('regular', floor(pow(${chance('id', '1')}, 3) * 400000))) AS person,
  least(60, 1 + floor(-log(${chance('id', '2')}) * 3.55)) AS length,
  arrayCumSum(arrayMap(i -> if(i = 0, cityHash64(id, 3) % 3600000000, toUInt64(-log(${chance('id', 'i', '4')}) * 50000000)), range(toUInt64(length)))) AS offsets,
  arrayFold((pages, i) -> arrayPushBack(pages, toUInt8(${JSON.stringify(NEXT)}[pages[-1]][1 + cityHash64(id, i, 5) % 20])),
    range(1, toUInt64(length)), [toUInt8([1, 1, 1, 1, 1, 1, 2, 2, 3, 4][1 + cityHash64(id, 6) % 10])]) AS pages
FROM (SELECT fromUnixTimestamp(toUInt32(${start} + number * 3600)) AS h FROM numbers(${countHours(month)}))
ARRAY JOIN range(toUInt64(round(${visits} * ${rhythm} * ${noise}))) AS visit`;
}

function viewsSql(server: ClickHouseServer, month: HourRange, end: Hour, visits: number): string {
  const device = (value: string): string => `if(${HAS_DEVICE}, ${value}, NULL)`;
  const columns: Readonly<Record<string, string>> = {
    event_id: `reinterpretAsUUID(sipHash128(id, number))`,
    event_timestamp: 'at',
    event_type: `'pageview'`,
    click_id: `reinterpretAsUUID(sipHash128(id))`,
    browser_name: pick(
      ['Chrome', 'Chrome', 'Firefox', 'Firefox', 'Safari', 'Opera', 'InternetExplorer'],
      'person',
      '11',
    ),
    browser_user_agent: `concat('Mozilla/5.0 (Linux; Android ', toString(person % 12), '.', toString(person % 7), ') AppleWebKit/53', toString(person % 8), '.2 (KHTML, like Gecko) Chrome/', toString(person % 90), '.0.', toString(person % 900), '.0 Safari/531.2')`,
    browser_language: `concat(${pick(['en', 'de', 'fr', 'es', 'pt', 'ru', 'pl', 'sv', 'it', 'ja'], 'person', '12')}, '_', ${pick(['US', 'GB', 'DE', 'FR', 'ES', 'BR', 'RU', 'IN'], 'person', '13')})`,
    page_url: `concat('http://www.example.com', page)`,
    page_url_path: 'page',
    referer_url: pick(
      ['www.google.com', 'www.facebook.com', 'www.instagram.com', 'www.bing.com', 'www.yandex.com'],
      'id',
      '14',
    ),
    referer_medium: pick(['internal', 'search'], 'id', '15'),
    utm_medium: pick(['organic', 'cpc', 'social', 'email'], 'id', '16'),
    utm_source: pick(['google', 'google', 'facebook', 'instagram', 'bing', 'yandex'], 'id', '17'),
    utm_content: pick(['ad_1', 'ad_2', 'ad_3', 'ad_4', 'ad_5'], 'id', '18'),
    utm_campaign: pick(['campaign_1', 'campaign_2'], 'id', '19'),
    os: device(`concat('Android ', toString(person % 12), '.', toString(person % 7))`),
    os_name: device(pick(['iOS', 'iOS', 'Android', 'Android', 'MacOS', 'Windows', 'Linux'], 'person', '20')),
    os_timezone: device(`'Europe/Berlin'`),
    device_type: device(pick(['Mobile', 'Mobile', 'Computer'], 'person', '21')),
    device_is_mobile: device(`person % 2 = 0`),
    user_custom_id: device('hex(SHA256(toString(person)))'),
    user_domain_id: device('cookie'),
    geo_latitude: 'toFloat64(place.1)',
    geo_longitude: 'toFloat64(place.2)',
    geo_country: 'place.3',
    geo_timezone: 'place.4',
    // Ten regions around each place: a real feed knows several hundred.
    geo_region_name: `concat(place.5, if(person % 10 = 0, '', concat(' ', toString(person % 10))))`,
    ip_address: `concat(toString(person % 223 + 1), '.', toString(intDiv(person, 223) % 256), '.', toString(intDiv(person, 57088) % 4), '.0')`,
    has_location: 'true',
    has_device: HAS_DEVICE,
    has_geo: 'true',
    visitor: `if(${HAS_DEVICE}, sipHash64(cookie), 0)`,
    _hour: '_hour',
    _load: loadIdSql('toUnixTimestamp(_hour)', String(TABLES.length)),
    _line: 'visit * 64 + number + if(_hour = h, 0, 100000)',
  };
  return `INSERT INTO ${server.name('events_raw')} (${Object.keys(columns).join(', ')})
SELECT ${Object.values(columns).join(', ')} FROM (
  SELECT h, visit, id, person, number, at, page, toStartOfHour(at) AS _hour, reinterpretAsUUID(sipHash128(person, 'cookie')) AS cookie,
    ${placesSql()}[1 + cityHash64(person, 22) % ${PLACES.length}] AS place
  FROM (
    SELECT h, visit, id, person, number, ['${PAGES.join("', '")}'][pages[number]] AS page,
      fromUnixTimestamp64Micro(toInt64(toUnixTimestamp(h) * 1000000 + offsets[number]), 'UTC') AS at
    FROM (${visitsSql(month, visits)}) ARRAY JOIN arrayEnumerate(pages) AS number
  )
) WHERE NOT ${IS_ABSENT} AND at < fromUnixTimestamp(${hourSeconds(end)})`;
}

function placesSql(): string {
  const text = (value: string): string => `'${value.replaceAll("'", "\\'")}'`;
  return `[${PLACES.map(([{ latitude, longitude, country, timezone, region }]) => {
    return `(${[latitude, longitude, country, timezone, region].map(text).join(', ')})`;
  }).join(', ')}]`;
}

/** Hours of the range by table: seconds, 1 to 5, and how many page views the hour has. */
function hoursSql(server: ClickHouseServer, range: HourRange): string {
  return `SELECT hours._hour AS _hour, t, views.rows AS rows FROM (
    SELECT fromUnixTimestamp(toUInt32(${hourSeconds(range.from)} + number * 3600)) AS _hour, arrayJoin([1, 2, 3, 4, 5]) AS t
    FROM numbers(${countHours(range)})) AS hours
  LEFT JOIN (SELECT _hour, count() AS rows FROM ${server.name('events_raw')} GROUP BY _hour) AS views USING (_hour)
  WHERE NOT ${IS_ABSENT} AND (t != 2 OR ${HAS_DEVICE})`;
}

const OBJECT_KEY = `concat('feed/year=', toString(toYear(_hour)), '/', toString(_hour), '/', ['${TABLES.join("', '")}'][t], '.jsonl.zip')`;
/** Of ten hours one has a few quarantined lines. */
const QUARANTINED = `if(t < 5 AND cityHash64(toUnixTimestamp(_hour), t) % 40 = 0, 3, 0)`;

function ledgerSql(server: ClickHouseServer, range: HourRange): string {
  const at = 'toUnixTimestamp(_hour)';
  const columns: Readonly<Record<string, string>> = {
    event: `'committed'`,
    table_name: `['${TABLES.join("', '")}'][t]`,
    hour: '_hour',
    load_id: loadIdSql(at, 't'),
    object_key: `if(t = 5, '', ${OBJECT_KEY})`,
    object_etag: `if(t = 5, '', lower(hex(sipHash128(_hour, t))))`,
    object_size_bytes: 'if(t = 5, 0, rows * 60)',
    object_modified: `if(t = 5, fromUnixTimestamp64Milli(0), fromUnixTimestamp64Milli(toInt64((${at} + 3600 + cityHash64(_hour, t) % 600) * 1000)))`,
    crc32: 'toUInt32(cityHash64(_hour, t))',
    entry_size_bytes: 'rows * 300',
    lines: `rows + ${QUARANTINED}`,
    rows: 'rows',
    quarantined: QUARANTINED,
    nulls: `if(t = 4, map('referer_url', toUInt64(2)), map())`,
    sources: `if(t = 5, [${[1, 2, 3, 4].map((source) => (source === 2 ? `if(${HAS_DEVICE}, ${loadIdSql(at, '2')}, 0)` : loadIdSql(at, String(source)))).join(', ')}], [])`,
    workflow_id: `concat('load/', toString(_hour))`,
    run_id: 'toString(reinterpretAsUUID(sipHash128(_hour)))',
    attempt: '1',
    worker: `'worker-1'`,
    recorded_at: `fromUnixTimestamp64Micro(toInt64((${at} + 3902) * 1000000), 'UTC')`,
  };
  return `INSERT INTO ${server.name('loads')} (${Object.keys(columns).join(', ')})
SELECT ${Object.values(columns).join(', ')} FROM (${hoursSql(server, range)})`;
}

function sightingsSql(server: ClickHouseServer, range: HourRange): string {
  return `INSERT INTO ${server.name('sightings')} (table_name, hour, present, object_key, object_etag)
SELECT ['${TABLES.join("', '")}'][t], _hour, true, ${OBJECT_KEY}, lower(hex(sipHash128(_hour, t)))
FROM (${hoursSql(server, range)}) WHERE t < 5`;
}
