/** The port DaysStore over ClickHouse. */
import type { DayBuild, DayCounts, DaysStore, StaleDays } from '../../../activities/events-ports.ts';
import { addHours, hourAt, type Hour, type HourRange } from '../../../domain/hour.ts';
import { asLoadId } from '../../../domain/load-id.ts';
import { DAY_HOURS, dayOf, SESSIONS_TABLE } from '../../../domain/session-days.ts';
import { hourSeconds, rangeParameters } from '../rows.ts';
import type { ClickHouseServer, Parameters } from '../server.ts';
import type { Namer } from '../views.ts';
import { countDaysSql, insertDaysSql } from './build.ts';
import { BUILD_SETTINGS, commitDerived } from './derived-ledger.ts';
import { daysStateSql } from './views.ts';

interface StaleRow {
  readonly day_s: number;
  readonly sources: readonly string[];
  readonly greatest: string;
  readonly now_ms: string;
}

interface CountRow {
  readonly day_s: number;
  readonly stored: string;
  readonly expected: string;
}

/** Makes the port. The database must be set up. */
export function createDaysStore(server: ClickHouseServer): DaysStore {
  const name: Namer = server.name.bind(server);
  return {
    async staleDays(range, limit, signal): Promise<StaleDays> {
      const rows = await server.query<StaleRow>({
        sql: staleSql(name),
        doing: 'find days whose sessions are to be put together',
        parameters: { ...wholeDays(range), limit },
        signal,
      });
      const days = rows.filter(({ day_s }) => day_s >= 0).map(staleDay);
      return { serverNowMs: Number(rows.find(({ day_s }) => day_s < 0)?.now_ms), days };
    },

    insert(builds, signal) {
      return server.command({
        sql: insertDaysSql(name),
        doing: 'build sessions of days',
        parameters: parametersOf(builds),
        signal,
        timeoutMs: Infinity,
        settings: BUILD_SETTINGS,
      });
    },

    async count(builds, signal): Promise<ReadonlyMap<Hour, DayCounts>> {
      const rows = await server.query<CountRow>({
        sql: countDaysSql(name),
        doing: 'count sessions of days',
        parameters: parametersOf(builds),
        signal,
        timeoutMs: Infinity,
      });
      const counted = rows.map(
        (row) => [dayAt(row.day_s), { stored: Number(row.stored), expected: Number(row.expected) }] as const,
      );
      return new Map(counted);
    },

    commit({ builds, ...commit }, signal) {
      const rows = builds.map(({ day, loadId, stored, sources }) => {
        return { hour: hourSeconds(day), load_id: loadId, rows: stored, sources };
      });
      return commitDerived(server, { ...commit, table: SESSIONS_TABLE, rows }, signal);
    },
  };
}

/** Yesterday too: when its last hour never comes, nothing else of it is built after its end. */
function staleSql(name: Namer): string {
  const days = `toStartOfDay(hour, 'UTC') >= toStartOfDay({from:DateTime('UTC')}, 'UTC') AND hour < {to:DateTime('UTC')}`;
  const today = `toStartOfDay(now('UTC'), 'UTC')`;
  const within = `(${days} OR toStartOfDay(hour, 'UTC') = ${today} - toIntervalDay(1))`;
  return `SELECT toInt64(toUnixTimestamp(state.day)) AS day_s, state.sources AS sources, built.greatest AS greatest, toInt64(0) AS now_ms
    FROM (SELECT day, sources FROM (${daysStateSql(name, within)}) WHERE load_id = 0 AND day < ${today}) AS state
    LEFT JOIN (SELECT hour, max(load_id) AS greatest FROM ${name('loads')}
      WHERE event IN ('committed', 'abandoned') AND table_name = '${SESSIONS_TABLE}' AND ${within} GROUP BY hour) AS built ON built.hour = state.day
    ORDER BY day_s LIMIT {limit:UInt32}
    UNION ALL SELECT -1, [], 0, toUnixTimestamp64Milli(now64(3))`;
}

/** The range widened to whole days: a day is told by all its hours. */
function wholeDays({ from, to }: HourRange): Parameters {
  return rangeParameters({ from: dayOf(from), to: dayOf(addHours(to, DAY_HOURS - 1)) });
}

function staleDay(row: StaleRow): StaleDays['days'][number] {
  return {
    day: dayAt(row.day_s),
    sources: row.sources.map(asLoadId),
    ...(row.greatest === '0' ? {} : { greatestLoadId: asLoadId(row.greatest) }),
  };
}

function dayAt(seconds: number): Hour {
  return hourAt(seconds * 1000);
}

function parametersOf(builds: readonly DayBuild[]): Parameters {
  return {
    days: builds.map(({ day }) => hourSeconds(day)),
    builds: builds.map(({ loadId }) => BigInt(loadId)),
    sources: builds.flatMap(({ sources }) => sources.map(BigInt)),
  };
}
