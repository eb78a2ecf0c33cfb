/** What a worker of the product is told: the test servers, a database and a feed prefix of the test's own, a fresh namespace. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { inject } from 'vitest';
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

/** The environment of workers and of the CLI, without anything of the developer's own but PATH and HOME. */
export function serviceEnv(
  { database, prefix, namespace }: ServicePlace,
  { clickhouse, temporal }: ServiceServers = inject('stack'),
): Record<string, string> {
  const { s3 } = inject('stack');
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: s3.region,
    S3_BUCKET: s3.bucket,
    S3_PREFIX: prefix,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    CLICKHOUSE_URL: clickhouse.url,
    CLICKHOUSE_USER: clickhouse.user,
    CLICKHOUSE_PASSWORD: clickhouse.password,
    CLICKHOUSE_DATABASE: database,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: namespace,
    HEALTH_PORT: '0',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
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
