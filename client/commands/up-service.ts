/** The service as `up` runs it: set up, worker and first load in one process, progress from the ledger and from Temporal. */
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { ClickHouseServer, createStatusReader } from '../../adapters/clickhouse/index.ts';
import { loadConfig } from '../../config/load.ts';
import type { UpService } from '../../devstack/up.ts';
import { addHours, lastCompleteHour } from '../../domain/hour.ts';
import { TASK_QUEUE } from '../../domain/service.ts';
import { connectFeedClient } from '../connect.ts';
import { readPage, startDashboardService, type DashboardService } from './dashboard-service.ts';
import { setUp } from './setup.ts';

/** How many running workflows are named. */
const NAMED_RUNS = 3;

/**
 * Connects the service to the stack.
 * @param settings everything that is set, by the user and by the stack
 * @param dir folder of the stack; the worker's log goes there
 * @param version of the program
 * @param onDefect hears of the dashboard's unexpected errors
 */
export async function connectUpService(
  settings: Readonly<Record<string, string | undefined>>,
  dir: string,
  version: string,
  onDefect: (error: unknown) => void,
): Promise<UpService> {
  // The user's `.env` and file are in the settings already: nothing else is to be read.
  const config = loadConfig({ env: { ...settings, CLICKFEED_CONFIG: '' }, folder: dir });
  const connected = await connectFeedClient(config.temporal);
  const clickhouse = new ClickHouseServer(config.clickhouse);
  const status = createStatusReader(clickhouse);
  // Bundled beside what comes before the dashboard, whose start says what goes wrong.
  const page = readPage();
  page.catch(() => undefined);
  let dashboard: DashboardService | undefined;
  return {
    setUp: async () => {
      await setUp(config, connected, false);
    },
    runWorker: async (options) => {
      const { runWorker } = await import('../../worker.ts');
      await runWorker(config, { ...options, logFile: path.join(dir, 'worker.log') });
    },
    startFirstLoad: async () => {
      await connected.feed.startFirstBackfill();
    },
    startDashboard: async () => {
      dashboard = await startDashboardService(config, version, onDefect, page);
      return dashboard.url;
    },
    progress: async (signal) => {
      const range = { from: config.feed.start, to: addHours(lastCompleteHour(Date.now()), 1) };
      const tables = await status.status(config.feed.tables, range, signal);
      const sum = (key: 'loadedHours' | 'rows' | 'quarantinedLines'): number =>
        tables.reduce((total, table) => total + table[key], 0);
      return {
        loadedObjects: sum('loadedHours'),
        rows: sum('rows'),
        quarantinedLines: sum('quarantinedLines'),
        running: await runningWorkflows(connected.client),
      };
    },
    close: async () => {
      await dashboard?.close();
      await clickhouse.close();
      await connected.close();
    },
  };
}

async function runningWorkflows(client: Client): Promise<string[]> {
  const query = `TaskQueue = '${TASK_QUEUE}' AND ExecutionStatus = 'Running'`;
  const names: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query, pageSize: NAMED_RUNS + 1 })) {
    if (names.length === NAMED_RUNS) return [...names, '...'];
    names.push(workflowId);
  }
  return names;
}
