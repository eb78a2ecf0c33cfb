/** The facade over Temporal: everything that the CLI and other programs ask of the service, in words of the domain. */
import { WorkflowExecutionAlreadyStartedError, type Client, type WorkflowHandle } from '@temporalio/client';
import type { TableName } from '../domain/catalogue.ts';
import { InputError } from '../domain/errors.ts';
import type { Hour } from '../domain/hour.ts';
import type { LoadMode } from '../domain/loading.ts';
import { FIRST_BACKFILL_ID, manualLoadId, TASK_QUEUE, WORKFLOWS } from '../domain/service.ts';
import type { HourlyLoadInput, HourlyLoadProgress } from '../workflows/messages.ts';
import { ensureDailySchedule, ensureHourlySchedule, type ScheduleOutcome, type ScheduleSettings } from './schedules.ts';

/** The workflow `hourlyLoad`. */
export type HourlyLoad = (input?: HourlyLoadInput) => Promise<HourlyLoadProgress>;

/** A load by hand. */
export interface LoadRequest {
  readonly hour: Hour;
  /** Default: the worker's configured tables. */
  readonly tables?: readonly TableName[];
  readonly mode?: LoadMode;
}

/** A load that runs. */
export interface StartedLoad {
  readonly handle: WorkflowHandle<HourlyLoad>;
  readonly workflowId: string;
  /** Whether it ran before this call, asked for the same. */
  readonly joined: boolean;
}

/** See the functions of {@link createFeedClient}. */
export interface FeedClient {
  /** Creates the schedules or brings them to these settings; whether they are paused is left as it is. */
  ensureSchedules(
    settings: ScheduleSettings,
  ): Promise<{ readonly hourly: ScheduleOutcome; readonly daily: ScheduleOutcome }>;
  /** Starts a load, or joins the one of that hour that runs. @throws {InputError} when that one was asked for something else */
  startLoad(request: LoadRequest): Promise<StartedLoad>;
  /** Starts the backfill from the feed's start. @returns whether it was started: once per namespace */
  startFirstBackfill(): Promise<boolean>;
  /** Whether any worker polls the task queue. */
  hasWorker(): Promise<boolean>;
}

/** Builds the facade over a connected client. */
export function createFeedClient(client: Client): FeedClient {
  return {
    ensureSchedules: async (settings) => ({
      hourly: await ensureHourlySchedule(client.schedule, settings),
      daily: await ensureDailySchedule(client.schedule),
    }),
    startLoad: (request) => startLoad(client, request),
    startFirstBackfill: () => startFirstBackfill(client),
    hasWorker: () => hasWorker(client),
  };
}

async function startLoad(client: Client, request: LoadRequest): Promise<StartedLoad> {
  const workflowId = manualLoadId(request.hour);
  const { hour, mode = 'missing', tables } = request;
  const wish = JSON.stringify({ mode, tables: tables === undefined ? 'configured' : [...tables].sort() });
  try {
    const handle = await client.workflow.start<HourlyLoad>(WORKFLOWS.hourlyLoad, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [{ hour, mode, ...(tables === undefined ? {} : { tables }) }],
      memo: { wish },
      staticSummary: `Load ${hour}, mode ${mode}, by hand`,
    });
    return { handle, workflowId, joined: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return joinLoad(client, workflowId, wish);
  }
}

async function joinLoad(client: Client, workflowId: string, wish: string): Promise<StartedLoad> {
  const handle = client.workflow.getHandle<HourlyLoad>(workflowId);
  const { memo } = await handle.describe();
  if (memo?.['wish'] === wish) return { handle, workflowId, joined: true };
  throw new InputError(
    `Cannot start ${workflowId}: found it running with other tables or another mode, expected it to end first`,
  );
}

async function startFirstBackfill(client: Client): Promise<boolean> {
  try {
    await client.workflow.start(WORKFLOWS.backfill, {
      workflowId: FIRST_BACKFILL_ID,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      taskQueue: TASK_QUEUE,
      args: [],
      staticSummary: 'Load the feed from its start',
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

async function hasWorker(client: Client): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: TASK_QUEUE },
  });
  return pollers.length > 0;
}
