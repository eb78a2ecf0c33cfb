/** The schedules as they should be. */
import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type ScheduleClient,
  type ScheduleOptions,
} from '@temporalio/client';
import { HOURLY_SCHEDULE_ID, SCHEDULED_LOAD_ID, TASK_QUEUE, WORKFLOWS } from '../domain/service.ts';

/** What of a schedule is configured. */
export interface ScheduleSettings {
  /** Minute past each hour, 0 to 59. */
  readonly scheduleMinute: number;
}

/** What ensuring led to. */
export type ScheduleOutcome = 'created' | 'updated';

type HourlyOptions = Omit<ScheduleOptions, 'scheduleId' | 'memo'>;

/** Runs missed while the service was down are made up for this long: more than any outage. Temporal's own default is a year. */
const CATCHUP_WINDOW = '365 days';

/** Creates the hourly schedule, or brings it to these settings. Safe to call twice at once. */
export async function ensureHourlySchedule(
  schedules: ScheduleClient,
  settings: ScheduleSettings,
): Promise<ScheduleOutcome> {
  const options = hourlyOptions(settings);
  try {
    await schedules.create({ scheduleId: HOURLY_SCHEDULE_ID, ...options });
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  // Paused, note and remaining actions stay as the operator left them.
  await schedules.getHandle(HOURLY_SCHEDULE_ID).update(({ state }) => ({ ...options, state }));
  return 'updated';
}

function hourlyOptions({ scheduleMinute }: ScheduleSettings): HourlyOptions {
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
