/** The schedules as they should be. */
import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type ScheduleClient,
  type ScheduleOptions,
} from '@temporalio/client';
import {
  DAILY_ID,
  DAILY_SCHEDULE_ID,
  HOURLY_SCHEDULE_ID,
  SCHEDULED_LOAD_ID,
  TASK_QUEUE,
  WORKFLOWS,
} from '../domain/service.ts';

/** What of a schedule is configured. */
export interface ScheduleSettings {
  /** Minute past each hour, 0 to 59. */
  readonly scheduleMinute: number;
}

/** What ensuring led to. */
export type ScheduleOutcome = 'created' | 'updated';

type ScheduleSpecification = Omit<ScheduleOptions, 'scheduleId' | 'memo'>;

/** Runs missed while the service was down are made up for this long: more than any outage. Temporal's own default is a year. */
const CATCHUP_WINDOW = '365 days';

/** Creates the hourly schedule, or brings it to these settings. Safe to call twice at once. */
export function ensureHourlySchedule(schedules: ScheduleClient, settings: ScheduleSettings): Promise<ScheduleOutcome> {
  return ensure(schedules, HOURLY_SCHEDULE_ID, hourlyOptions(settings));
}

/** Creates the daily schedule, or brings it to what this version wants. Safe to call twice at once. */
export function ensureDailySchedule(schedules: ScheduleClient): Promise<ScheduleOutcome> {
  return ensure(schedules, DAILY_SCHEDULE_ID, DAILY_OPTIONS);
}

async function ensure(
  schedules: ScheduleClient,
  scheduleId: string,
  options: ScheduleSpecification,
): Promise<ScheduleOutcome> {
  try {
    await schedules.create({ scheduleId, ...options });
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  // Paused, note and remaining actions stay as the operator left them.
  await schedules.getHandle(scheduleId).update(({ state }) => ({ ...options, state }));
  return 'updated';
}

/** At a time when few people read, as a DELETE and a count keep the disks busy. */
const DAILY_HOUR = 3;
const DAILY_MINUTE = 40;

const DAILY_OPTIONS: ScheduleSpecification = {
  spec: { calendars: [{ minute: DAILY_MINUTE, hour: DAILY_HOUR, comment: 'Every night, UTC' }] },
  action: {
    type: 'startWorkflow',
    workflowType: WORKFLOWS.daily,
    workflowId: DAILY_ID,
    taskQueue: TASK_QUEUE,
    args: [],
    staticSummary: 'Sweep and reconcile',
    staticDetails:
      'Deletes rows that can never be seen again, then holds bucket, ledger and rows against each other and mends what differs.',
  },
  policies: {
    overlap: ScheduleOverlapPolicy.SKIP,
    // One of the nights that were missed is enough.
    catchupWindow: '1 day',
    pauseOnFailure: false,
  },
};

function hourlyOptions({ scheduleMinute }: ScheduleSettings): ScheduleSpecification {
  return {
    spec: { calendars: [{ minute: scheduleMinute, hour: '*', comment: 'Every hour, UTC' }] },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOWS.hourlyLoad,
      workflowId: SCHEDULED_LOAD_ID,
      taskQueue: TASK_QUEUE,
      // No input: the hour follows from the scheduled time, the rest from the worker's configuration.
      args: [],
      staticSummary: 'Load the hour before the scheduled time',
      staticDetails:
        'One `loadTable` activity per table. An object that is not there yet is waited for; the other tables do not wait for it.',
    },
    policies: {
      // Loads commute, so an hour that takes long must not hold up or drop the next ones.
      overlap: ScheduleOverlapPolicy.ALLOW_ALL,
      catchupWindow: CATCHUP_WINDOW,
      pauseOnFailure: false,
    },
  };
}
