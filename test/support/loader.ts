/** The loading activities over the real adapters: a database and a feed prefix of the test's own. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Activities } from '../../activities/api.ts';
import type { EventsActivities } from '../../activities/build-events.ts';
import { createActivities, type EventsPorts, type LoadPorts } from '../../activities/index.ts';
import type { ArchiveCaps, ObjectStore, Warehouse } from '../../activities/ports.ts';
import { createArchiveReader } from '../../adapters/archive/index.ts';
import { ClickHouseServer, createLoadPorts, setup } from '../../adapters/clickhouse/index.ts';
import { createEventsStore } from '../../adapters/clickhouse/insight/index.ts';
import { createObjectStore } from '../../adapters/s3/index.ts';
import type { LoadReport, LoadWindow } from '../../domain/loading.ts';
import { createDatabase, type TestDatabase } from './clickhouse.ts';
import { cleanUpLater } from './cleanup.ts';
import { createFeedPrefix } from './s3.ts';
import type { TestStack } from './stack.ts';

/** Everything that a test of loading needs. */
export interface Loader {
  readonly prefix: string;
  readonly database: TestDatabase;
  readonly server: ClickHouseServer;
  readonly ports: LoadPorts & EventsPorts;
  readonly activities: Activities & EventsActivities;
  /** Calls an activity as a worker would: with a context, heartbeats and its timeout. */
  run<T>(call: () => Promise<T>): Promise<T>;
  loadTable(window: LoadWindow): Promise<LoadReport>;
}

/** Caps of archives in tests; the ratio is below the default, so that small bombs suffice. */
const CAPS: ArchiveCaps = { entrySizeBytes: 8 * 2 ** 30, ratio: 200, entries: 1000 };

/**
 * Sets up a fresh database and a feed without objects. Cleaned up when the test ends.
 * @param clickhouse one of the test's own, to kill
 * @param caps other than those of tests
 */
export async function createLoader(
  clickhouse: TestStack['clickhouse'] = inject('stack').clickhouse,
  caps: Partial<ArchiveCaps> = {},
): Promise<Loader> {
  const { s3 } = inject('stack');
  const database = await createDatabase(clickhouse);
  const prefix = createFeedPrefix();
  const server = new ClickHouseServer({ ...clickhouse, database: database.name });
  const store = createObjectStore({ ...s3, prefix });
  cleanUpLater(async () => {
    store.close();
    await server.close();
  });
  await setup(server);
  const ports: LoadPorts & EventsPorts = {
    store,
    archives: createArchiveReader({ ...CAPS, ...caps }),
    ...createLoadPorts(server),
    events: createEventsStore(server),
    workerName: 'test',
  };
  const activities = createActivities(ports);
  const run = <T>(call: () => Promise<T>): Promise<T> =>
    new MockActivityEnvironment({ startToCloseTimeoutMs: 120_000 }, { logger: new DefaultLogger('ERROR') }).run(call);
  return {
    prefix,
    database,
    server,
    ports,
    activities,
    run,
    loadTable: (window) => run(() => activities.loadTable(window)),
  };
}

/** The store, but for the methods that a test puts in the place of its own. */
export function storeWith(store: ObjectStore, own: Partial<ObjectStore>): ObjectStore {
  return {
    feedPrefix: store.feedPrefix,
    list: (...of) => store.list(...of),
    source: (object) => store.source(object),
    ...own,
  };
}

/** The warehouse, but for the methods that a test puts in the place of its own. */
export function warehouseWith(warehouse: Warehouse, own: Partial<Warehouse>): Warehouse {
  return {
    insertRows: (...of) => warehouse.insertRows(...of),
    insertQuarantine: (...of) => warehouse.insertQuarantine(...of),
    countStored: (...of) => warehouse.countStored(...of),
    ...own,
  };
}
