/** The whole service for a test: worker processes over a Temporal namespace, a database and a feed prefix of the test's own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { inject } from 'vitest';
import { builtProgram } from './build.ts';
import { cleanUpLater } from './cleanup.ts';
import { eventually } from './eventually.ts';
import { createLoader, type Loader } from './loader.ts';
import { createNamespace, serviceEnv, type ServiceServers } from './service-env.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly process: ChildProcess;
  /** All that it has said so far, on both streams. */
  said(): string;
  /** Sends the signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Everything that a test of the whole service needs. */
export interface Service extends Loader {
  readonly client: Client;
  /** The environment of workers and of the CLI. */
  readonly env: Readonly<Record<string, string>>;
  /** @param options env: keys for this worker alone */
  startWorker(options?: { readonly env?: Readonly<Record<string, string>> }): Promise<WorkerProcess>;
  /** Runs the CLI to its end. */
  clickfeed(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Sets up a fresh database, feed prefix and namespace; everything is stopped and dropped when the test ends. */
export async function createService(
  extraEnv: Readonly<Record<string, string>> = {},
  servers: ServiceServers = inject('stack'),
): Promise<Service> {
  const loader = await createLoader(servers.clickhouse);
  const client = await createNamespace(servers);
  const { namespace } = client.options;
  const own = { database: loader.database.name, prefix: loader.prefix, namespace };
  const env = { ...serviceEnv(own, servers), ...extraEnv };
  return {
    ...loader,
    client,
    env,
    startWorker: ({ env: ownEnv = {} } = {}) => startWorker({ ...env, ...ownEnv }),
    clickfeed: (...args) => runCli(env, args),
  };
}

async function spawnCli(env: Readonly<Record<string, string>>, args: readonly string[]): Promise<ChildProcess> {
  const program = await builtProgram();
  return spawn(process.execPath, [program, ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function startWorker(env: Readonly<Record<string, string>>): Promise<WorkerProcess> {
  const child = await spawnCli(env, ['worker']);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  cleanUpLater(() => kill('SIGKILL'));
  await eventually(() => {
    if (child.exitCode !== null) throw new Error(`The worker ended with ${child.exitCode}:\n${output}`);
    return output.includes('Worker is ready');
  }, 60_000);
  return { process: child, kill, said: () => output };
}

/** Runs the CLI to its end, with an environment of its own. */
export async function runCli(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = await spawnCli(env, args);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}
