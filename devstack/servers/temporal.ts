/** The embedded Temporal: its development server with Web UI. */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../domain/service.ts';
import { fetchBinary, type FetchOptions } from '../binaries/fetch.ts';
import { TEMPORAL, TEMPORAL_TEST_SERVER } from '../binaries/pins.ts';
import { freePort, type NamedPort } from '../process/ports.ts';
import { startServer, type ServerProcess } from '../process/server-process.ts';

/** Options of {@link startTemporal}; ports are chosen freely when not given. */
export interface TemporalOptions extends FetchOptions {
  /** Folder for data and log; kept between starts. */
  readonly dir: string;
  readonly port?: number;
  /** Port of the Web UI; without it there is none. */
  readonly uiPort?: number;
  /** Whether histories are kept in memory only. */
  readonly inMemory?: boolean;
}

/** A running Temporal server, namespace `default`. */
export interface TemporalServer {
  readonly process: ServerProcess;
  readonly address: string;
  readonly uiUrl?: string;
}

/** The types of search attributes as the program calls them. */
const ATTRIBUTE_TYPES = { KEYWORD_LIST: 'KeywordList', DATETIME: 'Datetime' } as const;

/**
 * Starts the Temporal dev server and waits until its namespace answers.
 * @throws {ConfigError} when a port is taken
 * @throws {SetupError} when the program cannot be found or fetched
 * @throws {UnavailableError} when it does not start
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const program = await findTemporal(options);
  const port = options.port ?? (await freePort());
  const address = `127.0.0.1:${port}`;
  mkdirSync(options.dir, { recursive: true });
  const ports: NamedPort[] = [{ port, setting: 'TEMPORAL_PORT' }];
  if (options.uiPort !== undefined) ports.push({ port: options.uiPort, setting: 'TEMPORAL_UI_PORT' });
  const server = await startServer({
    name: 'Temporal',
    command: { file: program, args: await flags(options, port), cwd: options.dir, env: process.env },
    ports,
    logFile: join(options.dir, 'temporal.log'),
    probe: () => describeNamespace(address),
  });
  const uiUrl = options.uiPort === undefined ? {} : { uiUrl: `http://127.0.0.1:${options.uiPort}` };
  return { process: server, address, ...uiUrl };
}

/**
 * Path of Temporal's time-skipping server, for `TestWorkflowEnvironment.createTimeSkipping`.
 * @throws {SetupError} when it cannot be fetched
 */
export async function findTemporalTestServer(options: FetchOptions = {}): Promise<string> {
  return fetchBinary(TEMPORAL_TEST_SERVER, options);
}

/**
 * Path of the `temporal` program.
 * @throws {SetupError} when it cannot be fetched
 */
export async function findTemporal(options: FetchOptions = {}): Promise<string> {
  // Asking for the version proves that the `temporal` on the PATH is one that runs here.
  const onPath = await promisify(execFile)('temporal', ['--version'], { timeout: 10_000 }).catch(() => undefined);
  return onPath === undefined ? fetchBinary(TEMPORAL, options) : 'temporal';
}

async function flags(options: TemporalOptions, port: number): Promise<string[]> {
  const list = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'warn'];
  // The ports that Temporal would pick itself may be those of another server that is being restarted.
  list.push('--http-port', String(await freePort()), '--metrics-port', String(await freePort()));
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) {
    list.push('--search-attribute', `${name}=${ATTRIBUTE_TYPES[type]}`);
  }
  if (options.inMemory !== true) list.push('--db-filename', join(options.dir, 'temporal.db'));
  if (options.uiPort === undefined) list.push('--headless');
  else list.push('--ui-port', String(options.uiPort), '--ui-disable-news-fetch');
  return list;
}

async function describeNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({
    address,
    connectTimeout: '2 seconds',
    // Else it waits with other clients of this process, up to two minutes when the server was away for long.
    channelArgs: { 'grpc.use_local_subchannel_pool': 1 },
  });
  try {
    await connection.withDeadline(Date.now() + 2_000, () =>
      connection.workflowService.describeNamespace({ namespace: 'default' }),
    );
  } finally {
    await connection.close();
  }
}
