/** Workers for workflow tests, over the real server or the time-skipping one. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import { workflowSource } from '../../adapters/temporal/workflow-source.ts';
import { startOwnTemporal } from '../support/own-servers.ts';
import type { FakeWorld } from './fakes.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The workflows' code as a worker in a checkout takes it: bundled once for all that ask. */
export function workflowCode(): ReturnType<typeof workflowSource> {
  return workflowSource(ROOT, '.ts');
}

let isQuiet = false;

/** Keeps the SDK's log to what went wrong. */
function quieten(): void {
  if (isQuiet) return;
  isQuiet = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} } },
  });
}

/** Where a test runs its workflows. */
export interface Bench {
  readonly client: Client;
  /** Runs a worker over the world's activities while `work` runs, on a task queue of its own. */
  run<T>(world: FakeWorld, work: (taskQueue: string) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A bench on a Temporal dev server of its own, as the lookback has a fixed id: real time, every feature. */
export async function realBench(): Promise<Bench> {
  quieten();
  const code = await workflowCode();
  const { address } = await startOwnTemporal();
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  return benchOf(code, new Client({ connection }), native, async () => {
    await native.close();
    await connection.close();
  });
}

/** A bench on the time-skipping server: waits end at once. */
export async function skippingBench(): Promise<Bench & { readonly environment: TestWorkflowEnvironment }> {
  quieten();
  const code = await workflowCode();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: inject('stack').testServerPath } },
  });
  const bench = benchOf(code, environment.client, environment.nativeConnection, () => environment.teardown());
  return { ...bench, environment };
}

function benchOf(
  code: Awaited<ReturnType<typeof workflowSource>>,
  client: Client,
  connection: NativeConnection,
  close: () => Promise<void>,
): Bench {
  return {
    client,
    close,
    run: async (world, work) => {
      const taskQueue = `test-${randomUUID()}`;
      const worker = await Worker.create({
        connection,
        taskQueue,
        ...code,
        activities: world.activities(),
      });
      return worker.runUntil(() => work(taskQueue));
    },
  };
}
