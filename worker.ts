/** Composition root of the worker: config -> adapters -> activities -> Worker. No logic. */
import { hostname } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from './activities/index.ts';
import { createOperations, type OperationsPorts } from './activities/operations/index.ts';
import { createSettingsActivities, type RunSettings } from './activities/settings.ts';
import { createArchiveReader } from './adapters/archive/index.ts';
import { ClickHouseServer, createLoadPorts, createStatusReader } from './adapters/clickhouse/index.ts';
import { createAuditor, createSweeper, createTruncations } from './adapters/clickhouse/operations/index.ts';
import { createEventsStore } from './adapters/clickhouse/insight/index.ts';
import { createObjectStore } from './adapters/s3/index.ts';
import {
  createLogger,
  createMetrics,
  freeLoopbackPort,
  startHealthServer,
  type Logger,
} from './adapters/telemetry/index.ts';
import { installRuntime, knownSearchAttributes, workflowSource } from './adapters/temporal/index.ts';
import { secretsOf, type Config } from './config/config.ts';
import { WINDOW_DAYS_MOST } from './domain/backfill.ts';
import { UnavailableError } from './domain/errors.ts';
import { addHours, lastCompleteHour } from './domain/hour.ts';
import { TASK_QUEUE } from './domain/service.ts';
import { ATTEMPT_MAX_MS, PURGE_SETTLE_MS, SETTLE_MS, SWEPT_LOADS_MAX } from './domain/sweep.ts';
import type { TableStatus } from './domain/status.ts';

/** How the worker is run. */
export interface RunWorkerOptions {
  /** Ends the worker: running loads get the configured grace, then are cancelled and handed over. */
  readonly signal: AbortSignal;
  /** Where log lines go; default standard error. */
  readonly logFile?: string;
  /** Called when it takes work. */
  readonly onReady?: (addresses: { readonly healthUrl: string }) => void;
}

/** After the grace, this long for cancelled loads to give up their load ids; then the process ends anyway. */
const FORCE_AFTER_GRACE_SECONDS = 15;
/** Cancellation reaches an activity with a heartbeat, so no less often than this. */
const HEARTBEAT_EVERY = '10 seconds';
/** Each load may hold an INSERT and ask the ledger at the same time; a few for everything else. */
const CONNECTIONS_PER_LOAD = 2;
const CONNECTIONS_SPARE = 4;

/**
 * Runs a worker until the signal. Once per process, as Temporal's runtime is.
 * @throws {UnavailableError} when Temporal cannot be reached
 * @throws {ConfigError} when the health port is taken
 */
export async function runWorker(config: Config, options: RunWorkerOptions): Promise<void> {
  const { logLevel, healthHost, healthPort } = config.worker;
  const logger = createLogger({ level: logLevel, secrets: secretsOf(config), file: options.logFile });
  const metricsAddress = `127.0.0.1:${await freeLoopbackPort()}`;
  installRuntime(logger, logLevel, metricsAddress);
  const connection = await connect(config);
  const closing: (() => Promise<void> | void)[] = [() => connection.close()];
  try {
    const server = createClickHouse(config);
    closing.push(() => server.close());
    const worker = await createWorker(config, connection, server, closing);
    const health = await startHealthServer(healthHost, healthPort, {
      healthy: () => worker.getState() !== 'FAILED',
      ready: () => worker.getState() === 'RUNNING',
      metrics: createMetrics(metricsAddress, { readStatus: statusReader(config, server) }),
    });
    closing.push(() => health.close());
    await runUntil(worker, options, health.url, logger);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function runUntil(worker: Worker, options: RunWorkerOptions, healthUrl: string, logger: Logger): Promise<void> {
  const stop = (): void => {
    logger.info('Stopping: running loads finish or are handed over');
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const running = worker.run();
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  logger.info({ taskQueue: TASK_QUEUE, healthUrl }, 'Worker is ready');
  options.onReady?.({ healthUrl });
  try {
    await running;
  } finally {
    options.signal.removeEventListener('abort', stop);
  }
  logger.info('Worker has stopped');
}

async function connect({ temporal }: Config): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(temporal.connection);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new UnavailableError(`Cannot connect to Temporal at ${temporal.address}: found ${found}`);
  }
}

async function createWorker(
  config: Config,
  connection: NativeConnection,
  server: ClickHouseServer,
  closing: (() => Promise<void> | void)[],
): Promise<Worker> {
  const { namespace } = config.temporal;
  const searchAttributes = await knownSearchAttributes(connection, namespace);
  const grace = config.worker.shutdownGraceSeconds;
  const ports = createPorts(config, server, closing);
  return Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUE,
    identity: workerName(),
    activities: {
      ...createActivities(ports),
      ...createOperations(operationsPorts(ports, server)),
      ...createSettingsActivities(runSettings(config, searchAttributes)),
    },
    ...(await workflowSource(fileURLToPath(new URL('.', import.meta.url)), extname(import.meta.url))),
    maxConcurrentActivityTaskExecutions: config.limits.loadConcurrency,
    maxHeartbeatThrottleInterval: HEARTBEAT_EVERY,
    shutdownGraceTime: `${grace} seconds`,
    shutdownForceTime: `${grace + FORCE_AFTER_GRACE_SECONDS} seconds`,
  });
}

function createClickHouse({ clickhouse, limits }: Config): ClickHouseServer {
  const maxOpenConnections = limits.loadConcurrency * CONNECTIONS_PER_LOAD + CONNECTIONS_SPARE;
  return new ClickHouseServer({ ...clickhouse, maxOpenConnections });
}

/** The status of the whole feed, for the metrics. */
function statusReader(
  { feed }: Config,
  server: ClickHouseServer,
): (signal: AbortSignal) => Promise<readonly TableStatus[]> {
  const reader = createStatusReader(server);
  return (signal) =>
    reader.status(feed.tables, { from: feed.start, to: addHours(lastCompleteHour(Date.now()), 1) }, signal);
}

function createPorts(
  { s3, limits }: Config,
  server: ClickHouseServer,
  closing: (() => Promise<void> | void)[],
): Parameters<typeof createActivities>[0] {
  const store = createObjectStore(s3);
  closing.push(() => {
    store.close();
  });
  return {
    store,
    archives: createArchiveReader(limits.archive),
    ...createLoadPorts(server),
    events: createEventsStore(server),
    workerName: workerName(),
  };
}

function operationsPorts(
  { store, ledger }: Pick<OperationsPorts, 'store' | 'ledger'>,
  server: ClickHouseServer,
): OperationsPorts {
  return {
    store,
    ledger,
    truncations: createTruncations(server),
    sweeper: createSweeper(server),
    auditor: createAuditor(server),
    sweepRules: {
      attemptMs: ATTEMPT_MAX_MS,
      settleMs: SETTLE_MS,
      purgeSettleMs: PURGE_SETTLE_MS,
      loadsMax: SWEPT_LOADS_MAX,
    },
  };
}

function runSettings({ feed, limits }: Config, searchAttributes: RunSettings['searchAttributes']): RunSettings {
  const { tables, start, waitForObjectMinutes, lookbackHours, purgeGraceHours } = feed;
  return {
    tables,
    feedStart: start,
    waitForObjectMinutes,
    lookbackHours,
    purgeGraceHours,
    windowConcurrency: limits.windowConcurrency,
    windowDaysMost: WINDOW_DAYS_MOST,
    searchAttributes,
  };
}

function workerName(): string {
  return `clickfeed ${hostname()}:${process.pid}`;
}
