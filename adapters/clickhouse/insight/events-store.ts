/** The port EventsStore over ClickHouse. */
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  DaysStore,
  EventsBuild,
  EventsCommit,
  EventsCounts,
  EventsOutcome,
  EventsStore,
  StaleHours,
} from '../../../activities/events-ports.ts';
import type { MonthsStore } from '../../../activities/months-ports.ts';
import { CommitRefusedError, OutcomeUnknownError } from '../../../domain/errors.ts';
import { EVENT_SOURCES, EVENT_SPINE, EVENTS_TABLE, type SourceLoads } from '../../../domain/events.ts';
import { hourAt, type Hour, type HourRange } from '../../../domain/hour.ts';
import { asLoadId, type LoadId } from '../../../domain/load-id.ts';
import { hourInRange, hourSeconds, rangeParameters } from '../rows.ts';
import type { ClickHouseServer, Parameters, Statement } from '../server.ts';
import type { Namer } from '../views.ts';
import { createDaysStore } from './days-store.ts';
import { createMonthsStore } from './months-store.ts';
import { appendDerived, BUILD_SETTINGS, commitDerived, succeeds } from './derived-ledger.ts';
import { countBuiltSql, insertEventsSql, insertPartsSql } from './build.ts';
import { JOINED_TABLES } from './columns.ts';

/** Makes the port. The database must be set up. */
export function createEventsStore(server: ClickHouseServer): EventsStore {
  return new ClickHouseEventsStore(server);
}

/** Waits between tries of a commit whose outcome is not known; the last repeats. */
const RETRY_DELAYS_MS = [100, 300, 1_000, 3_000] as const;
/** How long after the deadline a commit of unknown outcome is looked for. */
const LATE_COMMIT_MS = 90_000;

interface StaleRow {
  readonly hour_s: number;
  readonly sources: readonly string[];
  readonly expected_rows: string;
  readonly greatest: string;
  readonly now_ms: string;
}

interface CountRow {
  readonly load_id: string;
  readonly rows: string;
  readonly distinct_lines: string;
  readonly page_views: string;
  readonly parts: string;
}

class ClickHouseEventsStore implements EventsStore {
  readonly days: DaysStore;
  readonly months: MonthsStore;
  readonly #server: ClickHouseServer;
  readonly #name: Namer;

  constructor(server: ClickHouseServer) {
    this.#server = server;
    this.#name = server.name.bind(server);
    this.days = createDaysStore(server);
    this.months = createMonthsStore(server);
  }

  async staleHours(range: HourRange, limit: number, signal: AbortSignal): Promise<StaleHours> {
    const rows = await this.#server.query<StaleRow>({
      sql: this.#staleSql(),
      doing: 'find hours whose page views are to be built',
      parameters: { ...rangeParameters(range), limit },
      signal,
    });
    const hours = rows.filter((row) => row.hour_s >= 0).map(staleHour);
    return { serverNowMs: Number(rows.find((row) => row.hour_s < 0)?.now_ms), hours };
  }

  async staleHourNames(range: HourRange, limit: number, signal: AbortSignal): Promise<Hour[]> {
    const rows = await this.#server.query<{ readonly hour_s: number }>({
      sql: `SELECT toUnixTimestamp(hour) AS hour_s FROM (${this.#staleStatesSql()}) ORDER BY hour_s LIMIT {limit:UInt32}`,
      doing: 'find hours whose page views are to be built',
      parameters: { ...rangeParameters(range), limit },
      signal,
    });
    return rows.map((row) => hourAt(row.hour_s * 1000));
  }

  #staleStatesSql(): string {
    return `SELECT hour, sources FROM ${this.#name('events_state')} WHERE ${hourInRange()} AND NOT fresh AND sources[1] != 0`;
  }

  #staleSql(): string {
    const loads = this.#name('loads');
    // The clock row is there when nothing is stale, too.
    return `SELECT toInt64(toUnixTimestamp(state.hour)) AS hour_s, state.sources AS sources, spine.rows AS expected_rows,
        built.greatest AS greatest, toInt64(0) AS now_ms
      FROM (${this.#staleStatesSql()}) AS state
      LEFT JOIN (SELECT load_id, any(rows) AS rows FROM ${loads}
        WHERE event = 'committed' AND table_name = '${EVENT_SPINE}' AND ${hourInRange()} GROUP BY load_id) AS spine ON spine.load_id = state.sources[1]
      LEFT JOIN (SELECT hour, max(load_id) AS greatest FROM ${loads}
        WHERE event IN ('committed', 'abandoned') AND table_name = '${EVENTS_TABLE}' AND ${hourInRange()} GROUP BY hour) AS built ON built.hour = state.hour
      ORDER BY hour_s LIMIT {limit:UInt32}
      UNION ALL SELECT -1, [], 0, 0, toUnixTimestamp64Milli(now64(3))`;
  }

  async insert(builds: readonly EventsBuild[], signal: AbortSignal): Promise<void> {
    const statement = {
      parameters: parametersOf(builds),
      signal,
      timeoutMs: Infinity,
      settings: BUILD_SETTINGS,
    };
    await this.#server.command({ ...statement, sql: insertEventsSql(this.#name), doing: 'build page views' });
    await this.#server.command({ ...statement, sql: insertPartsSql(this.#name), doing: 'build parts of sessions' });
  }

  async count(builds: readonly EventsBuild[], signal: AbortSignal): Promise<ReadonlyMap<LoadId, EventsCounts>> {
    const rows = await this.#server.query<CountRow>({
      sql: countBuiltSql(this.#name),
      doing: 'count built page views',
      parameters: parametersOf(builds),
      signal,
      timeoutMs: Infinity,
    });
    const counted = new Map(rows.map((row) => [asLoadId(row.load_id), countsOf(row)]));
    return new Map(builds.map(({ loadId }) => [loadId, counted.get(loadId) ?? NOTHING]));
  }

  async commit(commit: EventsCommit, signal: AbortSignal): Promise<ReadonlyMap<LoadId, EventsOutcome>> {
    let isUncertain = false;
    for (let tries = 0; ; tries += 1) {
      if (!(await succeeds(this.#writeCommit(commit, signal)))) isUncertain = true;
      const { serverNowMs, outcomes } = await this.#readBack(commit, signal);
      if (outcomes !== undefined) return outcomes;
      if (serverNowMs > commit.deadlineMs && !isUncertain) throw refused(commit);
      if (serverNowMs > commit.deadlineMs + LATE_COMMIT_MS) throw unknown(commit);
      await sleep(RETRY_DELAYS_MS[Math.min(tries, RETRY_DELAYS_MS.length - 1)], undefined, { signal });
    }
  }

  #writeCommit({ builds, ...commit }: EventsCommit, signal: AbortSignal): Promise<void> {
    const rows = builds.map(({ hour, loadId, expectedRows, sources }) => {
      return { hour: hourSeconds(hour), load_id: loadId, rows: expectedRows, sources: sourceIds(sources) };
    });
    return commitDerived(this.#server, { ...commit, table: EVENTS_TABLE, rows }, signal);
  }

  async abandon(builds: readonly EventsBuild[], reason: 'attempt-failed' | 'verification-failed'): Promise<void> {
    if (builds.length === 0) return;
    const rows = builds.map(({ hour, loadId }) => ({ hour: hourSeconds(hour), load_id: loadId, reason }));
    await appendDerived(this.#server, { event: 'abandoned', table: EVENTS_TABLE, rows });
  }

  async #readBack(
    { builds }: EventsCommit,
    signal: AbortSignal,
  ): Promise<{ serverNowMs: number; outcomes: Map<LoadId, EventsOutcome> | undefined }> {
    const ids = builds.map(({ loadId }) => BigInt(loadId));
    const statement: Omit<Statement, 'sql'> = {
      doing: 'read what became of built page views',
      parameters: { ids },
      signal,
    };
    const loads = this.#name('loads');
    const rows = await this.#server.query<{ load_id: string; fate: EventsOutcome; now_ms: string }>({
      ...statement,
      sql: `SELECT load_id, multiIf(load_id IN (SELECT load_id FROM ${loads} WHERE event = 'abandoned'), 'abandoned',
          load_id IN (SELECT load_id FROM ${this.#name('events_state')} WHERE fresh), 'current', 'stale') AS fate, toInt64(0) AS now_ms
        FROM (SELECT DISTINCT load_id FROM ${loads}
          WHERE event IN ('committed', 'abandoned') AND table_name = '${EVENTS_TABLE}' AND load_id IN {ids:Array(UInt64)})
        UNION ALL SELECT 0, '', toUnixTimestamp64Milli(now64(3))`,
    });
    const serverNowMs = Number(rows.find((row) => row.load_id === '0')?.now_ms);
    const fates = new Map(rows.filter((row) => row.load_id !== '0').map((row) => [asLoadId(row.load_id), row.fate]));
    return { serverNowMs, outcomes: fates.size === builds.length ? fates : undefined };
  }
}

const NOTHING: EventsCounts = {
  rows: 0,
  distinctLines: 0,
  pageViews: 0,
  partsPageViews: 0,
};

function staleHour(row: StaleRow): StaleHours['hours'][number] {
  const sources: SourceLoads = Object.fromEntries(
    EVENT_SOURCES.flatMap((table, index) => {
      const id = row.sources[index];
      return id === undefined || id === '0' ? [] : [[table, asLoadId(id)] as const];
    }),
  );
  return {
    hour: hourAt(row.hour_s * 1000),
    sources,
    expectedRows: Number(row.expected_rows),
    ...(row.greatest === '0' ? {} : { greatestLoadId: asLoadId(row.greatest) }),
  };
}

function countsOf(row: CountRow): EventsCounts {
  return {
    rows: Number(row.rows),
    distinctLines: Number(row.distinct_lines),
    pageViews: Number(row.page_views),
    partsPageViews: Number(row.parts),
  };
}

function parametersOf(builds: readonly EventsBuild[]): Parameters {
  const idsOf = (table: (typeof EVENT_SOURCES)[number]): bigint[] =>
    builds.flatMap(({ sources }) => (sources[table] === undefined ? [] : [BigInt(sources[table])]));
  return {
    hours: builds.map(({ hour }) => hourSeconds(hour)),
    builds: builds.map(({ loadId }) => BigInt(loadId)),
    spines: idsOf(EVENT_SPINE),
    ...Object.fromEntries(JOINED_TABLES.map(({ table }) => [table, idsOf(table)])),
  };
}

function sourceIds(sources: SourceLoads): string[] {
  return EVENT_SOURCES.map((table) => sources[table] ?? '0');
}

function refused({ builds }: EventsCommit): CommitRefusedError {
  return new CommitRefusedError(
    `Cannot commit page views of ${builds.length} hours: the deadline of the attempt has passed`,
  );
}

function unknown({ builds }: EventsCommit): OutcomeUnknownError {
  return new OutcomeUnknownError(`Cannot tell whether the commit of page views of ${builds.length} hours took effect`);
}
