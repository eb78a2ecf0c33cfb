/** The worker as it is deployed: the compiled program in a process of its own, with the memory settings of the image. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../devstack/process/wait.ts';
import { programEnv } from '../../devstack/program-env.ts';
import type { Hour } from '../../domain/hour.ts';
import type { BenchServers } from './servers.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const READY_MS = 60_000;

/** The memory settings of the image, as its Dockerfile has them. */
export const IMAGE_ENV = memorySettings(readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8'));

function memorySettings(dockerfile: string): Record<string, string> {
  const settings = [...dockerfile.matchAll(/\b(MALLOC_\w+|NODE_OPTIONS)=(\S+)/g)];
  if (settings.length === 0) throw new Error('Cannot measure the worker: found no memory settings in the Dockerfile');
  return Object.fromEntries(settings.map(([, name = '', value = '']): [string, string] => [name, value]));
}

/** A running worker. */
export interface BenchWorker {
  readonly pid: number;
  /** From the start of the process until it takes work. */
  readonly readyMs: number;
  /** Lines of its log, so far, that are neither `info` nor `debug`: an attempt that failed is one. */
  warnings(): string[];
  stop(): Promise<void>;
}

/** What a worker is started with. */
export interface WorkerPlace {
  readonly servers: BenchServers;
  readonly database: string;
  readonly prefix: string;
  readonly feedStart: Hour;
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
  readonly profileDir?: string | undefined;
}

/** Compiles the program to dist/. */
export function buildProgram(): void {
  execFileSync(process.execPath, [path.join(ROOT, 'scripts/build.js')], { cwd: ROOT, stdio: 'ignore' });
}

/** The environment of a worker, of the CLI and of peers that use the same servers. */
export function environmentOf({ servers, feedStart, env = {}, ...place }: WorkerPlace): Record<string, string> {
  return { ...programEnv(servers, place), FEED_START: feedStart, ...env };
}

/** Starts a worker and waits until it takes work. */
export async function startWorker(place: WorkerPlace): Promise<BenchWorker> {
  const logFile = path.join(place.servers.dir, `worker-${performance.now()}.log`);
  const log = openSync(logFile, 'a');
  const startedMs = performance.now();
  const profile = place.profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${place.profileDir}`];
  const args = [...profile, path.join(ROOT, 'dist/client/main.js'), 'worker'];
  const child = spawn(process.execPath, args, {
    cwd: place.servers.dir, // no .env of the developer's own
    env: { ...environmentOf(place), ...IMAGE_ENV },
    stdio: ['ignore', log, log],
  });
  // A measurement that is broken off leaves no worker behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  await waitFor('the worker', () => Promise.resolve(isReady(child, logFile)), { timeoutMs: READY_MS, intervalMs: 5 });
  return {
    pid: child.pid ?? 0,
    readyMs: performance.now() - startedMs,
    warnings: () =>
      readFileSync(logFile, 'utf8')
        .split('\n')
        .filter((line) => /"level":"(warn|error|fatal)"/.test(line)),
    stop: async () => {
      process.off('exit', kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function isReady(child: ChildProcess, logFile: string): true | undefined {
  const log = readFileSync(logFile, 'utf8');
  if (child.exitCode !== null) throw new Error(`The worker ended with ${child.exitCode}:\n${log}`);
  return log.includes('Worker is ready') ? true : undefined;
}
