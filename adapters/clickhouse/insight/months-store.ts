/** The port MonthsStore over ClickHouse. */
import type { MonthBuild, MonthCounts, MonthsState, MonthsStore } from '../../../activities/months-ports.ts';
import { addHours, hourAt } from '../../../domain/hour.ts';
import { asLoadId } from '../../../domain/load-id.ts';
import { MONTHS_TABLE, monthsOfEvents, type MonthCommitted } from '../../../domain/months.ts';
import { hourSeconds, rangeParameters } from '../rows.ts';
import type { ClickHouseServer, Parameters } from '../server.ts';
import type { Namer } from '../views.ts';
import { BUILD_SETTINGS, commitDerived } from './derived-ledger.ts';
import { countMonthSql, insertMonthSql, insertNumbersSql, MONTH_DIMENSIONS } from './month-build.ts';

interface SeenRow {
  readonly hour_s: number;
  readonly load_id: string;
  readonly now_ms: string;
}

interface CommittedRow {
  readonly hour_s: number;
  readonly load_id: string;
  readonly sources: readonly string[];
}

interface CountRow {
  readonly stored: readonly (readonly [dimension: string, pageViews: string])[];
  readonly page_views: string;
  readonly stored_visitors: string;
  readonly visitors: string;
  readonly in_order: number;
}

/** Makes the port. The database must be set up. */
export function createMonthsStore(server: ClickHouseServer): MonthsStore {
  const name: Namer = server.name.bind(server);
  return {
    async state(signal): Promise<MonthsState> {
      const standing = await readMonths(server, signal);
      const rows = await server.query<SeenRow>({
        sql: `SELECT toUnixTimestamp(hour) AS hour_s, load_id, toInt64(0) AS now_ms FROM ${name('events_state')} WHERE load_id != 0
          UNION ALL SELECT 0, 0, toUnixTimestamp64Milli(now64(3))`,
        doing: 'read which hours months rest on',
        signal,
      });
      const hours = rows.filter(({ load_id }) => load_id !== '0').sort((a, b) => a.hour_s - b.hour_s);
      const seen = hours.map(({ hour_s, load_id }) => ({ hour: hourAt(hour_s * 1000), loadId: asLoadId(load_id) }));
      const serverNowMs = Number(rows.find(({ load_id }) => load_id === '0')?.now_ms);
      return { serverNowMs, months: monthsOfEvents(seen), standing };
    },

    async insert(build, signal) {
      const given = { parameters: parametersOf(build), signal, timeoutMs: Infinity, settings: BUILD_SETTINGS };
      await server.command({ ...given, sql: insertNumbersSql(name), doing: 'number the visitors of a month' });
      await server.command({ ...given, sql: insertMonthSql(name), doing: 'put a month together' });
    },

    async count(build, signal): Promise<MonthCounts> {
      const [row] = await server.query<CountRow>({
        sql: countMonthSql(name),
        doing: 'count what is stored of a month',
        parameters: parametersOf(build),
        signal,
        timeoutMs: Infinity,
      });
      const stored = new Map(row?.stored);
      return {
        pageViews: Number(row?.page_views),
        storedPageViews: MONTH_DIMENSIONS.map((dimension) => Number(stored.get(dimension) ?? 0)),
        visitors: Number(row?.visitors),
        storedVisitors: Number(row?.stored_visitors),
        areNumbersInOrder: row?.in_order === 1,
      };
    },

    commit({ build, pageViews, ...commit }, signal) {
      const { month, loadId, hours, chain } = build;
      const sources = [chain.at(-1) ?? '0', ...hours.map((one) => one.loadId)];
      const row = { hour: hourSeconds(month), load_id: loadId, rows: pageViews, sources };
      return commitDerived(server, { ...commit, table: MONTHS_TABLE, rows: [row] }, signal);
    },
  };
}

/** The loads of months that are committed and not given up. */
export async function readMonths(server: ClickHouseServer, signal?: AbortSignal): Promise<MonthCommitted[]> {
  const loads = server.name('loads');
  const rows = await server.query<CommittedRow>({
    sql: `SELECT toUnixTimestamp(hour) AS hour_s, load_id, any(sources) AS sources FROM ${loads}
      WHERE event = 'committed' AND table_name = '${MONTHS_TABLE}'
        AND load_id NOT IN (SELECT load_id FROM ${loads} WHERE event = 'abandoned' AND table_name = '${MONTHS_TABLE}')
      GROUP BY hour, load_id`,
    doing: 'read which months are told by value',
    signal,
  });
  return rows.map(({ hour_s, load_id, sources: [previous, ...sources] }) => ({
    month: hourAt(hour_s * 1000),
    loadId: asLoadId(load_id),
    sources: sources.map(asLoadId),
    previous: previous === undefined || previous === '0' ? undefined : asLoadId(previous),
  }));
}

function parametersOf({ month, loadId, hours, chain }: MonthBuild): Parameters {
  return {
    ...rangeParameters({ from: month, to: addHours(hours.at(-1)?.hour ?? month, 1) }),
    build: BigInt(loadId),
    sources: hours.map((one) => BigInt(one.loadId)),
    chain: chain.map(BigInt),
  };
}
