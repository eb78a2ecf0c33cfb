import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort, isPortFree } from '../../devstack/process/ports.ts';
import { startServer, type ServerSpec } from '../../devstack/process/server-process.ts';
import { waitFor } from '../../devstack/process/wait.ts';
import { startClickHouse } from '../../devstack/servers/clickhouse.ts';
import { ConfigError, UnavailableError } from '../../domain/errors.ts';
import { createTempDir, startOwnClickHouse, startOwnS3, startOwnTemporal } from '../support/own-servers.ts';
import { createDatabase } from '../support/clickhouse.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<void> {
  const look = (): Promise<true | undefined> => Promise.resolve(isAlive(pid) ? undefined : true);
  await waitFor(`the end of process ${pid}`, look, { timeoutMs: 20_000 });
}

async function holds(file: string, text: string): Promise<void> {
  if (!(await readFile(file, 'utf8')).includes(text)) throw new Error(`no ${text} yet`);
}

async function script(source: string, probe: ServerSpec['probe']): Promise<ServerSpec> {
  const dir = await createTempDir();
  return {
    name: 'Example',
    command: { file: process.execPath, args: ['-e', source], cwd: dir, env: process.env },
    ports: [],
    logFile: join(dir, 'example.log'),
    probe,
    readyTimeoutMs: 5_000,
    stopTimeoutMs: 500,
  };
}

describe('startServer()', () => {
  test('leaves nothing behind when its process is killed with SIGKILL', async () => {
    const parentFile = fileURLToPath(new URL('./parent.ts', import.meta.url));
    const parent = spawn(process.execPath, ['--import', 'tsx', parentFile, await createTempDir()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await gone(pid);
  });

  test('says how the server ended and what it said last', async () => {
    const spec = await script('console.error("no disk"); process.exit(3)', () => Promise.reject(new Error('closed')));
    const error = await startServer(spec).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UnavailableError);
    expect((error as Error).message).toMatch(/Example .*ended with status 3; the end of .*example\.log:\n {2}no disk/);
  });

  test('ends a server that does not answer in time', async () => {
    const spec = await script('setInterval(() => {}, 1000)', () => Promise.reject(new Error('closed')));
    const error = await startServer({ ...spec, readyTimeoutMs: 300 }).catch((caught: unknown) => caught);
    expect((error as Error).message).toContain('no answer within 300 ms (closed)');
  });

  test('tells of an unexpected end, but not of one it was asked for', async () => {
    const server = await startServer(await script('setInterval(() => {}, 1000)', () => Promise.resolve()));
    onTestFinished(() => server.stop());
    const ends: string[] = [];
    server.onUnexpectedExit((error) => ends.push(error.message));
    await server.kill('SIGKILL');
    await server.restart();
    expect(ends).toEqual([]);
    process.kill(server.pid, 'SIGKILL');
    const look = (): Promise<string | undefined> => Promise.resolve(ends[0]);
    expect(await waitFor('the report', look, { timeoutMs: 5_000 })).toContain('ended with signal 9');
  });

  test('takes SIGKILL when SIGTERM does not help', async () => {
    const stubborn = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")';
    const spec = await script(stubborn, () => Promise.resolve());
    const server = await startServer({ ...spec, probe: () => holds(spec.logFile, 'up') });
    const { pid } = server;
    await server.stop();
    expect(isAlive(pid)).toBe(false);
  });

  test('names a taken port and what to do', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const options = { dir: await createTempDir(), user: 'clickfeed', password: 'secret', httpPort: port };
    const error = await startClickHouse(options).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toMatch(
      new RegExp(`Cannot start ClickHouse: port ${port} is taken; .*set CLICKHOUSE_HTTP_PORT`),
    );
  });
});

describe('the servers', () => {
  test('ClickHouse keeps acknowledged rows through SIGKILL and comes back at the same address', async () => {
    const server = await startOwnClickHouse();
    const database = await createDatabase(server);
    await database.client.command({ query: 'CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n' });
    await database.client.insert({ table: 't', values: [{ n: 7 }], format: 'JSONEachRow' });
    await server.process.kill('SIGKILL');
    await expect(database.rows('SELECT n FROM t')).rejects.toThrow();
    await server.process.restart();
    expect(await database.rows('SELECT n FROM t')).toEqual([{ n: '7' }]);
  });

  test('ClickHouse refuses a wrong password', async () => {
    const server = await startOwnClickHouse();
    await expect(createDatabase({ ...server, password: 'wrong' })).rejects.toThrow(/Authentication failed/);
  });

  test('S3 and Temporal free their ports when they are stopped', async () => {
    const [s3, temporal] = await Promise.all([startOwnS3(), startOwnTemporal()]);
    const ports = [s3.endpoint, `http://${temporal.address}`].map((url) => Number(new URL(url).port));
    expect(await Promise.all(ports.map(isPortFree))).toEqual([false, false]);
    await Promise.all([s3.process.stop(), temporal.process.stop()]);
    expect(await Promise.all(ports.map(isPortFree))).toEqual([true, true]);
  });
});
