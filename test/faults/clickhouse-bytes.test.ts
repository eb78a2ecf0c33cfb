/**
 * Every exchange of a load with ClickHouse is broken at the first byte of the request's body, at bytes all the way, and at its last; and so
 * are the answers. Heads of requests stay whole, as the embedded server aborts when one breaks.
 *
 * `LARGE=1` tries a thousand bytes: each one near the ends of a part, and every eleventh between (fewer where a break is a stall or a delay, which
 * takes seconds). `SEED=1` and so on take others of those between; so many seeds as the stride has bytes try them all.
 */
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { ClickHouseServer, createLoadPorts } from '../../adapters/clickhouse/index.ts';
import type { ClickHouseServer as EmbeddedServer } from '../../devstack/servers/clickhouse.ts';
import { eventually } from '../support/eventually.ts';
import { startExchangeProxy, type ExchangeBreak, type ExchangeProxy } from '../support/exchange-proxy.ts';
import { linesOf } from '../support/feed-lines.ts';
import { IS_LARGE } from '../support/large.ts';
import { createLoader, type Loader } from '../support/loader.ts';
import { startOwnClickHouse } from '../support/own-servers.ts';
import { publishObject } from '../support/s3.ts';
import { bytesUpTo, expectExact, HOUR, loadUntilDone, startReader, TABLE, windowOf } from './support.ts';

const LINES = IS_LARGE ? 1 : 20;
const AGAIN = windowOf(1, { mode: 'all' });
/** From one byte that is tried to the next, a factor; a stall takes until a timeout. */
const FACTORS = { reset: 8, cut: 20, stall: 60, delay: 60 } as const;
/** With LARGE=1: bytes at either end of which each is tried, and from one to the next between them. */
const LARGE_BYTES = {
  reset: { ends: 8, stride: 11 },
  cut: { ends: 8, stride: 11 },
  stall: { ends: 3, stride: 41 },
  delay: { ends: 3, stride: 41 },
} as const;
const SEED = Number(process.env['SEED'] ?? 0);
/** Breaks of one hour: its ledger is read with all that it holds, so that thousands of them would be slower and slower. */
const BREAKS_OF_HOUR = 50;
const limit = pLimit(IS_LARGE ? 3 : 1);
const PARTS = ['request body', 'answer'] as const;
const IDLE_TIMEOUT_MS = 1_000;
const TRIES_MOST = 5;

let own: EmbeddedServer;
const exits: Error[] = [];

beforeAll(async () => {
  own = await startOwnClickHouse();
  own.process.onUnexpectedExit((error) => exits.push(error));
});

afterAll(() => own.process.stop());

function bytesOf(what: ExchangeBreak['what'], last: number): number[] {
  if (!IS_LARGE) return bytesUpTo(last, FACTORS[what]);
  const { ends, stride } = LARGE_BYTES[what];
  const isTried = (byte: number): boolean => byte <= ends || byte > last - ends || (byte + SEED) % stride === 0;
  return Array.from({ length: last }, (_, index) => index + 1).filter(isTried);
}

/** Every break of the exchanges of a load. */
function breaksOf(exchanges: ExchangeProxy['exchanges'], what: ExchangeBreak['what']): ExchangeBreak[] {
  return exchanges.flatMap((bytes, exchange) =>
    PARTS.flatMap((part) => bytesOf(what, bytes[part]).map((atByte) => ({ what, exchange, part, atByte }))),
  );
}

/** A load of which one exchange breaks. @returns the proxy, to ask whether it did */
async function loadBroken(loader: Loader, broken?: ExchangeBreak): Promise<ExchangeProxy> {
  const proxy = await startExchangeProxy(own.url, broken);
  const { user, password } = own;
  const database = loader.database.name;
  const server = new ClickHouseServer({ url: proxy.url, user, password, database, idleTimeoutMs: IDLE_TIMEOUT_MS });
  const ports = { ...loader.ports, ...createLoadPorts(server) };
  await loadUntilDone(loader, createActivities(ports), AGAIN);
  await server.close();
  await proxy.close();
  return proxy;
}

/** Resolves when the server writes nothing any more: statements of connections that are gone go on. */
async function untilWritten({ database }: Loader): Promise<void> {
  const writing = "SELECT query_id FROM system.processes WHERE query_kind = 'Insert'";
  await eventually(async () => (await database.rows(writing)).length === 0, 60_000);
}

/**
 * Loads until the break is met. On a busy machine a statement may go beyond the idle timeout before it, and its second try is then the
 * exchange of that number.
 */
async function expectMet(loader: Loader, broken: ExchangeBreak, exchanges: ExchangeProxy['exchanges']): Promise<void> {
  const where = JSON.stringify(broken);
  // Answers differ by some digits, so the last byte may be one more.
  const isThere = broken.atByte < (exchanges[broken.exchange]?.[broken.part] ?? 0) * 0.9;
  let isMet = false;
  for (let tries = 0; !isMet && tries < (isThere ? TRIES_MOST : 1); tries += 1) {
    const proxy = await loadBroken(loader, broken).catch((cause: unknown) => {
      throw new Error(`The load did not end that broke at ${where}`, { cause });
    });
    ({ isMet } = proxy);
  }
  if (isThere) expect(isMet, where).toBe(true);
}

/** Loads of one hour, each of which breaks in one place, while a reader polls. */
async function loadAllBroken(exchanges: ExchangeProxy['exchanges'], breaks: readonly ExchangeBreak[]): Promise<void> {
  const loader = await createPublished();
  const reader = startReader(loader);
  for (const broken of breaks) await expectMet(loader, broken, exchanges);
  await untilWritten(loader);
  expect(await reader.end()).toEqual([LINES]);
  await expectExact(loader, { [HOUR]: LINES });
}

/** A feed of one hour, which is loaded. */
async function createPublished(): Promise<Loader> {
  const loader = await createLoader(own);
  await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, LINES) });
  await loader.loadTable(windowOf());
  return loader;
}

describe('loadTable() over exchanges with ClickHouse that break at byte N', () => {
  it.each(['reset', 'cut', 'stall', 'delay'] as const)(
    'cases 58, 59, 62 and 73: %s: the hour stays visible whole, once, and the server stays up',
    async (what) => {
      const { exchanges } = await loadBroken(await createPublished());
      expect(exchanges.length).toBeGreaterThan(4); // the ledger, the rows, two counts, the commit, reading it back
      const breaks = breaksOf(exchanges, what);
      const hours = Array.from({ length: Math.ceil(breaks.length / BREAKS_OF_HOUR) }, (_, hour) =>
        breaks.slice(hour * BREAKS_OF_HOUR, (hour + 1) * BREAKS_OF_HOUR),
      );
      await Promise.all(hours.map((ofHour) => limit(() => loadAllBroken(exchanges, ofHour))));
      expect(exits).toEqual([]);
      if (IS_LARGE) console.log(`${what}: ${breaks.length} breaks of ${exchanges.length} exchanges, seed ${SEED}`);
    },
    IS_LARGE ? 1_800_000 : 180_000,
  );
});
