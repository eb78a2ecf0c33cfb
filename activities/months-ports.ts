/** What telling months by value needs of the world. Implemented by adapters/clickhouse/insight. */
import type { LoadId } from '../domain/load-id.ts';
import type { MonthCommitted, MonthOfEvents, MonthToBuild } from '../domain/months.ts';
import type { EventsCommit } from './events-ports.ts';

/** What the ledger says of months. */
export interface MonthsState {
  /** The ClickHouse server's clock, milliseconds since 1970. */
  readonly serverNowMs: number;
  /** Oldest first. */
  readonly months: readonly MonthOfEvents[];
  /** Loads that are committed and not given up. */
  readonly standing: readonly MonthCommitted[];
}

/** One month being built. */
export interface MonthBuild extends MonthToBuild {
  readonly loadId: LoadId;
}

/** What is stored of a month, and what there must be by the parts of its sessions. */
export interface MonthCounts {
  readonly pageViews: number;
  /** By each dimension. */
  readonly storedPageViews: readonly number[];
  readonly visitors: number;
  readonly storedVisitors: number;
  /** Whether each visitor who is new has one number, and these go on from those of the months before. */
  readonly areNumbersInOrder: boolean;
}

/** A commit of a built month. */
export interface MonthCommit extends Omit<EventsCommit, 'builds'> {
  readonly build: MonthBuild;
  readonly pageViews: number;
}

/** Where months are built. A load that is not committed is never visible; the sweep deletes its rows. */
export interface MonthsStore {
  state(signal: AbortSignal): Promise<MonthsState>;
  insert(build: MonthBuild, signal: AbortSignal): Promise<void>;
  count(build: MonthBuild, signal: AbortSignal): Promise<MonthCounts>;
  /** The server refuses it silently once the deadline has passed. */
  commit(commit: MonthCommit, signal: AbortSignal): Promise<void>;
}
