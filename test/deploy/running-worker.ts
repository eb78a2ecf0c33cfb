/** The worker as `clickfeed worker` runs it, in this process, against the test servers and a Temporal namespace of its own. */
import { inject } from 'vitest';
import { ClickHouseServer, setup } from '../../adapters/clickhouse/index.ts';
import { loadConfig } from '../../config/load.ts';
import { TASK_QUEUE, WORKFLOWS } from '../../domain/service.ts';
import type { Hour } from '../../domain/hour.ts';
import { runWorker } from '../../worker.ts';
import { createDatabase, type TestDatabase } from '../support/clickhouse.ts';
import { createFeedPrefix } from '../support/s3.ts';
import { createNamespace, serviceEnv } from '../support/service-env.ts';

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
  const database = await createDatabase();
  const prefix = createFeedPrefix();
  const client = await createNamespace();
  const server = new ClickHouseServer({ ...inject('stack').clickhouse, database: database.name });
  await setup(server);
  await server.close();
  const { namespace } = client.options;
  const env = serviceEnv({ database: database.name, prefix, namespace });
  const config = loadConfig({
    folder: '/nonexistent',
    env: { ...env, SHUTDOWN_GRACE_SECONDS: '0', LOG_LEVEL: 'error' },
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
    await client.connection.close();
    await database.drop();
  };
  const healthUrl = await ready;
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
