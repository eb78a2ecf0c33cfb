/** Which loads of the derived tables readers see: of every hour its events, of every day its sessions. */
import type { TableName } from '../../../domain/catalogue.ts';
import { EVENT_SOURCES, EVENTS_TABLE } from '../../../domain/events.ts';
import { addHours, hourAt, type Hour, type HourRange } from '../../../domain/hour.ts';
import { asLoadId, type LoadId } from '../../../domain/load-id.ts';
import { monthChain, monthsOfEvents, type MonthCommitted } from '../../../domain/months.ts';
import type { ClickHouseServer } from '../server.ts';
import type { Namer } from '../views.ts';
import { readMonths } from './months-store.ts';
import { IS_STRAY } from './session-source.ts';
import { SESSION_DAYS, SESSION_PARTS } from './tables.ts';
import { builtDaysSql } from './views.ts';

/** For statements that name loads: twenty bytes each, of every hour. */
export const LIST_SETTINGS = { max_query_size: '67108864' } as const;

/** An hour whose events readers see, and what is to be known of it. */
export interface SeenHour {
  readonly hour: Hour;
  /** The load of its events. */
  readonly loadId: LoadId;
  /** Whether one of its tables changed since the events were built. */
  readonly isStale: boolean;
  /** The tables that it was built without. */
  readonly missing: readonly TableName[];
  /** Whether lines of the tables that it was built from are quarantined. */
  readonly hasQuarantined: boolean;
}

/** A UTC day, oldest hour first. */
export interface SeenDay {
  /** Its first hour. */
  readonly day: Hour;
  readonly hours: readonly SeenHour[];
  /** The load of its sessions, where one rests on exactly these hours. */
  readonly sessions?: LoadId;
  /** Whether a page view of its hours lies outside the day by its time. */
  readonly hasStrays: boolean;
}

/** Loads that together hold the sessions of a range, each hour once. */
export interface SessionLoads {
  /** Loads of sessions, a day each. */
  readonly days: readonly LoadId[];
  /** Loads of events of the hours that those days hold. */
  readonly hoursOfDays: readonly LoadId[];
  /** Loads of events of the other hours: of the day that runs, of days that the range cuts, of days to be built again. */
  readonly otherHours: readonly LoadId[];
  /** The days of those other hours: by them ClickHouse finds the rows without reading all. */
  readonly otherDays: readonly Hour[];
  /** Whether any of these days has strays. */
  readonly hasStrays: boolean;
}

/** Where the page views of a range are read: from months as far as these lie in it, from parts of sessions for the other hours. */
export interface MonthLoads {
  /** Loads of months whose hours all lie in the range. */
  readonly months: readonly LoadId[];
  /** Loads of all months that are seen: any of them may have given a visitor its number. */
  readonly numbers: readonly LoadId[];
  /** Loads of events of the other hours. */
  readonly otherHours: readonly LoadId[];
  /** Where these lie: before the months, after them. */
  readonly otherRanges: readonly HourRange[];
}

/** Of fewer months, the parts of sessions take less time to read than it takes to look up the numbers of visitors of the other hours. */
const MONTHS_MIN = 6;
/** Beyond two months of other hours, as when the chain is broken, their visitors are too many to look up. */
const OTHER_HOURS_MAX = 62 * 24;

/** All that readers saw at one moment. */
export class SeenLoads {
  readonly #days: readonly SeenDay[];
  readonly #hours: readonly SeenHour[];
  readonly #months: readonly SeenMonth[];

  /**
   * @param days oldest first; none without an hour
   * @param months loads of months that stand, seen or not
   */
  constructor(days: readonly SeenDay[], months: readonly MonthCommitted[]) {
    this.#days = days;
    this.#hours = days.flatMap(({ hours }) => hours);
    this.#months = seenMonths(this.#hours, months);
  }

  get firstHour(): Hour | undefined {
    return this.#hours[0]?.hour;
  }

  get lastHour(): Hour | undefined {
    return this.#hours.at(-1)?.hour;
  }

  /** The hours of a range, oldest first. */
  hoursIn({ from, to }: HourRange): readonly SeenHour[] {
    return this.#hours.filter(({ hour }) => hour >= from && hour < to);
  }

  /** Where the sessions of a range lie. */
  sessionsIn(range: HourRange): SessionLoads {
    const days: LoadId[] = [];
    const hoursOfDays: LoadId[] = [];
    const otherHours: LoadId[] = [];
    const otherDays: Hour[] = [];
    let hasStrays = false;
    for (const { day, hours, sessions, hasStrays: dayHasStrays } of this.#days) {
      const own = hours.filter(({ hour }) => hour >= range.from && hour < range.to).map(({ loadId }) => loadId);
      if (own.length === 0) continue;
      hasStrays ||= dayHasStrays;
      if (sessions !== undefined && day >= range.from && own.length === hours.length) {
        days.push(sessions);
        hoursOfDays.push(...own);
      } else {
        otherDays.push(day);
        otherHours.push(...own);
      }
    }
    return { days, hoursOfDays, otherHours, otherDays, hasStrays };
  }

  /** Where the page views of a range lie; undefined where less than `monthsMin` of its months are told by value. */
  monthsIn(range: HourRange, monthsMin = MONTHS_MIN): MonthLoads | undefined {
    const whole = this.#months.filter((month) => month.range.from >= range.from && month.range.to <= range.to);
    const [first, last] = [whole.at(0), whole.at(-1)];
    if (first === undefined || last === undefined || whole.length < monthsMin) return undefined;
    const otherRanges = [
      { from: range.from, to: first.range.from },
      { from: last.range.to, to: range.to },
    ].filter(({ from, to }) => from < to);
    const otherHours = otherRanges.flatMap((other) => this.hoursIn(other)).map(({ loadId }) => loadId);
    if (monthsMin > 1 && otherHours.length > OTHER_HOURS_MAX) return undefined;
    return {
      months: whole.map(({ loadId }) => loadId),
      numbers: this.#months.map(({ loadId }) => loadId),
      otherHours,
      otherRanges,
    };
  }
}

/** A month as far as it is told by value. */
interface SeenMonth {
  readonly loadId: LoadId;
  /** From the first of its hours to the end of the last. */
  readonly range: HourRange;
}

function seenMonths(hours: readonly SeenHour[], standing: readonly MonthCommitted[]): SeenMonth[] {
  const months = monthsOfEvents(hours);
  return monthChain(months, standing).flatMap(({ loadId, sources }, index) => {
    const own = months[index]?.hours.slice(0, sources.length) ?? [];
    const [first, last] = [own.at(0), own.at(-1)];
    if (first === undefined || last === undefined) return [];
    return { loadId, range: { from: first.hour, to: addHours(last.hour, 1) } };
  });
}

interface DayRow {
  readonly day_s: number;
  readonly sessions: string;
  readonly hours: readonly (readonly [
    atS: number,
    loadId: string,
    isStale: boolean,
    missing: readonly number[],
    hasQuarantined: number,
  ])[];
}

/** Reads them: the hours and days in one statement and so of one moment, beside it what rests on just these or never changes. */
export async function readSeenLoads(server: ClickHouseServer): Promise<SeenLoads> {
  const name = server.name.bind(server);
  const rows = await server.query<DayRow>({ sql: seenSql(name), doing: 'read which hours there are' });
  const withoutSessions = rows.filter(({ sessions }) => sessions === '0').map(({ day_s }) => day_s);
  const strays = await server.query<{ readonly load_id: string }>({
    sql: straysSql(name),
    doing: 'read which page views lie outside their day',
    parameters: { days: withoutSessions },
  });
  const withStrays = new Set(strays.map(({ load_id }) => load_id));
  // Read apart: a load of a month counts only where it rests on just these hours.
  const months = await readMonths(server);
  return new SeenLoads(
    rows.map((row) => readDay(row, withStrays)),
    months,
  );
}

function readDay({ day_s, sessions, hours }: DayRow, withStrays: ReadonlySet<string>): SeenDay {
  const seen = hours.map(([atS, loadId, isStale, missing, quarantined]): SeenHour => {
    const facts = { isStale, missing: EVENT_SOURCES.filter((_, at) => missing.includes(at)) };
    return { hour: hourAt(atS * 1000), loadId: asLoadId(loadId), ...facts, hasQuarantined: quarantined === 1 };
  });
  return {
    day: hourAt(day_s * 1000),
    hours: seen.sort((a, b) => (a.hour < b.hour ? -1 : 1)),
    ...(sessions === '0' ? {} : { sessions: asLoadId(sessions) }),
    hasStrays: sessions === '0' ? hours.some(([, loadId]) => withStrays.has(loadId)) : withStrays.has(sessions),
  };
}

/** Loads with strays: of sessions, and of the hours of days that have none. Parameter: `days`, those days. */
function straysSql(name: Namer): string {
  return `SELECT DISTINCT toString(_load) AS load_id FROM ${name(SESSION_DAYS.raw)} WHERE NOT closed AND stray
UNION ALL SELECT DISTINCT toString(_load) FROM ${name(SESSION_PARTS.raw)}
WHERE toStartOfDay(_hour, 'UTC') IN {days:Array(DateTime('UTC'))} AND visitor != 0 AND ${IS_STRAY}`;
}

/**
 * A row per day. The facts of an hour are told before they are put together: `sources` is of the hour there, of the day here. They are
 * those of the load that readers see: what an hour that is to be built again will rest on says nothing of what is shown.
 */
function seenSql(name: Namer): string {
  const quarantined = `SELECT load_id FROM ${name('loads')} WHERE event = 'committed' AND quarantined > 0`;
  return `SELECT toUnixTimestamp(seen.day) AS day_s, seen.hours AS hours, ifNull(built.newest, 0) AS sessions
FROM (
    SELECT toStartOfDay(hour, 'UTC') AS day, arraySort(groupArray(load_id)) AS loads,
      groupArray((toUnixTimestamp(hour), load_id, is_stale, missing, has_quarantined)) AS hours
    FROM (
        SELECT state.hour AS hour, state.load_id AS load_id, NOT state.fresh AS is_stale,
          arrayFilter(at -> rests.sources[at + 1] = 0, range(${EVENT_SOURCES.length})) AS missing,
          arrayExists(source -> source IN (${quarantined}), rests.sources) AS has_quarantined
        FROM ${name('events_state')} AS state
        INNER JOIN (SELECT load_id, any(sources) AS sources FROM ${name('loads')}
          WHERE event = 'committed' AND table_name = '${EVENTS_TABLE}' GROUP BY load_id) AS rests ON rests.load_id = state.load_id
        WHERE state.load_id != 0
    ) GROUP BY day
) AS seen
LEFT JOIN (${builtDaysSql(name)}) AS built ON built.day = seen.day AND built.sources = seen.loads
ORDER BY day_s`;
}
