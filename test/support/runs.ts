/** Workflows of a service under test, started by name as people start them. */
import type { WorkflowHandle } from '@temporalio/client';
import { TASK_QUEUE } from '../../domain/service.ts';
import type { Service } from './service.ts';

/** Starts a workflow. */
export async function start<Result>(
  { client }: Pick<Service, 'client'>,
  workflow: string,
  workflowId: string,
  input: unknown = {},
): Promise<WorkflowHandle<(given: unknown) => Promise<Result>>> {
  return client.workflow.start<(given: unknown) => Promise<Result>>(workflow, {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [input],
  });
}

/** Runs a workflow to its end. @returns its result @throws {WorkflowFailedError} */
export async function execute<Result>(
  service: Pick<Service, 'client'>,
  workflow: string,
  workflowId: string,
  input: unknown = {},
): Promise<Result> {
  return (await start<Result>(service, workflow, workflowId, input)).result();
}
