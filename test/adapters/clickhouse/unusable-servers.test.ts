/** Case 103: servers that clickfeed must not use, by what setup does to them and what doctor says. */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, inject, test } from 'vitest';
import { checkServer, setup } from '../../../adapters/clickhouse/index.ts';
import { startClickHouse } from '../../../devstack/servers/clickhouse.ts';
import { SetupError } from '../../../domain/errors.ts';
import { cleanUpLater } from '../../support/cleanup.ts';
import { createDatabase } from '../../support/clickhouse.ts';
import { createTempDir } from '../../support/own-servers.ts';
import type { TestStack } from '../../support/stack.ts';
import { connect } from './fixture.ts';

/** Setup refuses the server and makes nothing, and doctor says the same of it. */
async function expectRefused(config: TestStack['clickhouse'], subject: string, found: string): Promise<void> {
  const database = await createDatabase(config);
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const server = connect(name, config);
  const refused = setup(server);
  await expect(refused).rejects.toThrow(SetupError);
  await expect(refused).rejects.toThrow(`Cannot set up ClickHouse: ${found}`);
  const made = await database.rows('SELECT name FROM system.databases WHERE name = {name:String}', { name });
  expect(made).toEqual([]);
  const checks = await checkServer(server, 'worker', Date.now);
  const said = checks.find((check) => check.subject === subject);
  expect(said).toMatchObject({ ok: false, found: expect.stringContaining(found) as string });
}

/** The server, but that it says another version of itself. @returns its URL */
async function startOlder(target: string, version: string): Promise<string> {
  const server = createServer((incoming, answer) => {
    const { method, headers } = incoming;
    const forwarded = request(new URL(incoming.url ?? '/', target), { method, headers }, (reply) => {
      void text(reply).then((body) => {
        answer.writeHead(reply.statusCode ?? 500, reply.headers);
        answer.end(body.replace(/"version":"[\d.]+"/, `"version":"${version}"`));
      });
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUpLater(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('setup() and checkServer()', () => {
  test('case 103: refuse a server with the snapshot setting switched off in its profile', async () => {
    const dir = await createTempDir();
    const own = await startClickHouse({ dir, user: 'clickfeed', password: randomUUID() });
    cleanUpLater(() => own.process.stop());
    const users = await readFile(join(dir, 'users.xml'), 'utf8');
    const off = '<enable_shared_storage_snapshot_in_query>0</enable_shared_storage_snapshot_in_query>';
    await writeFile(join(dir, 'users.xml'), users.replace('<default/>', `<default>${off}</default>`));
    await own.process.restart();
    const found = 'found enable_shared_storage_snapshot_in_query = 0, expected 1 in the settings profile';
    await expectRefused(own, 'ClickHouse: snapshots', found);
  });

  test('case 103: refuse a server that is too old', async () => {
    const { clickhouse } = inject('stack');
    const url = await startOlder(clickhouse.url, '25.11.9.9');
    const found = 'found version 25.11.9.9, expected 25.12 or newer';
    await expectRefused({ ...clickhouse, url }, 'ClickHouse: version', found);
  });
});
