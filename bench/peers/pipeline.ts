/**
 * The pipeline without Temporal and ledger, in a process of its own: the same adapters list, read, unpack, check and insert the
 * same windows with the same concurrency. No ledger is read, nothing is counted, nothing committed: its rows are visible to nobody.
 * Prints what `PeerAnswer` says.
 */
import { createObjectStore } from '../../adapters/s3/index.ts';
import { createArchiveReader } from '../../adapters/archive/index.ts';
import { ClickHouseServer, createWarehouse } from '../../adapters/clickhouse/index.ts';
import { streamObjects, type ObjectInStream, type StreamResult } from '../../activities/object-stream.ts';
import type { InsertLoad } from '../../activities/ports.ts';
import { loadConfig } from '../../config/load.ts';
import {
  WINDOW_DAYS_MOST,
  chooseWindowDays,
  countWindows,
  windowAt,
  type BackfillPlan,
  type BackfillWindow,
} from '../../domain/backfill.ts';
import { CATALOGUE } from '../../domain/catalogue.ts';
import { entryName, readKey, windowPrefixes } from '../../domain/feed-object.ts';
import { composeLoadId } from '../../domain/load-id.ts';
import { inParallel } from '../../workflows/parallel.ts';
import { answer, readTask } from './task.ts';

const task = readTask();
const config = loadConfig({ env: process.env, folder: process.cwd() });
const store = createObjectStore(config.s3);
const server = new ClickHouseServer({ ...config.clickhouse, maxOpenConnections: 20 });
const ports = { store, archives: createArchiveReader(config.limits.archive), warehouse: createWarehouse(server) };
const never = new AbortController().signal;
let loads = 0;

try {
  await run({ from: task.warmFrom, to: task.from });
  await answer(() => run(task));
} finally {
  store.close();
  await server.close();
}

async function run(range: Pick<BackfillPlan, 'from' | 'to'>): Promise<number> {
  const whole: BackfillPlan = {
    ...range,
    tables: task.tables,
    mode: 'missing',
    order: 'newest',
    concurrency: config.limits.windowConcurrency,
  };
  const plan = { ...whole, windowDays: chooseWindowDays(whole, WINDOW_DAYS_MOST) };
  const windows = Array.from({ length: countWindows(plan) }, (_, i) => windowAt(plan, i)).filter(
    (window) => window !== undefined,
  );
  let objects = 0;
  await inParallel(windows, plan.concurrency, async (window) => {
    const loaded = await load(window); // first, as others add meanwhile
    objects += loaded;
  });
  return objects;
}

async function load(window: BackfillWindow): Promise<number> {
  const jobs: (ObjectInStream & InsertLoad)[] = [];
  for (const prefix of windowPrefixes(store.feedPrefix, window, window.table)) {
    for await (const listed of store.list(prefix, never)) {
      const object = readKey(store.feedPrefix, listed);
      if (object?.table !== window.table || object.hour < window.from || object.hour >= window.to) continue;
      loads += 1;
      const loadId = composeLoadId(Date.now(), loads);
      const name = entryName(window.table);
      jobs.push({ index: jobs.length + 1, loadId, hour: object.hour, object, path: 'fast', entryName: name });
    }
  }
  if (jobs.length === 0) return 0;
  const results: StreamResult[] = [];
  const progress = { objectsDone: 0, lines: 0, entryBytes: 0 };
  const lines = streamObjects({ ...ports, table: CATALOGUE[window.table], signal: never, progress }, jobs, results);
  await ports.warehouse.insertRows(window.table, jobs, 'fast', lines, never);
  return results.length;
}
