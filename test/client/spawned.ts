/** The command line as a process that a test talks to while it runs. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { builtProgram } from '../support/build.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { eventually } from '../support/eventually.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A running command. */
export interface Spawned {
  readonly process: ChildProcess;
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** Waits until standard error holds the text. */
  says(text: string): Promise<void>;
  /** Waits for the end. @returns the exit code */
  end(): Promise<number | null>;
}

/** Starts a command; it is killed at the end of the test. */
export async function spawnCommand(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  cwd = ROOT,
): Promise<Spawned> {
  const child = spawn(process.execPath, [await builtProgram(), ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const closed = once(child, 'close');
  cleanUpLater(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  return {
    process: child,
    output,
    says: (text) =>
      eventually(() => {
        if (child.exitCode !== null && !output.stderr.includes(text)) {
          throw new Error(
            `Wait for ${JSON.stringify(text)}: the command ended with ${child.exitCode}:\n${output.stderr}`,
          );
        }
        return output.stderr.includes(text);
      }, 60_000),
    end: async () => {
      await closed;
      return child.exitCode;
    },
  };
}

/** Runs a command to its end. */
export async function runCommand(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const command = await spawnCommand(env, args);
  const code = await command.end();
  return { code, ...command.output };
}
