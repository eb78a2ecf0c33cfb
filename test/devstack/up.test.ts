import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Manifest } from '../../devstack/demo/manifest.ts';
import { manifestFile } from '../../devstack/demo/live.ts';
import { freePort, isPortFree } from '../../devstack/process/ports.ts';
import { waitFor } from '../../devstack/process/wait.ts';
import type { TableStatus } from '../../domain/status.ts';
import { createTempDir } from '../support/own-servers.ts';

const MAIN = fileURLToPath(new URL('../../client/main.ts', import.meta.url));
const NODE_ARGS = ['--import', createRequire(import.meta.url).resolve('tsx'), MAIN];
const DEMO = ['--hours', '3', '--rows-per-hour', '60'];
const READY_MS = 100_000;

/** Nothing of the developer's own environment may name a server. */
async function environment(): Promise<Record<string, string>> {
  const ports: Record<string, string> = { HEALTH_PORT: '0' };
  for (const name of ['TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'CLICKHOUSE_HTTP_PORT', 'CLICKHOUSE_TCP_PORT', 'S3_PORT']) {
    ports[name] = String(await freePort());
  }
  const { PATH = '', HOME = '', XDG_CACHE_HOME = '' } = process.env;
  return { PATH, HOME, XDG_CACHE_HOME, ...ports };
}

interface Up {
  readonly child: ChildProcess;
  text(): string;
  /** Waits for a line, or fails with what was said instead. */
  says(pattern: RegExp): Promise<void>;
}

function startUp(folder: string, env: Record<string, string>, args: readonly string[] = DEMO): Up {
  const child = spawn(process.execPath, [...NODE_ARGS, 'up', ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const look = (pattern: RegExp): true | undefined => {
    if (pattern.test(text)) return true;
    if (child.exitCode !== null) throw new Error(`up ended with ${child.exitCode}`);
    return undefined;
  };
  return {
    child,
    text: () => text,
    says: async (pattern) => {
      await waitFor(String(pattern), () => Promise.resolve(look(pattern)), { timeoutMs: READY_MS }).catch(
        (error: unknown) => {
          throw new Error(`${String(error)}; it said:\n${text}`, { cause: error });
        },
      );
    },
  };
}

async function stop({ child }: Up, signal: 'SIGINT' | 'SIGKILL'): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = (await exited) as [number | null];
  return code;
}

async function status(folder: string, env: Record<string, string>): Promise<TableStatus[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [...NODE_ARGS, 'status', '--json'], {
    cwd: folder,
    env,
  });
  return (JSON.parse(stdout) as { tables: TableStatus[] }).tables;
}

async function portsFree(env: Record<string, string>): Promise<void> {
  const ports = Object.entries(env).flatMap(([name, value]) =>
    /_PORT$/.test(name) && value !== '0' ? [Number(value)] : [],
  );
  const look = async (): Promise<true | undefined> =>
    (await Promise.all(ports.map(isPortFree))).every(Boolean) ? true : undefined;
  await waitFor('free ports', look, { timeoutMs: 20_000 });
}

async function clickhousePid(folder: string): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,args=']);
  const config = join(folder, '.clickfeed', 'clickhouse', 'config.xml');
  const line = stdout.split('\n').find((one) => one.includes(config) && !one.includes('clickfeed-guard'));
  return Number.parseInt(line ?? '');
}

describe('clickfeed up', () => {
  test(
    'loads the demo feed to the line, keeps it over a second start, and leaves nothing running',
    { timeout: 300_000 },
    async () => {
      const folder = await createTempDir();
      const dir = join(folder, '.clickfeed');
      const env = await environment();
      const first = startUp(folder, env);
      await first.says(/Published \d+ objects/);
      const objects = new Manifest(manifestFile(dir)).entries.size;
      await first.says(new RegExp(`Loaded ${objects} of ${objects} objects`));

      const expected = new Manifest(manifestFile(dir)).expectations();
      const loaded = await status(folder, env);
      for (const table of loaded) expect(table).toMatchObject(expected[table.table] ?? {});
      expect(loaded.every((table) => table.rows > 0)).toBe(true);

      expect(await stop(first, 'SIGINT')).toBe(0);
      await portsFree(env);
      await expect(stat(join(dir, 'env'))).rejects.toThrow(/ENOENT/);

      const second = startUp(folder, env, []);
      await second.says(new RegExp(`Loaded ${objects} of ${objects} objects`));
      expect(await status(folder, env)).toEqual(loaded);

      const secrets = JSON.parse(await readFile(join(dir, 'stack.json'), 'utf8')) as Record<string, unknown>;
      for (const secret of [secrets['clickhousePassword'], secrets['s3SecretAccessKey']]) {
        expect(first.text() + second.text()).not.toContain(secret);
        expect(await readFile(join(dir, 'worker.log'), 'utf8')).not.toContain(secret);
      }
      expect((await stat(join(dir, 'stack.json'))).mode & 0o777).toBe(0o600);

      await stop(second, 'SIGKILL');
      await portsFree(env);
    },
  );

  test('names every taken port and starts nothing', { timeout: 120_000 }, async () => {
    const folder = await createTempDir();
    const env = await environment();
    const taken = ['CLICKHOUSE_HTTP_PORT', 'TEMPORAL_PORT'];
    for (const name of taken) {
      const server = createServer().listen(Number(env[name]), '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => void server.close());
    }
    const up = startUp(folder, env);
    const [code] = (await once(up.child, 'exit')) as [number];
    expect(code).toBe(2);
    for (const name of taken) expect(up.text()).toMatch(new RegExp(`port ${env[name]} is taken; .* set ${name} `));
    expect(up.text()).not.toContain('    at ');
    expect(await isPortFree(Number(env['S3_PORT']))).toBe(true);
  });

  test('ends with the log of a server that dies', { timeout: 180_000 }, async () => {
    const folder = await createTempDir();
    const env = await environment();
    const up = startUp(folder, env);
    await up.says(/Running; Ctrl-C/);
    process.kill(await clickhousePid(folder), 'SIGKILL');
    await waitFor('the end of up', () => Promise.resolve(up.child.exitCode ?? undefined), { timeoutMs: 60_000 });
    expect(up.child.exitCode).toBe(1);
    expect(up.text()).toMatch(/Cannot keep ClickHouse running: it ended with signal 9/);
    await portsFree(env);
  });
});
