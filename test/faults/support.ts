/** What the tests of faults share: attempts as Temporal repeats them, readers that poll, and the proof that all is exact. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject } from 'vitest';
import type { Activities } from '../../activities/api.ts';
import { createActivities } from '../../activities/index.ts';
import { ClickHouseServer, createLoadPorts } from '../../adapters/clickhouse/index.ts';
import { createObjectStore } from '../../adapters/s3/index.ts';
import type { TableName } from '../../domain/catalogue.ts';
import { NON_RETRYABLE_ERROR_NAMES } from '../../domain/errors.ts';
import { addHours, parseHour, type Hour } from '../../domain/hour.ts';
import type { LoadReport, LoadWindow } from '../../domain/loading.ts';
import { startFaultyProxy, type FaultPlan, type FaultyProxy } from '../adapters/s3/faulty-proxy.ts';
import { QUICK_WAITS } from '../adapters/s3/stores.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import type { Loader } from '../support/loader.ts';
import { createOperator } from '../support/operations.ts';

export const HOUR = parseHour('2024-05-01T13');
export const TABLE = 'browser_events';
const ATTEMPTS_MOST = 8;

export function windowOf(hours = 1, rules: Partial<LoadWindow> = {}): LoadWindow {
  return {
    table: TABLE,
    from: HOUR,
    to: addHours(HOUR, hours),
    mode: 'missing',
    seen: [],
    fillCleared: true,
    ...rules,
  };
}

export function outcomes(report: LoadReport): string[] {
  return report.hours.map(({ outcome }) => outcome);
}

/** First, last, and some between. @param stride from one to the next, a factor */
export function bytesUpTo(last: number, stride: number): number[] {
  const bytes: number[] = [];
  for (let byte = 1; byte < last; byte *= stride) bytes.push(byte);
  return last === 0 ? [] : [...bytes, last];
}

/** The loader's activities with a network to S3 that follows the plan. */
export async function behindS3Proxy(
  loader: Loader,
  plan: FaultPlan,
): Promise<{ readonly activities: Activities; readonly proxy: FaultyProxy }> {
  const { s3 } = inject('stack');
  const proxy = await startFaultyProxy(s3.endpoint, plan);
  const store = createObjectStore({ ...s3, endpoint: proxy.endpoint, prefix: loader.prefix }, QUICK_WAITS);
  cleanUpLater(async () => {
    store.close();
    await proxy.close();
  });
  return { activities: createActivities({ ...loader.ports, store }), proxy };
}

/** The loader's activities with a network to ClickHouse that breaks as the proxy is told. */
export async function behindClickHouseProxy(
  loader: Loader,
  idleTimeoutMs = 1_000,
): Promise<{ readonly activities: Activities; readonly proxy: FaultProxy }> {
  const stack = inject('stack').clickhouse;
  const proxy = await startFaultProxy(stack.url);
  const server = new ClickHouseServer({ ...stack, url: proxy.url, database: loader.database.name, idleTimeoutMs });
  cleanUpLater(() => server.close());
  const ports = { ...loader.ports, ...createLoadPorts(server) };
  return { activities: createActivities(ports), proxy };
}

/** Tries as Temporal does: again after what may be retried; `between` in place of its pauses. */
export async function loadUntilDone(
  loader: Loader,
  activities: Activities,
  window: LoadWindow,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly report: LoadReport; readonly attempts: number; readonly errorNames: readonly string[] }> {
  const errorNames: string[] = [];
  for (let attempts = 1; ; attempts += 1) {
    try {
      return { report: await loader.run(() => activities.loadTable(window)), attempts, errorNames };
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      if (attempts === ATTEMPTS_MOST || NON_RETRYABLE_ERROR_NAMES.includes(name)) throw error;
      errorNames.push(name);
      await between();
    }
  }
}

/** Without a pause a reader takes a core for as long as it polls: as much as all that it looks at. */
const READER_PAUSE_MS = 50;

/** Every number of rows that a reader has seen, each once, in order; it polls until `end()`. */
export function startReader(loader: Loader, table: TableName = TABLE): { end(): Promise<readonly number[]> } {
  const seen: number[] = [];
  const state = { reading: true };
  const look = async (): Promise<void> => {
    const [row] = await loader.database.rows<{ n: string }>(`SELECT count() AS n FROM ${table}`);
    if (seen.at(-1) !== Number(row?.n)) seen.push(Number(row?.n));
  };
  const polling = (async () => {
    while (state.reading) {
      await look();
      await sleep(READER_PAUSE_MS);
    }
  })();
  return {
    end: async () => {
      state.reading = false;
      await polling;
      await look(); // the one under way may have begun before the last change
      return seen;
    },
  };
}

/** Each hour holds exactly so many rows, each line once, of one load; after a sweep nothing else is stored. */
export async function expectExact(
  loader: Loader,
  lines: Readonly<Record<Hour, number>>,
  table: TableName = TABLE,
): Promise<void> {
  const found = await loader.database.rows(
    `SELECT formatDateTime(_hour, '%Y-%m-%dT%H') AS hour, count() AS rows, uniqExact(_line) AS lines, uniqExact(_load) AS loads
     FROM ${table} GROUP BY hour ORDER BY hour`,
  );
  const expected = Object.entries(lines).map(([hour, count]) => {
    return { hour, rows: String(count), lines: String(count), loads: '1' };
  });
  expect(found).toEqual(expected);
  while ((await createOperator(loader).sweep({ table })).more);
  const [raw] = await loader.database.rows(`SELECT count() AS n FROM ${table}_raw`);
  expect(raw).toEqual({ n: String(Object.values(lines).reduce((sum, count) => sum + count, 0)) });
}
