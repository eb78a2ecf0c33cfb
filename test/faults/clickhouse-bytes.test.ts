/**
 * Every exchange of a load with ClickHouse is broken at the first byte of the request's body, at bytes all the way, and at its last; and so
 * are the answers. `LARGE=1` tries each byte. Heads of requests stay whole, as the embedded server aborts when one breaks.
 */
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
/** From one byte that is tried to the next; a stall takes until a timeout. */
const STRIDES = { reset: 8, cut: 20, stall: 60 } as const;
const PARTS = ['request body', 'answer'] as const;
const IDLE_TIMEOUT_MS = 1_000;

let own: EmbeddedServer;
const exits: Error[] = [];

beforeAll(async () => {
  own = await startOwnClickHouse();
  own.process.onUnexpectedExit((error) => exits.push(error));
});

afterAll(() => own.process.stop());

function bytesOf(what: ExchangeBreak['what'], last: number): number[] {
  const isEach = IS_LARGE && what !== 'stall';
  return isEach ? Array.from({ length: last }, (_, index) => index + 1) : bytesUpTo(last, STRIDES[what]);
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

describe('loadTable() over exchanges with ClickHouse that break at byte N', () => {
  it.each(['reset', 'cut', 'stall'] as const)(
    'cases 58, 59, 62 and 73: %s: the hour stays visible whole, once, and the server stays up',
    async (what) => {
      const loader = await createLoader(own);
      await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, LINES) });
      await loader.loadTable(windowOf());
      const reader = startReader(loader);
      const { exchanges } = await loadBroken(loader);
      expect(exchanges.length).toBeGreaterThan(4); // the ledger, the rows, two counts, the commit, reading it back
      for (const broken of breaksOf(exchanges, what)) {
        const { isMet } = await loadBroken(loader, broken);
        // Answers differ by some digits, so the last byte may be one more.
        const isThere = broken.atByte < (exchanges[broken.exchange]?.[broken.part] ?? 0) * 0.9;
        if (isThere) expect(isMet, JSON.stringify(broken)).toBe(true);
      }
      await untilWritten(loader);
      expect(await reader.end()).toEqual([LINES]);
      await expectExact(loader, { [HOUR]: LINES });
      expect(exits).toEqual([]);
    },
    IS_LARGE ? 3_600_000 : 180_000,
  );
});
