/** The names by which worker, client and people find the service's parts in Temporal. */
import type { Hour } from './hour.ts';

/** The task queue of workflows and activities. */
export const TASK_QUEUE = 'clickfeed';

/** The schedule that starts {@link WORKFLOWS.hourlyLoad}. */
export const HOURLY_SCHEDULE_ID = 'clickfeed-hourly';

/** Prefix of the ids of scheduled runs; Temporal appends the scheduled time. */
export const SCHEDULED_LOAD_ID = 'hourly';

/** Workflow types by name. */
export const WORKFLOWS = {
  hourlyLoad: 'hourlyLoad',
  lookback: 'lookback',
  backfill: 'backfill',
  truncateTables: 'truncateTables',
  restoreTables: 'restoreTables',
  sweep: 'sweep',
  reconcile: 'reconcile',
  daily: 'daily',
  rebuildEvents: 'rebuildEvents',
} as const;

/** The schedule that starts {@link WORKFLOWS.daily}; its runs' ids begin with {@link DAILY_ID}. */
export const DAILY_SCHEDULE_ID = 'clickfeed-daily';
export const DAILY_ID = 'daily';

/** The schedules that setup makes. */
export const SCHEDULE_IDS = [HOURLY_SCHEDULE_ID, DAILY_SCHEDULE_ID] as const;
/** One of {@link SCHEDULE_IDS}. */
export type ScheduleId = (typeof SCHEDULE_IDS)[number];

/** One sweep and one reconciliation at a time: fixed ids. */
export const SWEEP_ID = 'sweep';
export const RECONCILE_ID = 'reconcile';

/** One run that derives page views at a time: a fixed id. */
export const REBUILD_EVENTS_ID = 'rebuild-events';

/** One lookback at a time: a fixed id. */
export const LOOKBACK_ID = 'lookback';

/** The backfill from the feed's start that the first `up` or `setup --start` begins, once. */
export const FIRST_BACKFILL_ID = 'backfill/first';

/** Names of signals and queries, the same in every workflow that has them. */
export const PROGRESS_QUERY = 'progress';
export const PAUSE_SIGNAL = 'pause';
export const RESUME_SIGNAL = 'resume';

/** The id of a load by hand: one at a time per hour. */
export function manualLoadId(hour: Hour): string {
  return `load/${hour}`;
}

/** Custom search attributes: the tables and the hour that a run loads. Setup registers them where the server allows it. */
export const SEARCH_ATTRIBUTES = { ClickfeedTable: 'KEYWORD_LIST', ClickfeedHour: 'DATETIME' } as const;

/** The name of one of {@link SEARCH_ATTRIBUTES}. */
export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;
