/** Timeouts, retries, heartbeats and pauses of every workflow, in one place. Retry class comes from the error class. */
import type { ActivityOptions, LocalActivityOptions, RetryPolicy } from '@temporalio/workflow';
import { NON_RETRYABLE_ERROR_NAMES } from '../domain/errors.ts';
import { HOUR_MS } from '../domain/hour.ts';
import { ATTEMPT_MAX_MS, PURGE_SETTLE_MS } from '../domain/sweep.ts';

/**
 * Growing pauses of 5 s to 5 min: short enough that a restarted server is used at once, long enough to leave an
 * overloaded one alone.
 */
const RETRY: RetryPolicy = {
  initialInterval: '5 seconds',
  backoffCoefficient: 2,
  maximumInterval: '5 minutes',
  nonRetryableErrorTypes: [...NON_RETRYABLE_ERROR_NAMES],
};

/** Reads memory only; local, so that it costs no round trip through the task queue. */
export const SETTINGS_ACTIVITY: LocalActivityOptions = {
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 minute',
};

/**
 * One small query or insert. Tried for a day, so that ClickHouse may be down over a night; the hour is then
 * picked up by a lookback.
 */
export const LEDGER_ACTIVITY: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '1 day',
  retry: RETRY,
};

/** One LIST per day and a ledger query per table; a day of the feed is about a hundred keys, a full page takes a second. */
export const LOOK_ACTIVITY: ActivityOptions = {
  startToCloseTimeout: '15 minutes',
  scheduleToCloseTimeout: '6 hours',
  heartbeatTimeout: '2 minutes',
  retry: RETRY,
};

/**
 * One window of a load. Two hours is ample for a day of large objects (100 GB at the 20 MB/s of a poor line take 83
 * minutes); the attempt stops itself before. The sweep counts on it: an attempt is over after that, whatever happens. A dead worker is noticed by the missing heartbeat, not by this.
 * Half a minute of silence is three times the interval at which the worker sends heartbeats (worker.ts).
 */
export const LOAD_ACTIVITY: ActivityOptions = {
  startToCloseTimeout: ATTEMPT_MAX_MS,
  scheduleToCloseTimeout: '1 day',
  heartbeatTimeout: '30 seconds',
  retry: RETRY,
};

/**
 * A window of a backfill is given up sooner, as something else is tried then: its hours one by one. Eight attempts
 * span about 15 minutes of pauses.
 */
export const BACKFILL_LOAD_ACTIVITY: ActivityOptions = {
  ...LOAD_ACTIVITY,
  scheduleToCloseTimeout: '12 hours',
  retry: { ...RETRY, maximumAttempts: 8 },
};

/** One DELETE rewrites the parts that hold the rows: seconds to minutes, and the client hears nothing meanwhile. */
export const DELETE_ACTIVITY: ActivityOptions = {
  startToCloseTimeout: '2 hours',
  scheduleToCloseTimeout: '6 hours',
  heartbeatTimeout: '2 minutes',
  retry: RETRY,
};

/** Derives the page views of at most a month, in the server; a day of the feed takes a second. */
export const EVENTS_ACTIVITY: ActivityOptions = {
  startToCloseTimeout: '30 minutes',
  scheduleToCloseTimeout: '6 hours',
  heartbeatTimeout: '30 seconds',
  retry: RETRY,
};

/** How often a rebuild of page views looks again for hours that became stale meanwhile. */
export const REBUILD_ROUNDS_MOST = 5;

/** Calls of `buildMonths` in one run, so that it ends: each builds up to twelve months, so this is a century. */
export const MONTH_CALLS_MOST = 100;

/** Hours of one survey: a month, about as many LISTs as fit into a minute. */
export const SURVEY_HOURS = 24 * 31;

/** A run continues as new at the latest when its history has so many events, should the server not ask for it before. */
export const HISTORY_EVENTS_MOST = 8_000;

/** Between a truncation and the deletion of its rows, when they are to go at once: what the sweep would wait for itself. */
export const PURGE_SETTLE = PURGE_SETTLE_MS;

/** Sweeps of one table in a run: 200,000 loads, five years of hours loaded four times. */
export const SWEEP_ROUNDS_MOST = 20;

/** Hours that a reconciliation looks at in one step: a week is seven LISTs and a scan of some 700 loads. */
export const RECONCILE_STEP_HOURS = 24 * 7;

/** How often a backfill begins a window anew that failed as a server was unavailable: with the pause below, about a day. */
export const BACKFILL_OUTAGE_ROUNDS = 48;
/** The pause between those rounds. */
export const BACKFILL_OUTAGE_PAUSE = '15 minutes';

/** An object that is not there yet is looked for after 1, 2, 4, 8 and then every 10 minutes. */
const ABSENT_PAUSE_FIRST_MS = 60_000;
const ABSENT_PAUSE_MOST_MS = 600_000;

/** The pause after the try with this number, counted from 0, in milliseconds. */
export function absentPauseMs(tryIndex: number): number {
  return Math.min(ABSENT_PAUSE_FIRST_MS * 2 ** Math.min(tryIndex, 10), ABSENT_PAUSE_MOST_MS);
}

/** The longest wait for an object that an input may ask for: beyond a day, lookback is the tool. */
export const WAIT_FOR_OBJECT_MINUTES_MOST = 1440;

/** A scheduled run that begins later than this was made up for: by then the next one is due. */
export const PUNCTUAL_MS = HOUR_MS;

/** The longest lookback that an input may ask for: 31 days. Beyond it, backfill with mode "changed" is the tool. */
export const LOOKBACK_HOURS_MOST = 744;

/** The most windows that an input may ask for at a time: half of Temporal's limit would be 1,000; servers give out long before. */
export const CONCURRENCY_MOST = 64;

/** How many failed or rejected hours a backfill lists by name; beyond it they are only counted, to keep history small. */
export const LISTED_TROUBLES_MOST = 200;
