/** Case 92: TLS is checked, host and authority, towards S3, ClickHouse and Temporal; an authority of one's own can be trusted. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import { cleanUpLater } from '../support/cleanup.ts';
import { createTempDir } from '../support/own-servers.ts';
import { RIGHT, TRUSTED_CA, WRONG_CA, WRONG_HOST, type ServerIdentity } from './certificates.ts';

/** Takes TLS off before a server that speaks none. @returns host:port */
async function startTls(target: string, identity: ServerIdentity): Promise<string> {
  const { hostname, port } = new URL(target);
  const server = createServer({ ...identity, ALPNProtocols: ['h2', 'http/1.1'] }, (client) => {
    const plain = connect(Number(port), hostname);
    for (const socket of [client, plain])
      socket.on('error', () => {
        [client, plain].forEach((each) => each.destroy());
      });
    client.pipe(plain).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUpLater(async () => {
    server.close();
    await Promise.resolve();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** How connections to servers of this identity go, by server. */
async function probe(identity: ServerIdentity): Promise<Record<string, string>> {
  const { s3, clickhouse, temporal } = inject('stack');
  const folder = await createTempDir();
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, TRUSTED_CA);
  const temporalAddress = await startTls(`tcp://${temporal.address}`, identity);
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    PROBE_FOLDER: folder,
    NODE_EXTRA_CA_CERTS: caFile,
    S3_ENDPOINT: `https://${await startTls(s3.endpoint, identity)}`,
    S3_BUCKET: s3.bucket,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    CLICKHOUSE_URL: `https://${await startTls(clickhouse.url, identity)}`,
    CLICKHOUSE_USER: clickhouse.user,
    CLICKHOUSE_PASSWORD: clickhouse.password,
    CLICKHOUSE_DATABASE: 'default',
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: caFile,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
  const script = fileURLToPath(new URL('./tls-probe.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  cleanUpLater(async () => {
    child.kill('SIGKILL');
    await Promise.resolve();
  });
  await once(child, 'close');
  const line = output.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new Error(`The probe said nothing:\n${output}${errors}`);
  return JSON.parse(line) as Record<string, string>;
}

const SERVERS = ['s3', 'clickhouse', 'temporalClient', 'temporalWorker'];

describe('TLS', () => {
  it('case 92: connects to servers whose certificate is by an authority that was made known', async () => {
    expect(await probe(RIGHT)).toEqual(Object.fromEntries(SERVERS.map((name) => [name, 'connected'])));
  });

  it.each([
    ['for another host', WRONG_HOST],
    ['by an authority that nobody trusts', WRONG_CA],
  ])('case 92: refuses servers whose certificate is %s', async (_what, identity) => {
    const outcomes = await probe(identity);
    expect(Object.keys(outcomes)).toEqual(SERVERS);
    expect(Object.values(outcomes)).not.toContain('connected');
    expect(outcomes['s3']).toMatch(/^AccessError: .*certificate/);
    expect(outcomes['clickhouse']).toMatch(/certificate|altname|unable to verify/i);
    expect(JSON.stringify(outcomes)).not.toContain(inject('stack').clickhouse.password);
  });
});
