/** Backfills as an operator starts them, timed from the start of the workflow to its result. */
import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { HourRange } from '../../domain/hour.ts';
import { REBUILD_EVENTS_ID, TASK_QUEUE, WORKFLOWS } from '../../domain/service.ts';

/** What a backfill did. */
export interface TimedBackfill {
  readonly seconds: number;
  readonly rows: number;
  /** Events of its history. */
  readonly historyEvents: number;
}

/** Runs a backfill to its end. What derives from the loads goes on in a run of its own: see {@link eventsBuilt}. */
export async function runBackfill(client: Client, range: HourRange): Promise<TimedBackfill> {
  const startedMs = performance.now();
  const handle = await client.workflow.start(WORKFLOWS.backfill, {
    workflowId: `backfill/${randomUUID()}`,
    taskQueue: TASK_QUEUE,
    args: [{ ...range, order: 'newest' }],
  });
  const result = (await handle.result()) as { rows: number; troubles: readonly unknown[] };
  const seconds = (performance.now() - startedMs) / 1000;
  if (result.troubles.length > 0) throw new Error(`The backfill had troubles: ${JSON.stringify(result.troubles)}`);
  const { historyLength } = await handle.describe();
  return { seconds, rows: result.rows, historyEvents: historyLength };
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
