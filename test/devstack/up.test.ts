import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Manifest } from '../../devstack/demo/manifest.ts';
import { manifestFile } from '../../devstack/demo/live.ts';
import { isPortFree } from '../../devstack/process/ports.ts';
import { waitFor } from '../../devstack/process/wait.ts';
import { createTempDir } from '../support/own-servers.ts';
import { isolatedEnvironment, readStatus, startUp, type UpProcess } from '../support/up-process.ts';

const DEMO = ['--hours', '3', '--rows-per-hour', '60'];

function start(folder: string, env: Record<string, string>, args: readonly string[] = DEMO): UpProcess {
  const up = startUp(folder, env, args);
  onTestFinished(() => void up.child.kill('SIGKILL'));
  return up;
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
      const env = await isolatedEnvironment();
      const first = start(folder, env);
      await first.says(/Published \d+ objects/);
      const objects = new Manifest(manifestFile(dir)).entries.size;
      await first.says(new RegExp(`Loaded ${objects} of ${objects} objects`));
      const [, dashboard = ''] = /Dashboard +(http:\S+)/.exec(first.text()) ?? [];
      expect(await (await fetch(`${dashboard}/api/extent`)).text()).toContain('lastHour');

      const expected = new Manifest(manifestFile(dir)).expectations();
      const loaded = await readStatus(folder, env);
      for (const table of loaded) expect(table).toMatchObject(expected[table.table] ?? {});
      expect(loaded.every((table) => table.rows > 0)).toBe(true);

      expect(await first.stop('SIGINT')).toBe(0);
      await portsFree(env);
      await expect(stat(join(dir, 'env'))).rejects.toThrow(/ENOENT/);

      const second = start(folder, env, []);
      await second.says(new RegExp(`Loaded ${objects} of ${objects} objects`));
      expect(await readStatus(folder, env)).toEqual(loaded);

      const secrets = JSON.parse(await readFile(join(dir, 'stack.json'), 'utf8')) as Record<string, unknown>;
      for (const secret of [secrets['clickhousePassword'], secrets['s3SecretAccessKey']]) {
        expect(first.text() + second.text()).not.toContain(secret);
        expect(await readFile(join(dir, 'worker.log'), 'utf8')).not.toContain(secret);
      }
      expect((await stat(join(dir, 'stack.json'))).mode & 0o777).toBe(0o600);

      await second.stop('SIGKILL');
      await portsFree(env);
    },
  );

  test('names every taken port and starts nothing', { timeout: 120_000 }, async () => {
    const folder = await createTempDir();
    const env = await isolatedEnvironment();
    const taken = ['CLICKHOUSE_HTTP_PORT', 'TEMPORAL_PORT'];
    for (const name of taken) {
      const server = createServer().listen(Number(env[name]), '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => void server.close());
    }
    const up = start(folder, env);
    const [code] = (await once(up.child, 'exit')) as [number];
    expect(code).toBe(2);
    for (const name of taken) expect(up.text()).toMatch(new RegExp(`port ${env[name]} is taken; .* set ${name} `));
    expect(up.text()).not.toContain('    at ');
    expect(await isPortFree(Number(env['S3_PORT']))).toBe(true);
  });

  test('ends with the log of a server that dies', { timeout: 180_000 }, async () => {
    const folder = await createTempDir();
    const env = await isolatedEnvironment();
    const up = start(folder, env);
    await up.says(/Running; Ctrl-C/);
    process.kill(await clickhousePid(folder), 'SIGKILL');
    await waitFor('the end of up', () => Promise.resolve(up.child.exitCode ?? undefined), { timeoutMs: 60_000 });
    expect(up.child.exitCode).toBe(1);
    expect(up.text()).toMatch(/Cannot keep ClickHouse running: it ended with signal 9/);
    await portsFree(env);
  });
});
