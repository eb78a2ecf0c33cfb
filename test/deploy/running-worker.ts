/** The worker as `clickfeed worker` runs it, in this process, against the test servers and a Temporal namespace of its own. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { ClickHouseServer, setup } from '../../adapters/clickhouse/index.ts';
import { loadConfig } from '../../config/load.ts';
import { TASK_QUEUE, WORKFLOWS } from '../../domain/service.ts';
import type { Hour } from '../../domain/hour.ts';
import { runWorker } from '../../worker.ts';
import { createDatabase, type TestDatabase } from '../support/clickhouse.ts';
import { eventually } from '../support/eventually.ts';
import { createFeedPrefix } from '../support/s3.ts';

/** What a test does with it. */
export interface RunningWorker {
  readonly database: TestDatabase;
  readonly prefix: string;
  readonly healthUrl: string;
  /** Runs `hourlyLoad` to its end. */
  loadHour(hour: Hour): Promise<void>;
  /** What /metrics answers. */
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts it; once per test file, as Temporal's runtime is one per process. For `beforeAll`: `stop` it in `afterAll`. */
export async function startRunningWorker(): Promise<RunningWorker> {
  const { clickhouse, s3, temporal } = inject('stack');
  const database = await createDatabase();
  const prefix = createFeedPrefix();
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address: temporal.address });
  await makeNamespace(connection, namespace);
  const server = new ClickHouseServer({ ...clickhouse, database: database.name });
  await setup(server);
  await server.close();
  const config = loadConfig({
    folder: '/nonexistent',
    env: {
      S3_ENDPOINT: s3.endpoint,
      S3_REGION: s3.region,
      S3_BUCKET: s3.bucket,
      S3_PREFIX: prefix,
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
      CLICKHOUSE_URL: clickhouse.url,
      CLICKHOUSE_USER: clickhouse.user,
      CLICKHOUSE_PASSWORD: clickhouse.password,
      CLICKHOUSE_DATABASE: database.name,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: namespace,
      HEALTH_PORT: '0',
      SHUTDOWN_GRACE_SECONDS: '0',
      LOG_LEVEL: 'error',
    },
  });
  const stopping = new AbortController();
  let ended = Promise.resolve();
  const ready = new Promise<string>((resolve, reject) => {
    ended = runWorker(config, {
      signal: stopping.signal,
      onReady: (addresses) => {
        resolve(addresses.healthUrl);
      },
    });
    ended.catch(reject);
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await ended;
    await connection.close();
    await database.drop();
  };
  const healthUrl = await ready;
  const client = new Client({ connection, namespace });
  return {
    database,
    prefix,
    healthUrl,
    loadHour: async (hour) => {
      await client.workflow.execute(WORKFLOWS.hourlyLoad, {
        taskQueue: TASK_QUEUE,
        workflowId: `load/${hour}`,
        args: [{ hour, waitForObjectMinutes: 0 }],
      });
    },
    metrics: async () => (await fetch(`${healthUrl}/metrics`)).text(),
    stop,
  };
}

async function makeNamespace(connection: Connection, namespace: string): Promise<void> {
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  // Caches of the server learn of a new namespace after a while.
  await eventually(async () => {
    try {
      await connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: TASK_QUEUE },
      });
      return true;
    } catch {
      return false;
    }
  });
}
