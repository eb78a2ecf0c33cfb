/** The activities over the real adapters with as little around them as can be: it runs in the test and in processes that are killed. */
import { asyncLocalStorage, Context } from '@temporalio/activity';
import { noopMetricMeter } from '@temporalio/common';
import type { Activities } from '../../activities/api.ts';
import type { EventsActivities } from '../../activities/build-events.ts';
import { createActivities } from '../../activities/index.ts';
import type { OperationsActivities } from '../../activities/operations/api.ts';
import { createOperations } from '../../activities/operations/index.ts';
import { createArchiveReader } from '../../adapters/archive/index.ts';
import { ClickHouseServer, createLoadPorts } from '../../adapters/clickhouse/index.ts';
import { createEventsStore } from '../../adapters/clickhouse/insight/index.ts';
import { createAuditor, createSweeper, createTruncations } from '../../adapters/clickhouse/operations/index.ts';
import { createObjectStore, type S3Config } from '../../adapters/s3/index.ts';

/** Where a workbench stands. */
export interface Place {
  readonly clickhouse: {
    readonly url: string;
    readonly user: string;
    readonly password: string;
    readonly database: string;
    readonly idleTimeoutMs: number;
  };
  readonly s3: S3Config;
}

/** All activities; close it at the end. */
export interface Workbench {
  readonly activities: Activities & EventsActivities & OperationsActivities;
  close(): Promise<void>;
}

/** Over after this, whatever happens. */
const ATTEMPT_MS = 60_000;

/** Opens the adapters as worker.ts does; nothing is sent yet. */
export function createWorkbench({ clickhouse, s3 }: Place): Workbench {
  const server = new ClickHouseServer(clickhouse);
  const store = createObjectStore(s3, { idleTimeoutMs: 1_000, answerTimeoutMs: 2_000, attempts: 3, pauseMs: 10 });
  const ports = createLoadPorts(server);
  const activities = {
    ...createActivities({
      store,
      archives: createArchiveReader({ entrySizeBytes: 2 ** 30, ratio: 200, entries: 1000 }),
      ...ports,
      events: createEventsStore(server),
      workerName: `torture ${process.pid}`,
    }),
    ...createOperations({
      store,
      ledger: ports.ledger,
      truncations: createTruncations(server),
      sweeper: createSweeper(server),
      auditor: createAuditor(server),
      // Everything that is over is settled at once.
      sweepRules: { attemptMs: 0, settleMs: 0, purgeSettleMs: 0, loadsMax: 10_000 },
    }),
  };
  return {
    activities,
    close: async () => {
      store.close();
      await server.close();
    },
  };
}

/** Runs an activity in a context, as a worker would. */
export function asActivity<T>(call: () => Promise<T>): Promise<T> {
  const never = new Promise<never>(() => undefined);
  const quiet = (): void => undefined;
  const logger = { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };
  const info = {
    workflowExecution: { workflowId: 'torture', runId: '00000000-0000-0000-0000-000000000000' },
    attempt: 1,
    startToCloseTimeoutMs: ATTEMPT_MS,
  } as Context['info'];
  const signal = new AbortController().signal;
  const context = new Context(info, never, signal, quiet, undefined, logger, noopMetricMeter, {});
  return asyncLocalStorage.run(context, call);
}
