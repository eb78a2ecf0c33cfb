/** Workers for workflow tests, over the real server or the time-skipping one. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { inject } from 'vitest';
import { startOwnTemporal } from '../support/own-servers.ts';
import type { FakeWorld } from './fakes.ts';

/** The sources, as a worker in development bundles them. */
export const WORKFLOWS_PATH = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));

let bundle: ReturnType<typeof bundleWorkflowCode> | undefined;

/** Bundles once per test file, and keeps the SDK's log to what went wrong. */
function workflowBundle(): ReturnType<typeof bundleWorkflowCode> {
  if (bundle === undefined) {
    const logger = new DefaultLogger('ERROR');
    Runtime.install({
      logger,
      telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} } },
    });
    bundle = bundleWorkflowCode({ workflowsPath: WORKFLOWS_PATH, logger });
  }
  return bundle;
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
  const bundled = await workflowBundle();
  const { address } = await startOwnTemporal();
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  return benchOf(bundled, new Client({ connection }), native, async () => {
    await native.close();
    await connection.close();
  });
}

/** A bench on the time-skipping server: waits end at once. */
export async function skippingBench(): Promise<Bench & { readonly environment: TestWorkflowEnvironment }> {
  const bundled = await workflowBundle();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: inject('stack').testServerPath } },
  });
  const bench = benchOf(bundled, environment.client, environment.nativeConnection, () => environment.teardown());
  return { ...bench, environment };
}

function benchOf(
  workflowBundleCode: Awaited<ReturnType<typeof bundleWorkflowCode>>,
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
        workflowBundle: workflowBundleCode,
        activities: world.activities(),
      });
      return worker.runUntil(() => work(taskQueue));
    },
  };
}
