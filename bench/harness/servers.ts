/** The servers of a measurement: its own, on free ports, in a folder that goes away at the end. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ClickHouseServer, setup } from '../../adapters/clickhouse/index.ts';
import { startClickHouse } from '../../devstack/servers/clickhouse.ts';
import { startSeaweedFs, type SeaweedFsServer } from '../../devstack/servers/seaweedfs.ts';
import { startTemporal } from '../../devstack/servers/temporal.ts';
import type { Processes } from './cpu.ts';

/** Running servers; what is measured side by side uses the same ones. */
export interface BenchServers {
  /** Folder of the measurement; goes away with the servers. */
  readonly dir: string;
  readonly clickhouse: {
    readonly url: string;
    readonly tcpPort: number;
    readonly user: string;
    readonly password: string;
  };
  readonly s3: Pick<SeaweedFsServer, 'endpoint' | 'region' | 'bucket' | 'accessKeyId' | 'secretAccessKey'>;
  readonly temporal: { readonly address: string };
  readonly client: Client;
  /** Process ids, for CPU and memory. */
  readonly processes: Processes;
  close(): Promise<void>;
}

/** Starts ClickHouse, S3 and Temporal as `clickfeed up` does: histories on disk. */
export async function startServers(say: (line: string) => void): Promise<BenchServers> {
  const dir = await mkdtemp(path.join(tmpdir(), 'clickfeed-bench-'));
  const keys = { accessKeyId: randomUUID(), secretAccessKey: randomUUID() };
  const starting = [
    startClickHouse({ dir: path.join(dir, 'clickhouse'), user: 'clickfeed', password: randomUUID() }),
    startSeaweedFs({ dir: path.join(dir, 's3'), bucket: 'feed', ...keys, say }),
    startTemporal({ dir: path.join(dir, 'temporal'), say }),
  ] as const;
  const stopAll = async (): Promise<void> => {
    const settled = await Promise.allSettled(starting);
    for (const one of settled.reverse()) if (one.status === 'fulfilled') await one.value.process.stop();
    await rm(dir, { recursive: true, force: true });
  };
  // Once: a signal may come while they are being stopped.
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopAll());
  try {
    const [clickhouse, s3, temporal] = await Promise.all(starting);
    const connection = await Connection.connect({ address: temporal.address });
    return {
      dir,
      clickhouse,
      s3,
      temporal,
      client: new Client({ connection }),
      processes: { ClickHouse: clickhouse.process.pid, S3: s3.process.pid, Temporal: temporal.process.pid },
      close: async () => {
        await Promise.allSettled([connection.close()]); // twice when a signal comes: the second is refused
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs `work` on a database of its own, dropped afterwards so that its merges do not slow down what comes next. */
export async function onDatabase<T>(
  { clickhouse }: BenchServers,
  kind: 'set up' | 'empty',
  work: (server: ClickHouseServer) => Promise<T>,
): Promise<T> {
  const database = `bench_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const server = new ClickHouseServer({ ...clickhouse, database });
  try {
    if (kind === 'set up') await setup(server);
    else await server.command({ sql: `CREATE DATABASE ${database}`, doing: 'create a database' });
    return await work(server);
  } finally {
    await server.command({ sql: `DROP DATABASE IF EXISTS ${database} SYNC`, doing: 'drop a database' });
    await server.close();
  }
}
