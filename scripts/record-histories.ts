/** Records histories: `npx tsx scripts/record-histories.ts [name...]`; without names those that are not there yet. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { findTemporalTestServer, startTemporal } from '../devstack/servers/temporal.ts';
import { LOOKBACK_ID } from '../domain/service.ts';
import { SCENARIOS, type Scenario } from '../test/workflows/scenarios.ts';

const FOLDER = fileURLToPath(new URL('../test/histories/', import.meta.url));
const WORKFLOWS = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));

/** A server to record on. */
interface Place {
  readonly client: Client;
  readonly connection: NativeConnection;
  close(): Promise<void>;
}

const logger = new DefaultLogger('ERROR');
Runtime.install({ logger });
const workflowBundle = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger });
const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Of worker and client, in place of process and host. */
const IDENTITY = 'recorder';
const names = process.argv.slice(2);
for (const scenario of SCENARIOS) {
  const file = path.join(FOLDER, `${scenario.name}.json`);
  const isWanted = names.length === 0 ? !existsSync(file) : names.includes(scenario.name);
  if (!isWanted) continue;
  writeFileSync(file, await record(scenario));
  console.log(`Recorded ${scenario.name}`);
}

async function record(scenario: Scenario): Promise<string> {
  const place = scenario.server === 'real' ? await realPlace() : await skippingPlace();
  try {
    const taskQueue = `record-${randomUUID()}`;
    const activities = scenario.world().activities();
    const worker = await Worker.create({
      connection: place.connection,
      taskQueue,
      workflowBundle,
      activities,
      identity: IDENTITY,
    });
    return await worker.runUntil(() => recordRun(place.client, scenario, taskQueue));
  } finally {
    await place.close();
  }
}

async function recordRun(client: Client, scenario: Scenario, taskQueue: string): Promise<string> {
  const isScheduled = scenario.scheduled !== undefined;
  const workflowId = isScheduled ? await startBySchedule(client, scenario, taskQueue) : scenario.name;
  if (!isScheduled) {
    await client.workflow.start(scenario.workflow, { workflowId, taskQueue, args: [...scenario.args] });
  }
  const handle = client.workflow.getHandle(workflowId);
  await scenario.meanwhile?.(client, workflowId);
  await handle.result().catch(() => undefined); // failed runs are worth keeping too
  // A run leaves a lookback behind, which needs this worker to end.
  await client.workflow
    .getHandle(LOOKBACK_ID)
    .result()
    .catch(() => undefined);
  const history = JSON.parse(historyToJSON(await handle.fetchHistory())) as unknown;
  // Stack traces name files of this machine.
  return `${JSON.stringify(history, null, 1).replaceAll(ROOT, '')}\n`;
}

/** Starts it when it is due, by a trigger, or long after, by a backfill of one scheduled time. @returns the id that Temporal gives the run */
async function startBySchedule(client: Client, { workflow, scheduled }: Scenario, taskQueue: string): Promise<string> {
  const schedule = await client.schedule.create({
    scheduleId: 'record',
    spec: { calendars: [{ minute: 5, hour: '*' }] },
    action: { type: 'startWorkflow', workflowType: workflow, workflowId: 'hourly', taskQueue },
    state: { paused: true },
  });
  if (scheduled === 'punctual') await schedule.trigger('ALLOW_ALL');
  else {
    await schedule.backfill({
      start: new Date('2024-05-01T14:00:00Z'),
      end: new Date('2024-05-01T14:30:00Z'),
      overlap: 'ALLOW_ALL',
    });
  }
  for (let tries = 0; tries < 100; tries += 1) {
    const { recentActions } = (await schedule.describe()).info;
    const workflowId = recentActions[0]?.action.workflow.workflowId;
    if (workflowId !== undefined) return workflowId;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('Record a scheduled run: the schedule started none within 10 s');
}

async function realPlace(): Promise<Place> {
  const dir = mkdtempSync(path.join(tmpdir(), 'clickfeed-record-'));
  const server = await startTemporal({ dir, inMemory: true });
  const connection = await NativeConnection.connect({ address: server.address });
  const clientConnection = await Connection.connect({ address: server.address });
  return {
    client: new Client({ connection: clientConnection, identity: IDENTITY }),
    connection,
    close: async () => {
      await connection.close();
      await clientConnection.close();
      await server.process.stop();
      rmSync(dir, { recursive: true });
    },
  };
}

async function skippingPlace(): Promise<Place> {
  const executable = { type: 'existing-path', path: await findTemporalTestServer() } as const;
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable },
    client: { identity: IDENTITY },
  });
  return {
    client: environment.client,
    connection: environment.nativeConnection,
    close: () => environment.teardown(),
  };
}
