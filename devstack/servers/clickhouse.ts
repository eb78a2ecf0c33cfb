/** The embedded ClickHouse: a real server out of the npm package `chdb`, in a process of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../process/ports.ts';
import { startServer, type ServerProcess } from '../process/server-process.ts';
import { serverConfig, usersConfig, type LimitedUser } from './clickhouse-config.ts';

/** Options of {@link startClickHouse}; ports are chosen freely when not given. */
export interface ClickHouseOptions {
  /** Folder for data, configuration and log; kept between starts. */
  readonly dir: string;
  readonly user: string;
  readonly password: string;
  readonly httpPort?: number;
  readonly tcpPort?: number;
  /** A second user, who only reads. The server takes users from its file alone, so it is there from the start. */
  readonly reader?: LimitedUser;
}

/** A running ClickHouse. */
export interface ClickHouseServer {
  readonly process: ServerProcess;
  readonly url: string;
  readonly tcpPort: number;
  readonly user: string;
  readonly password: string;
}

/**
 * Starts ClickHouse and waits until it answers a query of the user.
 * @throws {ConfigError} when a port is taken
 * @throws {UnavailableError} when it does not start
 */
export async function startClickHouse(options: ClickHouseOptions): Promise<ClickHouseServer> {
  const httpPort = options.httpPort ?? (await freePort());
  const tcpPort = options.tcpPort ?? (await freePort());
  const layout = { ...options, httpPort, tcpPort };
  mkdirSync(join(options.dir, 'data', 'tmp'), { recursive: true });
  const configFile = join(options.dir, 'config.xml');
  writeFileSync(configFile, serverConfig(layout), { mode: 0o600 });
  writeFileSync(join(options.dir, 'users.xml'), usersConfig(layout), { mode: 0o600 });
  const url = `http://127.0.0.1:${httpPort}`;
  const server = await startServer({
    name: 'ClickHouse',
    command: { file: process.execPath, args: [...entryPoint(), configFile], cwd: options.dir, env: process.env },
    ports: [
      { port: httpPort, setting: 'CLICKHOUSE_HTTP_PORT' },
      { port: tcpPort, setting: 'CLICKHOUSE_TCP_PORT' },
    ],
    logFile: join(options.dir, 'clickhouse.log'),
    probe: () => selectOne(url, options.user, options.password),
  });
  return { process: server, url, tcpPort, user: options.user, password: options.password };
}

/** Arguments of node that run the server process, from source through tsx or as compiled. */
function entryPoint(): string[] {
  const extension = extname(fileURLToPath(import.meta.url));
  const file = fileURLToPath(new URL(`./clickhouse-process${extension}`, import.meta.url));
  return extension === '.ts' ? ['--import', createRequire(import.meta.url).resolve('tsx'), file] : [file];
}

async function selectOne(url: string, user: string, password: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    body: 'SELECT 1',
    headers: { 'X-ClickHouse-User': user, 'X-ClickHouse-Key': password },
    signal: AbortSignal.timeout(5_000),
  });
  const text = await response.text();
  if (response.status !== 200 || text !== '1\n') throw new Error(`status ${response.status}: ${text.slice(0, 200)}`);
}
