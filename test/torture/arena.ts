/** Servers, a database and a feed that are tortured, with a proxy before each server that can stop at any step. */
import { inject } from 'vitest';
import { addHours, hourAt, hourStartMs, parseHour, type Hour } from '../../domain/hour.ts';
import type { ClickHouseServer } from '../../devstack/servers/clickhouse.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createLoader } from '../support/loader.ts';
import { startOwnClickHouse } from '../support/own-servers.ts';
import { publishObject } from '../support/s3.ts';
import { clickHouseStep, s3Step, startStepProxy, type AtMoment, type Step } from './step-proxy.ts';
import { createWorkbench, type Place, type Workbench } from './workbench.ts';

export const TABLE = 'browser_events';
export const START = parseHour('2024-05-01T13');
export const RANGE = { from: START, to: addHours(START, 3) } as const;
/** Lines of the three hours; one line of the second cannot become a row. */
const LINES = [40, 60, 50] as const;

/** Rows per hour that readers see. */
export type Seen = Readonly<Record<Hour, number>>;
export const FULL: Seen = { [hourOf(0)]: 40, [hourOf(1)]: 59, [hourOf(2)]: 50 };
export const EMPTY: Seen = {};
/** A client gives up on a server that is silent for so long; the torture lets servers stand still for longer. */
const IDLE_TIMEOUT_MS = 400;

/** What the torture works on. */
export interface Arena {
  readonly clickhouse: ClickHouseServer;
  /** Straight to the servers. */
  readonly survivor: Workbench;
  /** Through the proxies. */
  readonly place: Place;
  /** Says what happens at the steps from now on; undefined: nothing. */
  watch(meet: ((step: Step) => AtMoment) | undefined): void;
  rows<T>(sql: string): Promise<T[]>;
  /** What readers see now; throws when a row is there twice or of two loads. */
  look(): Promise<Seen>;
}

/** Starts a ClickHouse, publishes three hours, sets the database up and starts the proxies. */
export async function createArena(): Promise<Arena> {
  const clickhouse = await startOwnClickHouse();
  const { url, user, password } = clickhouse;
  const loader = await createLoader(clickhouse);
  for (const [index, count] of LINES.entries()) {
    const lines = linesOf(TABLE, hourOf(index), count);
    if (index === 1) lines[7] = '{"event_id": "not a line of the feed"}';
    await publishObject({ ...loader, table: TABLE, hour: hourOf(index), lines });
  }
  let meet: ((step: Step) => AtMoment) | undefined;
  const questions = { meet: (step: Step): AtMoment => meet?.(step) ?? (() => Promise.resolve('on')) };
  const clickhouseProxy = await startStepProxy(url, { ...questions, nameOf: clickHouseStep });
  const { s3 } = inject('stack');
  const s3Proxy = await startStepProxy(s3.endpoint, { ...questions, nameOf: s3Step });
  const database = { user, password, database: loader.database.name };
  const direct: Place = {
    clickhouse: { url, ...database, idleTimeoutMs: 20_000 },
    s3: { ...s3, prefix: loader.prefix },
  };
  const survivor = createWorkbench(direct);
  cleanUpLater(async () => {
    await survivor.close();
    await Promise.all([clickhouseProxy.close(), s3Proxy.close()]);
  });
  const rows = <T>(sql: string): Promise<T[]> => loader.database.rows<T>(sql);
  return {
    clickhouse,
    survivor,
    rows,
    place: {
      clickhouse: { url: clickhouseProxy.url, ...database, idleTimeoutMs: IDLE_TIMEOUT_MS },
      s3: { ...s3, endpoint: s3Proxy.url, prefix: loader.prefix },
    },
    watch: (next) => {
      meet = next;
    },
    look: () => look(rows),
  };
}

async function look(rows: Arena['rows']): Promise<Seen> {
  const found = await rows<{ hour_s: number; n: string; lines: string; loads: string }>(
    `SELECT toUnixTimestamp(_hour) AS hour_s, count() AS n, uniqExact(_line) AS lines, uniqExact(_load) AS loads
     FROM ${TABLE} GROUP BY _hour ORDER BY _hour`,
  );
  for (const { hour_s, n, lines, loads } of found) {
    if (lines !== n || loads !== '1')
      throw new DoubledError(`${hourAt(hour_s * 1000)}: ${n} rows of ${lines} lines and ${loads} loads`);
  }
  return Object.fromEntries(found.map(({ hour_s, n }) => [hourAt(hour_s * 1000), Number(n)]));
}

/** A reader saw a line twice. */
export class DoubledError extends Error {}

function hourOf(index: number): Hour {
  return addHours(hourAt(hourStartMs(START)), index);
}
