/** Servers of a test's own, for tests that kill them. Stopped and removed when the test ends. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { startClickHouse, type ClickHouseServer } from '../../devstack/servers/clickhouse.ts';
import { startSeaweedFs, type SeaweedFsServer } from '../../devstack/servers/seaweedfs.ts';
import { startTemporal, type TemporalServer } from '../../devstack/servers/temporal.ts';
import { cleanUpLater } from './cleanup.ts';

/** A folder for the test, removed when it ends; one made in `beforeAll`, when the run ends. */
export async function createTempDir(): Promise<string> {
  const dir = await mkdtemp(join(inject('stack').tempDir, 'own-'));
  cleanUpLater(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** A ClickHouse that may be killed: `server.process.kill('SIGKILL')`, then `server.process.restart()`. */
export async function startOwnClickHouse(): Promise<ClickHouseServer> {
  const server = await startClickHouse({ dir: await createTempDir(), user: 'clickfeed', password: randomUUID() });
  cleanUpLater(() => server.process.stop());
  return server;
}

/** An S3 server that may be killed. @param reader a second key of it, which may list and read only */
export async function startOwnS3(reader?: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}): Promise<SeaweedFsServer> {
  const keys = { accessKeyId: randomUUID(), secretAccessKey: randomUUID() };
  const rights = reader === undefined ? {} : { reader };
  const server = await startSeaweedFs({ dir: await createTempDir(), bucket: 'feed', ...keys, ...rights });
  cleanUpLater(() => server.process.stop());
  return server;
}

/** A Temporal that may be killed; it keeps its histories on disk, in `dir`. */
export async function startOwnTemporal(): Promise<TemporalServer & { readonly dir: string }> {
  const dir = await createTempDir();
  const server = await startTemporal({ dir });
  cleanUpLater(() => server.process.stop());
  return { ...server, dir };
}
