/** What building the page views (`events`) needs of the world. Implemented by adapters/clickhouse/insight. */
import type { SourceLoads } from '../domain/events.ts';
import type { Hour, HourRange } from '../domain/hour.ts';
import type { LoadId } from '../domain/load-id.ts';
import type { Committer } from './attempt.ts';
import type { MonthsStore } from './months-ports.ts';

/** An hour whose events do not rest on the current loads of its tables. */
export interface StaleHour {
  readonly hour: Hour;
  readonly sources: SourceLoads;
  /** Rows of the spine's current load: how many events there must be. */
  readonly expectedRows: number;
  /** The greatest id of any load of events of this hour. */
  readonly greatestLoadId?: LoadId;
}

/** The stale hours of a range, from one snapshot. */
export interface StaleHours {
  /** The ClickHouse server's clock. */
  readonly serverNowMs: number;
  readonly hours: readonly StaleHour[];
}

/** One hour being built. */
export interface EventsBuild extends StaleHour {
  readonly loadId: LoadId;
}

/** What is stored under a load id of events. */
export interface EventsCounts {
  readonly rows: number;
  readonly distinctLines: number;
  readonly pageViews: number;
  /** Page views that the session parts hold together. */
  readonly partsPageViews: number;
}

/** A commit of built hours, all in one block. */
export interface EventsCommit extends Committer {
  readonly builds: readonly EventsBuild[];
  /** The server refuses the commit after this instant of its own clock. */
  readonly deadlineMs: number;
}

/** What became of a commit: `stale` when a table changed meanwhile, so that the hour is to be built once more. */
export type EventsOutcome = 'current' | 'stale' | 'abandoned';

/** A day that is over and whose sessions are to be put together. */
export interface StaleDay {
  /** First hour of the day, UTC. */
  readonly day: Hour;
  /** The loads of events of its hours, in ascending order. */
  readonly sources: readonly LoadId[];
  /** The greatest id of any load of sessions of this day. */
  readonly greatestLoadId?: LoadId;
}

/** The stale days of a range, from one snapshot. */
export interface StaleDays {
  /** The ClickHouse server's clock. */
  readonly serverNowMs: number;
  readonly days: readonly StaleDay[];
}

/** One day being built. */
export interface DayBuild extends StaleDay {
  readonly loadId: LoadId;
}

/** Page views of a day. */
export interface DayCounts {
  /** Those that its stored sessions hold. */
  readonly stored: number;
  /** Those of known visitors by the parts of its hours. */
  readonly expected: number;
}

/** A commit of built days, all in one block. */
export interface DaysCommit extends Omit<EventsCommit, 'builds'> {
  readonly builds: readonly (DayBuild & DayCounts)[];
}

/** Where sessions of days are built. A load that is not committed is never visible; the sweep deletes its rows. */
export interface DaysStore {
  /** Days of the range (by their first hour), and yesterday by the server's clock, oldest first, at most `limit`. */
  staleDays(range: HourRange, limit: number, signal: AbortSignal): Promise<StaleDays>;
  insert(builds: readonly DayBuild[], signal: AbortSignal): Promise<void>;
  /** Counts what is stored, by day. */
  count(builds: readonly DayBuild[], signal: AbortSignal): Promise<ReadonlyMap<Hour, DayCounts>>;
  /** The server refuses it silently once the deadline has passed: the day is stale then as it was before. */
  commit(commit: DaysCommit, signal: AbortSignal): Promise<void>;
}

/** Where events are built: in the server, from the raw tables. */
export interface EventsStore {
  readonly days: DaysStore;
  readonly months: MonthsStore;
  /** Hours of the range whose events are to be built, oldest first, at most `limit`. */
  staleHours(range: HourRange, limit: number, signal: AbortSignal): Promise<StaleHours>;
  /** The same hours by their names alone: there may be thousands, and to know where they lie takes no more. */
  staleHourNames(range: HourRange, limit: number, signal: AbortSignal): Promise<Hour[]>;
  /** Builds the rows of events and of all that is derived from them, under the builds' ids. */
  insert(builds: readonly EventsBuild[], signal: AbortSignal): Promise<void>;
  /** Counts what is stored; ids without rows are in the answer with zeros. */
  count(builds: readonly EventsBuild[], signal: AbortSignal): Promise<ReadonlyMap<LoadId, EventsCounts>>;
  /** @throws {CommitRefusedError} when the deadline had passed; nothing is committed then */
  commit(commit: EventsCommit, signal: AbortSignal): Promise<ReadonlyMap<LoadId, EventsOutcome>>;
  abandon(builds: readonly EventsBuild[], reason: 'attempt-failed' | 'verification-failed'): Promise<void>;
}
