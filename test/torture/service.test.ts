/** Cases 74, 78 and 102: the compiled worker, ClickHouse and Temporal killed and stopped under workflows. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { addHours, lastCompleteHour, type Hour } from '../../domain/hour.ts';
import { REBUILD_EVENTS_ID } from '../../domain/service.ts';
import { expectExact, HOUR, TABLE } from '../faults/support.ts';
import { eventually } from '../support/eventually.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createOperator } from '../support/operations.ts';
import { publishObject } from '../support/s3.ts';
import type { Service } from '../support/service.ts';
import { createBattlefield, type Battlefield, type ServiceBlow } from './service.ts';

/** Longer than heartbeats are waited for, and than the pauses between an attempt and the next. */
const OUTAGE_MS = 130_000;
/** Minutes, most of them spent waiting for heartbeats that do not come: `npm run torture` only. */
const isThorough = process.env['TORTURE_THOROUGH'] === '1';
const LINES = 20;
/** Each strike finds a load, a backfill, a truncation and a restoration in flight, over hours of their own. */
const HOURS_EACH = 4;
const BLOWS: readonly ServiceBlow[] = [
  { who: 'worker', how: 'kill', step: 'get object', moment: 'half' },
  { who: 'temporal', how: 'kill', step: 'insert loads', moment: 'after' },
  { who: 'clickhouse', how: 'kill', step: `insert ${TABLE}_raw`, moment: 'half' },
  { who: 'worker', how: 'kill', step: 'insert loads', moment: 'sent' },
  { who: 'temporal', how: 'kill', step: `insert ${TABLE}_raw`, moment: 'sent' },
  { who: 'temporal', how: 'stop', step: 'list objects', moment: 'before' },
  { who: 'worker', how: 'stop', step: `insert ${TABLE}_raw`, moment: 'after' },
  { who: 'clickhouse', how: 'stop', step: 'insert loads', moment: 'sent' },
  { who: 'worker', how: 'kill', step: 'select loads', moment: 'before' },
  { who: 'clickhouse', how: 'kill', step: 'insert loads', moment: 'sent' },
  { who: 'temporal', how: 'kill', step: 'select loads', moment: 'after' },
  { who: 'temporal', how: 'kill', step: `insert ${TABLE}_raw`, moment: 'half', awayMs: OUTAGE_MS },
  { who: 'worker', how: 'kill', step: `insert ${TABLE}_raw`, moment: 'sent' },
];

async function publishHours(service: Service, hours: readonly Hour[]): Promise<void> {
  for (const hour of hours) await publishObject({ ...service, table: TABLE, hour, lines: linesOf(TABLE, hour, LINES) });
}

/** What goes on while one blow falls: each workflow over its own hours, which all are loaded before. */
async function deeds({ execute }: Battlefield, first: Hour, number: number): Promise<void> {
  const [second, fourth, end] = [addHours(first, 1), addHours(first, 3), addHours(first, 4)];
  const clear = async (): Promise<void> => {
    const cleared = await execute('truncateTables', `truncate/${number}`, { tables: [TABLE], from: fourth, to: end });
    const { truncationId } = cleared as { truncationId: string };
    await execute('restoreTables', `restore/${number}`, { truncationId });
  };
  await Promise.all([
    execute('hourlyLoad', `load/${number}`, { hour: first, tables: [TABLE], mode: 'all', waitForObjectMinutes: 0 }),
    execute('backfill', `backfill/${number}`, { from: second, to: fourth, tables: [TABLE], mode: 'all' }),
    clear(),
  ]);
}

/**
 * What is stored when all have ended, and after a sweep. Before it the page views have to be built: a load that was replaced stays for as long as
 * page views that readers see rest on it, and runs that build them live on behind those that started them. Without that wait a sweep
 * once left the 40 rows of the last backfill, rightly.
 */
async function expectSettled({ service, execute, rest }: Battlefield, hours: readonly Hour[]): Promise<void> {
  await service.client.workflow.getHandle(REBUILD_EVENTS_ID).result();
  await execute('rebuildEvents', 'rebuild/last', {}); // the one before may have ended with hours that were stale again
  await rest();
  await expectExact(service, Object.fromEntries(hours.map((hour) => [hour, LINES])));
  const operator = createOperator(service);
  while ((await operator.sweep({ table: 'events' })).more);
  const left = await service.database.rows(
    'SELECT _load FROM events_raw WHERE _load NOT IN (SELECT load_id FROM events_state)',
  );
  expect(left).toEqual([]);
  const ledger = await service.database.rows(
    `SELECT sum(rows) AS rows, sum(lines) AS lines FROM (
       SELECT DISTINCT load_id, rows, lines FROM loads WHERE event = 'committed' AND table_name = '${TABLE}'
         AND load_id IN (SELECT load_id FROM current_loads))`,
  );
  expect(ledger).toEqual([{ rows: String(hours.length * LINES), lines: String(hours.length * LINES) }]);
}

/** Polls until `end()`. @returns every hour and number of rows that must not be: a part, twice, or none where nothing was cleared */
function startReader(service: Service, isEverCleared: (hour: Hour) => boolean, hours: readonly Hour[]) {
  const wrong = new Set<string>();
  const state = { reading: true };
  const polling = (async () => {
    while (state.reading) {
      const rows = await service.database
        .rows<{ hour: Hour; n: string }>(
          `SELECT formatDateTime(_hour, '%Y-%m-%dT%H') AS hour, count() AS n FROM ${TABLE} GROUP BY hour`,
        )
        .catch(() => undefined); // the server is down
      const seen = new Map(rows?.map(({ hour, n }) => [hour, Number(n)]));
      for (const hour of rows === undefined ? [] : hours) {
        const isRight = seen.get(hour) === LINES || (!seen.has(hour) && isEverCleared(hour));
        if (!isRight) wrong.add(`${hour}: ${seen.get(hour) ?? 0}`);
      }
      await sleep(50);
    }
  })();
  return {
    end: async (): Promise<readonly string[]> => {
      state.reading = false;
      await polling;
      return [...wrong];
    },
  };
}

describe('the service', () => {
  it.runIf(isThorough)(
    'cases 74 and 78: is exact after SIGKILL and SIGSTOP of its worker, of ClickHouse and of Temporal at steps of loads, backfills, truncations and restorations',
    async () => {
      const hours = BLOWS.flatMap((_, number) =>
        Array.from({ length: HOURS_EACH }, (__, index) => addHours(HOUR, number * HOURS_EACH + index)),
      );
      const cleared = new Set(hours.filter((_, index) => index % HOURS_EACH === HOURS_EACH - 1));
      const field = await createBattlefield({ FEED_START: HOUR, FEED_TABLES: TABLE });
      const { service } = field;
      await publishHours(service, hours);
      await field.execute('backfill', 'backfill/all', {
        from: HOUR,
        to: addHours(HOUR, hours.length),
        tables: [TABLE],
      });
      const reader = startReader(service, (hour) => cleared.has(hour), hours);
      const running: Promise<void>[] = [];
      for (const [number, blow] of BLOWS.entries()) {
        const struck = field.strike(blow);
        running.push(deeds(field, hours[number * HOURS_EACH] ?? HOUR, number));
        await struck;
      }
      await Promise.all(running);
      expect(await reader.end()).toEqual([]);
      await expectSettled(field, hours);
    },
    900_000,
  );

  it('case 102: builds the events of an hour with the next lookback when its worker died before', async () => {
    const hour = addHours(lastCompleteHour(Date.now()), -3);
    const field = await createBattlefield({ FEED_START: hour, WAIT_FOR_OBJECT_MINUTES: '0' });
    const { service } = field;
    for (const table of TABLE_NAMES)
      await publishObject({ ...service, table, hour, lines: linesOf(table, hour, LINES) });
    const struck = field.strike({ who: 'worker', how: 'kill', step: 'insert events_raw', moment: 'before' });
    const load = field.execute('hourlyLoad', 'load', { hour, waitForObjectMinutes: 0 });
    load.catch(() => undefined); // nobody takes it up again
    await struck;
    await service.client.workflow.getHandle('load').terminate();
    const events = async (): Promise<string | undefined> =>
      (await service.database.rows<{ n: string }>('SELECT count() AS n FROM events'))[0]?.n;
    expect(await events()).toBe('0');
    await field.execute('lookback', 'lookback', { hours: 24 });
    await eventually(async () => (await events()) === String(LINES), 60_000);
    await expectExact(service, { [hour]: LINES });
  }, 240_000);
});
