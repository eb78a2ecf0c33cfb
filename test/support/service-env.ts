/** What a worker of the product is told: the test servers, a database and a feed prefix of the test's own, a fresh namespace. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { programEnv } from '../../devstack/program-env.ts';
import { TASK_QUEUE } from '../../domain/service.ts';
import { cleanUpLater } from './cleanup.ts';
import { eventually } from './eventually.ts';
import type { TestStack } from './stack.ts';

const RETENTION_SECONDS = 86_400;

/** The part of the environment that differs from test to test. */
export interface ServicePlace {
  readonly database: string;
  readonly prefix: string;
  readonly namespace: string;
}

/** The servers that a service stands on: those of the run unless a test kills its own. */
export interface ServiceServers {
  readonly clickhouse: TestStack['clickhouse'];
  readonly temporal: Pick<TestStack['temporal'], 'address'>;
}

/** The environment of workers and of the CLI. */
export function serviceEnv(
  { namespace, ...place }: ServicePlace,
  servers: ServiceServers = inject('stack'),
): Record<string, string> {
  return { ...programEnv({ ...servers, s3: inject('stack').s3 }, place), TEMPORAL_NAMESPACE: namespace };
}

/** A client of a namespace that nobody else uses. Closed when the test ends; one made in `beforeAll` by the caller. */
export async function createNamespace(
  { temporal }: Pick<ServiceServers, 'temporal'> = inject('stack'),
): Promise<Client> {
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address: temporal.address });
  cleanUpLater(() => connection.close());
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: RETENTION_SECONDS as never },
  });
  await eventually(async () => {
    try {
      await connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name: TASK_QUEUE } });
      return true;
    } catch {
      return false; // a new namespace is known to every part of the server only after some seconds
    }
  });
  return new Client({ connection, namespace });
}
