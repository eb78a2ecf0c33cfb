import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'dotenv';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ClickHouseServer } from '../../adapters/clickhouse/index.ts';
import { Manifest } from '../../devstack/demo/manifest.ts';
import { manifestFile } from '../../devstack/demo/live.ts';
import { isPortFree } from '../../devstack/process/ports.ts';
import { waitFor } from '../../devstack/process/wait.ts';
import { AccessError } from '../../domain/errors.ts';
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

/** The page read as the reader, and no path leads that user to an e-mail, an address or a quarantined line. */
async function expectReaderOnly(dir: string): Promise<void> {
  const env = parse(await readFile(join(dir, 'env')));
  const { CLICKHOUSE_URL: url = '', CLICKHOUSE_PASSWORD = '', CLICKHOUSE_READER_PASSWORD = '' } = env;
  const connect = (user = '', password = ''): ClickHouseServer => {
    const server = new ClickHouseServer({ url, user, password, database: 'clickfeed' });
    onTestFinished(() => server.close());
    return server;
  };
  const owner = connect(env['CLICKHOUSE_USER'], CLICKHOUSE_PASSWORD);
  const reader = connect(env['CLICKHOUSE_READER_USER'], CLICKHOUSE_READER_PASSWORD);
  const ask = (server: ClickHouseServer, sql: string): Promise<unknown[]> => server.query({ sql, doing: 'look' });

  await owner.command({ sql: 'SYSTEM FLUSH LOGS', doing: 'write the query log' });
  const users = await ask(
    owner,
    `SELECT DISTINCT user FROM system.query_log WHERE type = 'QueryFinish' AND query LIKE '%AS purges%' AND query NOT LIKE '%query_log%'`,
  );
  expect(users).toEqual([{ user: 'reader' }]);

  const [device] = await ask(reader, 'SELECT user_custom_id FROM clickfeed.device_events LIMIT 1');
  expect(device).toEqual({ user_custom_id: expect.stringMatching(/^[0-9a-f]{64}$/i) as string });
  for (const [columns, table] of [
    ['user_custom_id', 'device_events_raw'],
    ['user_custom_id', 'device_events_personal'],
    ['ip_address', 'geo_events_raw'],
    ['ip_address', 'geo_events_personal'],
    ['_extra', 'browser_events_raw'],
    ['text', 'quarantine'],
    ['load_id', 'quarantine'],
    ['detail', 'loads'],
    ['key', 'personal_key'],
  ] as const) {
    const sql = `SELECT ${columns} FROM clickfeed.${table} LIMIT 1`;
    await expect(ask(reader, sql), sql).rejects.toThrow(AccessError);
    await ask(owner, sql); // it is there
  }
  await expect(ask(reader, 'SELECT query FROM system.query_log LIMIT 1')).rejects.toThrow(AccessError);
  const filters = `{'clickfeed.device_events_raw': 'startsWith(user_custom_id, \\'a\\')'}`;
  const count = `SELECT count() FROM clickfeed.device_events SETTINGS additional_table_filters = ${filters}`;
  await expect(ask(reader, count)).rejects.toThrow(/./);
  await ask(owner, count); // it is the lock that forbids it
  await expect(ask(reader, 'SELECT 1 SETTINGS enable_shared_storage_snapshot_in_query = 0')).rejects.toThrow(/./);
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
      // Page views are built when the tables are there.
      const extent = async (): Promise<string> => (await fetch(`${dashboard}/api/extent`)).text();
      await waitFor('page views', async () => ((await extent()).includes('lastHour') ? true : undefined), {
        timeoutMs: 60_000,
      });
      await expectReaderOnly(dir);

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
      for (const secret of ['clickhousePassword', 'clickhouseReaderPassword', 's3SecretAccessKey'].map(
        (key) => secrets[key],
      )) {
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
