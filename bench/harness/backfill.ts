/** Backfills as an operator starts them, timed from the start of the workflow to its result. */
import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import type { HourRange } from '../../domain/hour.ts';
import { PROGRESS_QUERY, REBUILD_EVENTS_ID, TASK_QUEUE, WORKFLOWS } from '../../domain/service.ts';

/** What a backfill did. */
export interface TimedBackfill {
  readonly seconds: number;
  readonly rows: number;
  /** Events of its history. */
  readonly historyEvents: number;
}

/** How often a backfill is asked where it stands. */
const WATCH_EVERY_MS = 1_000;

/**
 * Runs a backfill to its end. What derives from the loads goes on in a run of its own: see {@link eventsBuilt}.
 * @param onProgress is told now and then how many hours of tables, so objects, are done
 */
export async function runBackfill(
  client: Client,
  range: HourRange,
  onProgress?: (objects: number) => void,
): Promise<TimedBackfill> {
  const startedMs = performance.now();
  const handle = await client.workflow.start(WORKFLOWS.backfill, {
    workflowId: `backfill/${randomUUID()}`,
    taskQueue: TASK_QUEUE,
    args: [{ ...range, order: 'newest' }],
  });
  const stopWatching = onProgress === undefined ? () => undefined : watch(handle, onProgress);
  const result = (await handle.result().finally(stopWatching)) as { rows: number; troubles: readonly unknown[] };
  const seconds = (performance.now() - startedMs) / 1000;
  if (result.troubles.length > 0) throw new Error(`The backfill had troubles: ${JSON.stringify(result.troubles)}`);
  const { historyLength } = await handle.describe();
  return { seconds, rows: result.rows, historyEvents: historyLength };
}

function watch(handle: WorkflowHandle, onProgress: (objects: number) => void): () => void {
  const timer = setInterval(() => {
    handle.query<{ hoursDone: number } | undefined>(PROGRESS_QUERY).then(
      (progress) => {
        if (progress !== undefined) onProgress(progress.hoursDone);
      },
      () => undefined, // it is between two runs, or over
    );
  }, WATCH_EVERY_MS);
  return () => {
    clearInterval(timer);
  };
}

/** Waits until no page views are being derived. @returns seconds waited */
export async function eventsBuilt(client: Client): Promise<number> {
  const startedMs = performance.now();
  try {
    await client.workflow.getHandle(REBUILD_EVENTS_ID).result();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  return (performance.now() - startedMs) / 1000;
}
