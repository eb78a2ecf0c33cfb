/** A query whose two reads lie seconds apart, while the ledger changes in between: the pause of examples/pinned-view.sql. */
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { LedgerTable } from '../../../adapters/clickhouse/ledger-table.ts';
import { createSweeper, createTruncations } from '../../../adapters/clickhouse/operations/index.ts';
import { readerViewDdl } from '../../../adapters/clickhouse/views.ts';
import { addHours } from '../../../domain/hour.ts';
import { lineMark } from '../../../domain/line-mark.ts';
import type { LoadId } from '../../../domain/load-id.ts';
import { eventually } from '../../support/eventually.ts';
import { createFixture, HOUR, line, loadLines, receipt, SIGNAL, type Fixture } from './fixture.ts';

const OLD_ROWS = 300;
const NEW_ROWS = 200;
const PAUSE = '(SELECT sleepEachRow(2)) = 0 AND ';
/** Long enough to purge and sweep in between. */
const LONG_PAUSE = '(SELECT sum(sleepEachRow(1)) FROM numbers(5)) = 0';

let fixture: Fixture;

beforeAll(async () => {
  fixture = await createFixture();
  const ddl = readerViewDdl(fixture.server.name.bind(fixture.server), 'geo_events');
  const paused = ddl.replace('`geo_events` (', '`paused` (').replace('WHERE _load IN', `WHERE ${PAUSE}_load IN`);
  expect(paused).toContain(PAUSE);
  await fixture.database.client.command({ query: paused });
  // A pause behind the empty branch's look at the ledger and before the rows.
  const early = ddl.replace('`geo_events` (', '`early_paused` (').replace('WHERE 0', `WHERE 0 AND ${LONG_PAUSE}`);
  expect(early).toContain(LONG_PAUSE);
  await fixture.database.client.command({ query: early });
  // The same without the empty branch: shows that the pause lies where it can do harm.
  const plain = paused.replace('`paused` (', '`plain` (').replace(/SELECT defaultValueOf[\s\S]*?UNION ALL\n/, '');
  expect(plain).not.toContain('UNION');
  await fixture.database.client.command({ query: plain });
});

afterAll(async () => {
  await fixture.database.drop();
  await fixture.server.close();
});

function lines(count: number): string[] {
  return Array.from({ length: count }, () => line('geo_events'));
}

async function rowsOf(view: string, queryId: string): Promise<number> {
  const result = await fixture.database.client.query({
    query: `SELECT count() AS found FROM ${view} WHERE _hour = {hour:DateTime('UTC')} /* ${queryId} */`,
    query_params: { hour: Date.parse(`${hour}:00:00Z`) / 1000 },
    query_id: queryId,
    clickhouse_settings: { function_sleep_max_microseconds_per_block: '6000000' },
    format: 'JSONEachRow',
  });
  return Number((await result.json<{ found: string }>())[0]?.found);
}

let hour = HOUR;
let number = 0;

/** Begins the query, does `meanwhile` once the server runs it, and returns how many rows it found. */
async function during(view: string, meanwhile: () => Promise<unknown>): Promise<number> {
  number += 1;
  const queryId = `${fixture.database.name}-${number}`;
  const answer = rowsOf(view, queryId);
  await eventually(async () => {
    const rows = await fixture.database.rows('SELECT 1 FROM system.processes WHERE query_id = {id:String}', {
      id: queryId,
    });
    return rows.length === 1;
  });
  await meanwhile();
  return answer;
}

async function nextHourWith(count: number): Promise<LoadId> {
  hour = addHours(hour, 1);
  return loadLines(fixture, 'geo_events', hour, lines(count));
}

describe('the view of a table', () => {
  test('case 97: shows one version whole while a new load commits between its two reads', async () => {
    await nextHourWith(OLD_ROWS);
    expect(await during('paused', () => loadLines(fixture, 'geo_events', hour, lines(NEW_ROWS)))).toBe(OLD_ROWS);
    expect(await rowsOf('geo_events', `${fixture.database.name}-after`)).toBe(NEW_ROWS);
  });

  test('would lose the hour without its empty branch', async () => {
    await nextHourWith(OLD_ROWS);
    expect(await during('plain', () => loadLines(fixture, 'geo_events', hour, lines(NEW_ROWS)))).toBe(0);
  });

  test('shows the former state while the load is abandoned between its two reads', async () => {
    const loadId = await nextHourWith(OLD_ROWS);
    expect(await during('paused', () => fixture.ledger.abandon('geo_events', [{ hour, loadId }], 'withdrawn'))).toBe(
      OLD_ROWS,
    );
    expect(await rowsOf('geo_events', `${fixture.database.name}-abandoned`)).toBe(0);
  });

  test('shows the former state while the hour is truncated between its two reads, and again after it is restored', async () => {
    await nextHourWith(OLD_ROWS);
    const table = new LedgerTable(fixture.server);
    const truncation = { truncationId: 't1', tables: ['geo_events'], from: hour, to: addHours(hour, 1) } as const;
    expect(await during('paused', () => table.append([{ event: 'truncated', ...truncation }]))).toBe(OLD_ROWS);
    expect(await rowsOf('geo_events', `${fixture.database.name}-truncated`)).toBe(0);
    expect(await during('paused', () => table.append([{ event: 'restored', truncationId: 't1' }]))).toBe(0);
    expect(await rowsOf('geo_events', `${fixture.database.name}-restored`)).toBe(OLD_ROWS);
  });

  test.each([
    ['shows the former state', 8_000, OLD_ROWS],
    ['would lose the hour', 0, 0],
  ])(
    '%s when the hour is truncated, purged and swept between its two reads, by a sweep that waits %i ms',
    async (_what, purgeSettleMs, found) => {
      await nextHourWith(OLD_ROWS);
      const truncations = createTruncations(fixture.server);
      const truncationId = `purged-${purgeSettleMs}`;
      const rules = { attemptMs: 0, settleMs: 0, purgeSettleMs, loadsMax: 10 };
      const swept = async (): Promise<unknown> => {
        await truncations.truncate({ truncationId, tables: ['geo_events'], from: hour, to: addHours(hour, 1) }, SIGNAL);
        await truncations.purge(truncationId, SIGNAL);
        return createSweeper(fixture.server).sweep('geo_events', rules, SIGNAL);
      };
      expect(await during('early_paused', swept)).toBe(found);
      const [raw] = await fixture.database.rows(
        `SELECT count() AS n FROM geo_events_raw WHERE formatDateTime(_hour, '%Y-%m-%dT%H') = '${hour}'`,
      );
      expect(raw).toEqual({ n: '0' });
    },
  );

  test('never shows a part of an hour, nor none, to readers that poll while loads replace each other', async () => {
    await nextHourWith(OLD_ROWS);
    const seen = new Set<number>();
    let isOver = false;
    const reader = async (index: number): Promise<void> => {
      for (let i = 0; !isOver; i += 1)
        seen.add(await rowsOf('geo_events', `${fixture.database.name}-poll-${index}-${i}`));
    };
    const readers = [reader(1), reader(2)];
    try {
      for (let load = 1; load <= 15; load += 1) {
        await loadLines(fixture, 'geo_events', hour, lines(load % 2 === 0 ? OLD_ROWS : NEW_ROWS));
      }
    } finally {
      isOver = true;
      await Promise.all(readers);
    }
    expect([...seen].sort()).toEqual([NEW_ROWS, OLD_ROWS]);
  });

  test('shows nothing of rows without a receipt', async () => {
    hour = addHours(hour, 1);
    const loadId = receipt({ table: 'geo_events', hour, loadId: '77' as LoadId }).loadId;
    async function* body(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.from(`{"_n":${lineMark(1, 1)},${line('geo_events').slice(1)}\n`));
    }
    await fixture.warehouse.insertRows('geo_events', [{ index: 1, loadId, hour }], 'fast', body(), SIGNAL);
    expect(await rowsOf('geo_events', `${fixture.database.name}-uncommitted`)).toBe(0);
  });
});
