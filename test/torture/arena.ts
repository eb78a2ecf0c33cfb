/** A ClickHouse that is tortured, and lanes on it: databases with a feed each, so that several deeds are in flight when it dies. */
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
/** Two hours whose lines all become rows. */
export const CLEAN = { from: START, to: addHours(START, 2) } as const;
/** One of those, and one with a line that cannot become a row: it takes three times as many steps. */
export const SOILED = { from: addHours(START, 1), to: addHours(START, 3) } as const;
const LINES = [20, 25, 30] as const;

/** Rows per hour that readers see. */
export type Seen = Readonly<Record<Hour, number>>;
export const FULL: Seen = { [hourOf(0)]: 20, [hourOf(1)]: 25, [hourOf(2)]: 29 };
/** The clean hours are cleared. */
export const CLEARED: Seen = { [hourOf(2)]: 29 };

/** Where one deed at a time is done, with a proxy before each server that can stop at any step. */
export interface Lane {
  /** Straight to the servers. */
  readonly survivor: Workbench;
  /** Through the proxies. @param idleTimeoutMs after so much silence of ClickHouse the client gives up */
  place(idleTimeoutMs: number): Place;
  /** Says what happens at the steps from now on; undefined: nothing. */
  watch(meet: ((step: Step) => AtMoment) | undefined): void;
  /** Resolves when the servers have ended all that came through the proxies, also for clients that are gone. */
  quiet(): Promise<void>;
  rows<T>(sql: string): Promise<T[]>;
  /** What readers see now; throws when a row is there twice or of two loads. */
  look(): Promise<Seen>;
}

/** What the torture works on. */
export interface Arena {
  readonly clickhouse: ClickHouseServer;
  readonly lanes: readonly Lane[];
}

/** Starts a ClickHouse and prepares the lanes. */
export async function createArena(lanes: number): Promise<Arena> {
  const clickhouse = await startOwnClickHouse();
  return { clickhouse, lanes: await Promise.all(Array.from({ length: lanes }, () => createLane(clickhouse))) };
}

async function createLane(clickhouse: ClickHouseServer): Promise<Lane> {
  const { url, user, password } = clickhouse;
  const loader = await createLoader(clickhouse);
  for (const [index, count] of LINES.entries()) {
    const lines = linesOf(TABLE, hourOf(index), count);
    if (index === 2) lines[7] = '{"event_id": "not a line of the feed"}';
    await publishObject({ ...loader, table: TABLE, hour: hourOf(index), lines });
  }
  let meet: ((step: Step) => AtMoment) | undefined;
  const questions = { meet: (step: Step): AtMoment => meet?.(step) ?? (() => Promise.resolve('on')) };
  const clickhouseProxy = await startStepProxy(url, { ...questions, nameOf: clickHouseStep });
  const { s3 } = inject('stack');
  const s3Proxy = await startStepProxy(s3.endpoint, { ...questions, nameOf: s3Step });
  const database = { user, password, database: loader.database.name };
  const survivor = createWorkbench({
    clickhouse: { url, ...database, idleTimeoutMs: 20_000 },
    s3: { ...s3, prefix: loader.prefix },
  });
  cleanUpLater(async () => {
    await survivor.close();
    await Promise.all([clickhouseProxy.close(), s3Proxy.close()]);
  });
  const rows = <T>(sql: string): Promise<T[]> => loader.database.rows<T>(sql);
  return {
    survivor,
    rows,
    place: (idleTimeoutMs) => ({
      clickhouse: { url: clickhouseProxy.url, ...database, idleTimeoutMs },
      s3: { ...s3, endpoint: s3Proxy.url, prefix: loader.prefix },
    }),
    watch: (next) => {
      meet = next;
    },
    quiet: async () => {
      await Promise.all([clickhouseProxy.quiet(), s3Proxy.quiet()]);
    },
    look: () => look(rows),
  };
}

async function look(rows: Lane['rows']): Promise<Seen> {
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
