/** What the activities that derive page views tell workflows. Plain JSON: it goes into Temporal's history. */
import type { HourRange } from './hour.ts';

/** The result of one `buildEvents` activity. */
export interface EventsReport extends HourRange {
  /** Hours that were stale and are built now. */
  readonly hoursBuilt: number;
  /** Their page views. */
  readonly rows: number;
  /** Hours that are stale again, as their tables kept changing: the next lookback builds them. */
  readonly hoursLeft: number;
}

/** The result of one `buildMonths` activity. */
export interface MonthsReport {
  /** Months that were built, up to the last day that is over. */
  readonly monthsBuilt: number;
  /** Months that are still to be built. */
  readonly monthsLeft: number;
}

/** The result of one `staleEvents` activity. */
export interface StaleEvents {
  /** Stale hours found. */
  readonly hours: number;
  /** Windows of at most a UTC day that hold them, and the days whose sessions are to be put together; oldest first. */
  readonly windows: readonly HourRange[];
}
