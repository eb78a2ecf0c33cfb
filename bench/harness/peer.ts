/** Runs a peer: a program of bench/peers/ in a process of its own. */
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PeerAnswer, PeerTask } from '../peers/task.ts';
import { environmentOf, IMAGE_ENV, type WorkerPlace } from './worker.ts';

const PEERS = fileURLToPath(new URL('../peers/', import.meta.url));
const OUTPUT_BYTES_MAX = 64 * 2 ** 20;

/** Runs the peer to its end and returns what it said. @throws {Error} when it fails */
export async function runPeer(
  place: WorkerPlace,
  program: string,
  args: readonly string[],
  task: PeerTask,
): Promise<PeerAnswer> {
  const { clickhouse, dir } = place.servers;
  const env = {
    ...environmentOf(place),
    // The pipeline is of the worker's own code, and runs as it does.
    ...(program === process.execPath ? IMAGE_ENV : {}),
    CLICKHOUSE_HTTP_PORT: new URL(clickhouse.url).port,
    CLICKHOUSE_TCP_PORT: String(clickhouse.tcpPort),
    BENCH_DIR: mkdtempSync(path.join(dir, 'peer-')),
    // No telemetry: it would wait for the network.
    RUNTIME__DLTHUB_TELEMETRY: 'false',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const { stdout } = await promisify(execFile)(program, [...args, JSON.stringify(task)], {
    cwd: PEERS,
    env,
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as PeerAnswer;
}
