/** The facade over the schedules: what the Web UI shows of them and lets an operator do. */
import { ScheduleNotFoundError, ScheduleOverlapPolicy, type ScheduleClient } from '@temporalio/client';
import { InputError } from '../domain/errors.ts';
import { addHours, hourStartMs, type HourRange } from '../domain/hour.ts';
import { HOURLY_SCHEDULE_ID, SCHEDULE_IDS, type ScheduleId } from '../domain/service.ts';

/** A schedule in short. */
export interface ScheduleState {
  readonly id: ScheduleId;
  readonly paused: boolean;
  /** Why it was paused or resumed last. */
  readonly note: string;
  /** UTC; undefined when there is none. */
  readonly nextRun: string | undefined;
  readonly runs: number;
  /** Runs that were due longer ago than is made up for. */
  readonly missed: number;
  /** Runs that were not started as another one ran. */
  readonly skipped: number;
}

/** Every function throws {@link InputError} when `clickfeed setup` has not made the schedule. */
export interface SchedulesClient {
  states(): Promise<readonly ScheduleState[]>;
  pause(id: ScheduleId, note: string): Promise<void>;
  resume(id: ScheduleId, note: string): Promise<void>;
  /** Starts one run now. */
  trigger(id: ScheduleId): Promise<void>;
  /** Starts the hourly schedule's runs that load these hours. */
  backfill(range: HourRange): Promise<void>;
}

/** Builds it over a connected client. */
export function createSchedulesClient(schedules: ScheduleClient): SchedulesClient {
  const steer = (id: ScheduleId, work: (handle: ReturnType<ScheduleClient['getHandle']>) => Promise<void>) =>
    orMissing(id, () => work(schedules.getHandle(id)));
  return {
    states: () => Promise.all(SCHEDULE_IDS.map((id) => stateOf(schedules, id))),
    pause: (id, note) => steer(id, (handle) => handle.pause(note)),
    resume: (id, note) => steer(id, (handle) => handle.unpause(note)),
    trigger: (id) => steer(id, (handle) => handle.trigger()),
    backfill: ({ from, to }) =>
      steer(HOURLY_SCHEDULE_ID, (handle) =>
        // The run that loads an hour is scheduled within the hour behind it.
        handle.backfill({
          start: new Date(hourStartMs(addHours(from, 1))),
          end: new Date(hourStartMs(addHours(to, 1)) - 1),
          overlap: ScheduleOverlapPolicy.ALLOW_ALL,
        }),
      ),
  };
}

async function stateOf(schedules: ScheduleClient, id: ScheduleId): Promise<ScheduleState> {
  const { state, info } = await orMissing(id, () => schedules.getHandle(id).describe());
  return {
    id,
    paused: state.paused,
    note: state.note ?? '',
    nextRun: info.nextActionTimes[0]?.toISOString(),
    runs: info.numActionsTaken,
    missed: info.numActionsMissedCatchupWindow,
    skipped: info.numActionsSkippedOverlap,
  };
}

/** @throws {InputError} when the schedule is not there */
async function orMissing<T>(id: ScheduleId, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new InputError(`Cannot find the schedule ${id}: expected one that "clickfeed setup" has made`);
  }
}
