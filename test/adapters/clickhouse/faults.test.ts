/** What goes wrong between us and ClickHouse, and what each must lead to. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { ClickHouseServer, createLoadPorts, setup } from '../../../adapters/clickhouse/index.ts';
import { NeedsExactPathError, OutcomeUnknownError, UnavailableError } from '../../../domain/errors.ts';
import { onlyHour } from '../../../domain/hour.ts';
import { startClickHouse } from '../../../devstack/servers/clickhouse.ts';
import { cleanUpLater } from '../../support/cleanup.ts';
import { createDatabase } from '../../support/clickhouse.ts';
import { eventually } from '../../support/eventually.ts';
import { startFaultProxy, type Fault, type FaultProxy } from '../../support/fault-proxy.ts';
import { createTempDir, startOwnClickHouse } from '../../support/own-servers.ts';
import {
  createFixture,
  framed,
  HOUR,
  line,
  loadLines,
  nextLoadId,
  receipt,
  SIGNAL,
  storedRows,
  type Fixture,
} from './fixture.ts';

const TABLE = 'geo_events';

/** The ports through a proxy that breaks requests; the database is set up beside it. */
async function createFaulty(): Promise<Fixture & { readonly proxy: FaultProxy }> {
  const { database } = await createFixture();
  const stack = inject('stack').clickhouse;
  const proxy = await startFaultProxy(stack.url);
  const server = new ClickHouseServer({ ...stack, url: proxy.url, database: database.name, idleTimeoutMs: 2_000 });
  cleanUpLater(() => server.close());
  return { database, server, ...createLoadPorts(server), proxy };
}

function insertOne({ warehouse }: Fixture): Promise<void> {
  const load = { index: 1, loadId: nextLoadId(), hour: HOUR };
  return warehouse.insertRows(TABLE, [load], 'fast', framed([line(TABLE)]), SIGNAL);
}

describe('commit()', () => {
  test.each([
    ['the answer is lost', ['lose-answer']],
    ['the row does not arrive three times', ['reset-before', 'reset-before', 'reset-before']],
    ['the answer comes later than we wait', ['keep-silent']],
    ['the connection breaks before the server has the row', ['reset-before']],
    ['a proxy answers 502', ['bad-gateway']],
    ['the answer is 200 with the exception header', ['exception-header']],
    ['the answer is 200 with an exception in the body', ['exception-body']],
  ] as [string, Fault[]][])('finds out that it is done although %s, and one load is visible', async (_what, faults) => {
    const fixture = await createFaulty();
    fixture.proxy.breakNext('INTO `' + fixture.database.name + '`.`loads`', ...faults);
    const loadId = await loadLines(fixture, TABLE, HOUR, [line(TABLE)]);
    expect(fixture.proxy.left).toBe(0);
    const { hours } = await fixture.ledger.state(TABLE, onlyHour(HOUR), SIGNAL);
    expect(hours.get(HOUR)?.standing.map((load) => load.loadId)).toEqual([loadId]);
    expect(await fixture.database.rows(`SELECT * FROM ${TABLE}`)).toHaveLength(1);
  });

  test('finds out although the reading back fails as well', async () => {
    const fixture = await createFaulty();
    fixture.proxy.breakNext('INTO `' + fixture.database.name + '`.`loads`', 'lose-answer', 'lose-answer');
    fixture.proxy.breakNext("SELECT 'clock'", 'bad-gateway', 'reset-before', 'reset-before');
    await loadLines(fixture, TABLE, HOUR, [line(TABLE)]);
    expect(fixture.proxy.left).toBe(0);
  });

  test('ends with the signal while it does not know', async () => {
    const fixture = await createFaulty();
    fixture.proxy.breakNext('`loads`', ...(Array(50).fill('reset-before') as Fault[]));
    const controller = new AbortController();
    const receipts = [receipt({ table: TABLE, hour: HOUR, loadId: nextLoadId() })];
    const commit = { table: TABLE, receipts, withdraw: [], deadlineMs: Date.now() + 60_000 } as const;
    const call = fixture.ledger.commit(commit, controller.signal);
    call.catch(() => undefined);
    await eventually(() => fixture.proxy.left < 46);
    controller.abort(new Error('attempt is over'));
    await expect(call).rejects.toThrow();
  });
});

describe('insertRows()', () => {
  test.each([
    ['reset after the last byte', 'lose-answer', OutcomeUnknownError],
    ['silent', 'keep-silent', OutcomeUnknownError],
    ['200 with the exception header', 'exception-header', OutcomeUnknownError],
    ['200 with an exception in the body', 'exception-body', OutcomeUnknownError],
    ['502 of a proxy', 'bad-gateway', OutcomeUnknownError],
  ] as const)('throws when the answer is %s, and nothing is visible', async (_what, fault, errorClass) => {
    const fixture = await createFaulty();
    fixture.proxy.breakNext('_raw', fault);
    await expect(insertOne(fixture)).rejects.toThrow(errorClass);
    expect(await fixture.database.rows(`SELECT * FROM ${TABLE}`)).toEqual([]);
  });

  test('through a killed server throws what can be retried; the next try after its restart is whole', async () => {
    const own = await startOwnClickHouse();
    const fixture = await createFixture(own);
    const loadId = nextLoadId();
    let sent = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        yield* framed(Array(1_000).fill(line(TABLE)) as string[]);
        sent += 1_000;
      }
    }
    const call = fixture.warehouse.insertRows(TABLE, [{ index: 1, loadId, hour: HOUR }], 'fast', endless(), SIGNAL);
    call.catch(() => undefined);
    await eventually(() => sent > 20_000);
    await own.process.kill('SIGKILL');
    await expect(call).rejects.toSatisfy(
      (error) => error instanceof OutcomeUnknownError || error instanceof UnavailableError,
    );
    await expect(fixture.ledger.truncationsInForce(SIGNAL)).rejects.toThrow(UnavailableError);
    await own.process.restart();
    await loadLines(fixture, TABLE, HOUR, [line(TABLE), line(TABLE)]);
    expect(await fixture.database.rows(`SELECT * FROM ${TABLE}`)).toHaveLength(2);
    await fixture.server.close();
  }, 120_000);
});

describe('reading', () => {
  test('case 70: goes on over a kept connection that the server had closed', async () => {
    const fixture = await createFaulty();
    await fixture.ledger.truncationsInForce(SIGNAL);
    fixture.proxy.breakNext("'truncated'", 'reset-before');
    expect(await fixture.ledger.truncationsInForce(SIGNAL)).toEqual([]);
    expect(fixture.proxy.left).toBe(0);
  });

  test('throws UnavailableError of a proxy’s page, without its text', async () => {
    const fixture = await createFaulty();
    fixture.proxy.breakNext("'truncated'", 'bad-gateway');
    const failure = await fixture.ledger.truncationsInForce(SIGNAL).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnavailableError);
    expect((failure as Error).message).not.toContain('<');
  });

  test('throws UnavailableError of an answer that lost its rows on the way, instead of reading an empty ledger', async () => {
    const fixture = await createFaulty();
    await fixture.ledger.truncationsInForce(SIGNAL); // nothing is there: an empty answer is right
    await loadLines(fixture, TABLE, HOUR, [line(TABLE)]);
    fixture.proxy.breakNext('SELECT 7', 'lose-rows');
    const reading = fixture.server.query({ sql: 'SELECT 7 FROM numbers(3)', doing: 'read something' });
    await expect(reading).rejects.toThrow(UnavailableError);
    await expect(reading).rejects.toThrow(
      'Cannot read something: the answer is not whole, found 0 rows, expected 3 rows; is the disk of ClickHouse full?',
    );
  });
});

describe('a server whose profile and time zone are not ours', () => {
  test('cases 71 and 72: stores the same instants, synchronously and strictly', async () => {
    const dir = await createTempDir();
    process.env['TZ'] = 'Asia/Tokyo'; // the embedded server takes its zone from here
    cleanUpLater(() => {
      delete process.env['TZ'];
      return Promise.resolve();
    });
    const own = await startClickHouse({ dir, user: 'clickfeed', password: 'pw' });
    cleanUpLater(() => own.process.stop());
    const hostile = {
      session_timezone: 'America/New_York',
      async_insert: 1,
      wait_for_async_insert: 0,
      date_time_input_format: 'best_effort',
      input_format_skip_unknown_fields: 1,
      input_format_null_as_default: 1,
      input_format_allow_errors_num: 10,
      insert_null_as_default: 1,
      output_format_json_quote_64bit_integers: 0,
    };
    const profile = Object.entries(hostile).map(([setting, value]) => `<${setting}>${value}</${setting}>`);
    const users = await readFile(join(dir, 'users.xml'), 'utf8');
    await writeFile(join(dir, 'users.xml'), users.replace('<default/>', `<default>${profile.join('')}</default>`));
    await own.process.restart();
    const fixture = await createFixture(own);
    expect(await fixture.database.rows('SELECT serverTimezone() AS zone')).toEqual([{ zone: 'Asia/Tokyo' }]);
    const loadId = await loadLines(fixture, 'browser_events', HOUR, [line('browser_events')]);
    expect(await storedRows(fixture, 'browser_events', loadId)).toMatchObject([
      { _hour: '2024-04-10 23:00:00', event_timestamp: '2024-04-10 23:51:05.627882', _load: loadId },
    ]);
    const unix = await fixture.database.rows(
      'SELECT toUnixTimestamp64Micro(event_timestamp) AS at FROM browser_events',
    );
    expect(unix).toEqual([{ at: String(Date.UTC(2024, 3, 10, 23, 51, 5, 627) * 1000 + 882) }]);
    const bad = { index: 1, loadId: nextLoadId(), hour: HOUR };
    for (const text of [line(TABLE, { unknown: 1 }), line(TABLE, { ip_address: null }), '{x']) {
      const call = fixture.warehouse.insertRows(TABLE, [bad], 'fast', framed([text]), SIGNAL);
      await expect(call).rejects.toThrow(NeedsExactPathError);
    }
    const { hours } = await fixture.ledger.state('browser_events', onlyHour(HOUR), SIGNAL);
    expect(hours.get(HOUR)?.current?.loadId).toBe(loadId);
    await fixture.server.close();
  }, 120_000);
});

describe('the query log', () => {
  test('holds neither the key of the hashes, nor the password, nor a value of a line', async () => {
    const own = await startOwnClickHouse();
    const database = await createDatabase(own);
    const server = new ClickHouseServer({ ...own, database: database.name });
    cleanUpLater(() => server.close());
    await setup(server);
    const fixture = { database, server, ...createLoadPorts(server) };
    await loadLines(fixture, 'device_events', HOUR, [line('device_events')]);
    const [row] = await database.rows<{ key: string }>('SELECT key FROM personal_key');
    await database.client.command({ query: 'SYSTEM FLUSH LOGS' });
    const log = await database.rows('SELECT * FROM system.query_log');
    const text = JSON.stringify(log);
    expect(text).toContain('device_events_raw');
    for (const secret of [row?.key ?? '', own.password, 'aperry@example.com']) {
      expect(secret).not.toBe('');
      expect(text.includes(secret)).toBe(false);
    }
  }, 120_000);
});
