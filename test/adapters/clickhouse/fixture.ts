/** A database that setup has made, the ports over it, and rows in the likeness of the feed. */
import { inject } from 'vitest';
import { ClickHouseServer, createLoadPorts, setup } from '../../../adapters/clickhouse/index.ts';
import type { Ledger, Warehouse } from '../../../activities/ports.ts';
import type { TableName } from '../../../domain/catalogue.ts';
import { parseHour, type Hour } from '../../../domain/hour.ts';
import type { Receipt } from '../../../domain/ledger.ts';
import { lineMark } from '../../../domain/line-mark.ts';
import { composeLoadId, type LoadId } from '../../../domain/load-id.ts';
import { cleanUpLater } from '../../support/cleanup.ts';
import { createDatabase, type TestDatabase } from '../../support/clickhouse.ts';
import type { TestStack } from '../../support/stack.ts';

/** What most tests here begin with. */
export interface Fixture {
  readonly database: TestDatabase;
  readonly server: ClickHouseServer;
  readonly warehouse: Warehouse;
  readonly ledger: Ledger;
}

/** A signal that never comes. */
export const SIGNAL = new AbortController().signal;

export const HOUR = parseHour('2024-04-10T23');

/** A database of the test's own, set up. */
export async function createFixture(stack: TestStack['clickhouse'] = inject('stack').clickhouse): Promise<Fixture> {
  const database = await createDatabase(stack);
  const server = connect(database.name, stack);
  await setup(server);
  return { database, server, ...createLoadPorts(server) };
}

/** The product's connection to a database. */
export function connect(
  database: string,
  { url, user, password }: TestStack['clickhouse'] = inject('stack').clickhouse,
): ClickHouseServer {
  const server = new ClickHouseServer({ url, user, password, database });
  cleanUpLater(() => server.close());
  return server;
}

let counter = 0;

/** A load id later than all before. */
export function nextLoadId(clockMs = 1_700_000_000_000): LoadId {
  counter += 1;
  return composeLoadId(clockMs + counter, counter);
}

/** A receipt; what the test does not care about is filled in. */
export function receipt(over: Partial<Receipt> & { table: TableName; hour: Hour; loadId: LoadId }): Receipt {
  return {
    object: { key: `feed/${over.hour}/${over.table}`, etag: '"e1"', sizeBytes: 100, modifiedMs: 1_712_790_000_000 },
    crc32: 0xdeadbeef,
    entrySizeBytes: 1_000,
    lines: 1,
    rows: 1,
    quarantined: 0,
    drift: {},
    nulls: {},
    seen: [],
    workflowId: 'hourly-1',
    runId: 'run-1',
    attempt: 1,
    worker: 'test',
    ...over,
  };
}

/** Lines as one stream, framed as domain/line-framer.ts does it: under the object `index`, numbered from 1. */
export async function* framed(lines: readonly string[], index = 1): AsyncGenerator<Buffer> {
  for (const [position, line] of lines.entries()) {
    yield await Promise.resolve(Buffer.from(`{"_n":${lineMark(index, position + 1)},${line.slice(1)}\n`, 'utf8'));
  }
}

/** Text as a stream of one buffer. */
export async function* raw(text: string): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from(text, 'utf8'));
}

/** What lies in the raw table under a load. */
export function storedRows(
  { database }: Fixture,
  table: TableName,
  loadId: LoadId,
): Promise<Record<string, unknown>[]> {
  return database.rows(`SELECT * FROM ${table}_raw WHERE _load = {load:UInt64} ORDER BY _line`, { load: loadId });
}

const CLICK = '811320f1-3bc2-42b9-a841-5a1e5a812f2d';
const EVENT = '8cca1c7d-b0cc-4738-be92-c644101e3fff';

/** One valid line of each table. */
export const SAMPLE: Readonly<Record<TableName, Readonly<Record<string, unknown>>>> = {
  browser_events: {
    event_id: EVENT,
    event_timestamp: '2024-04-10 23:51:05.627882',
    event_type: 'pageview',
    click_id: CLICK,
    browser_name: 'Chrome',
    browser_user_agent: 'Mozilla/5.0 (Linux; Android 2.3.5)',
    browser_language: 'sat_IN',
  },
  device_events: {
    click_id: CLICK,
    os: 'Android 1.5',
    os_name: 'Android',
    os_timezone: 'Europe/Berlin',
    device_type: 'Mobile',
    device_is_mobile: true,
    user_custom_id: 'aperry@example.com',
    user_domain_id: EVENT,
  },
  geo_events: {
    click_id: CLICK,
    geo_latitude: '50.82709',
    geo_longitude: '-6.9747',
    geo_country: 'DE',
    geo_timezone: 'Europe/Berlin',
    geo_region_name: 'Wesseling',
    ip_address: '206.227.30.186',
  },
  location_events: {
    event_id: EVENT,
    page_url: 'http://www.example.com/home',
    page_url_path: '/home',
    referer_url: 'www.facebook.com',
    referer_medium: 'internal',
    utm_medium: 'organic',
    utm_source: 'facebook',
    utm_content: 'ad_4',
    utm_campaign: 'campaign_2',
  },
};

/** The sample line of a table, some fields changed; undefined leaves a field out. */
export function line(table: TableName, over: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ ...SAMPLE[table], ...over });
}

/** Inserts lines and commits them under a new load id. */
export async function loadLines(
  { warehouse, ledger }: Fixture,
  table: TableName,
  hour: Hour,
  lines: readonly string[],
  over: Partial<Receipt> = {},
): Promise<LoadId> {
  const loadId = over.loadId ?? nextLoadId();
  await warehouse.insertRows(table, [{ index: 1, loadId, hour }], 'fast', framed(lines), SIGNAL);
  const outcome = await ledger.commit(
    {
      table,
      receipts: [receipt({ table, hour, lines: lines.length, rows: lines.length, ...over, loadId })],
      withdraw: [],
      deadlineMs: Date.now() + 60_000,
    },
    SIGNAL,
  );
  if (outcome.get(loadId) === undefined) throw new Error('Cannot load lines: the commit said nothing of the load');
  return loadId;
}
