/** `clickfeed up` and other commands as child processes, on ports of their own. Without vitest: the smoke run uses it too. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../../devstack/process/ports.ts';
import { waitFor } from '../../devstack/process/wait.ts';
import type { TableStatus } from '../../domain/status.ts';

const MAIN = fileURLToPath(new URL('../../client/main.ts', import.meta.url));
const NODE_ARGS = ['--import', createRequire(import.meta.url).resolve('tsx'), MAIN];
const READY_MS = 100_000;
const PORTS = ['TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'CLICKHOUSE_HTTP_PORT', 'CLICKHOUSE_TCP_PORT', 'S3_PORT'];

/** A running `clickfeed up`. */
export interface UpProcess {
  readonly child: ChildProcess;
  /** Everything said so far. */
  text(): string;
  /** Waits for a line. @throws {Error} with what was said instead */
  says(pattern: RegExp): Promise<void>;
  /** Sends the signal and waits. @returns the exit code */
  stop(signal: 'SIGINT' | 'SIGKILL'): Promise<number | null>;
}

/** An environment with free ports, in which nothing of the developer's own names a server. */
export async function isolatedEnvironment(): Promise<Record<string, string>> {
  const { PATH = '', HOME = '', XDG_CACHE_HOME = '' } = process.env;
  const env: Record<string, string> = { PATH, HOME, XDG_CACHE_HOME, HEALTH_PORT: '0', DASHBOARD_PORT: '0' };
  for (const name of PORTS) env[name] = String(await freePort());
  return env;
}

/** Starts `clickfeed up` in a folder. */
export function startUp(folder: string, env: Record<string, string>, args: readonly string[]): UpProcess {
  const child = spawn(process.execPath, [...NODE_ARGS, 'up', ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const look = (pattern: RegExp): Promise<true | undefined> => {
    if (child.exitCode !== null && !pattern.test(text)) throw new Error(`up ended with ${child.exitCode}`);
    return Promise.resolve(pattern.test(text) ? true : undefined);
  };
  return {
    child,
    text: () => text,
    says: async (pattern) => {
      await waitFor(String(pattern), () => look(pattern), { timeoutMs: READY_MS }).catch((error: unknown) => {
        throw new Error(`${String(error)}; it said:\n${text}`, { cause: error });
      });
    },
    stop: async (signal) => {
      if (child.exitCode !== null) return child.exitCode;
      const exited = once(child, 'exit');
      child.kill(signal);
      const [code] = (await exited) as [number | null];
      return code;
    },
  };
}

/** Runs a command to its end. @returns its standard output @throws {Error} when it fails */
export async function runCommand(
  folder: string,
  env: Record<string, string>,
  args: readonly string[],
): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...NODE_ARGS, ...args], { cwd: folder, env });
  return stdout;
}

/** What `clickfeed status --json` says of the tables. */
export async function readStatus(folder: string, env: Record<string, string>): Promise<TableStatus[]> {
  return (JSON.parse(await runCommand(folder, env, ['status', '--json'])) as { tables: TableStatus[] }).tables;
}
