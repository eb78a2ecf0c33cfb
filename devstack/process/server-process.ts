/** One server in a process of its own: start, ready check, exit detection, kill, restart, stop. */
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../../domain/errors.ts';
import { spawnGuarded, type Command, type Guarded } from './guard.ts';
import { assertPortsFree, type NamedPort } from './ports.ts';

/** What a server is and when it counts as started. */
export interface ServerSpec {
  /** Name for people, such as ClickHouse. */
  readonly name: string;
  readonly command: Command;
  readonly ports: readonly NamedPort[];
  /** Output of the server, appended. */
  readonly logFile: string;
  /** Sends a real request; throws while the server does not answer rightly. */
  readonly probe: () => Promise<void>;
  readonly readyTimeoutMs?: number;
  readonly stopTimeoutMs?: number;
}

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const PROBE_INTERVAL_MS = 50;
const LOG_TAIL_LINES = 15;

interface Running extends Guarded {
  exit: string | undefined;
  readonly exited: Promise<unknown>;
}

/** A running server. Only {@link startServer} makes one. */
export class ServerProcess {
  readonly #spec: ServerSpec;
  #running: Running;
  #expectExit = false;
  #onExit: ((error: UnavailableError) => void) | undefined;

  constructor(spec: ServerSpec, running: Running) {
    this.#spec = spec;
    this.#running = running;
    this.#watch(running);
  }

  /** Name for people, such as ClickHouse. */
  get name(): string {
    return this.#spec.name;
  }

  /** Process id of the server. */
  get pid(): number {
    return this.#running.pid;
  }

  /** Calls back when the server ends without having been told to. */
  onUnexpectedExit(callback: (error: UnavailableError) => void): void {
    this.#onExit = callback;
  }

  /** Sends a signal and, if it is one that ends the server, waits until it has ended. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const ends = signal === 'SIGKILL' || signal === 'SIGTERM';
    if (ends) this.#expectExit = true;
    signalProcess(this.pid, signal);
    if (ends) await this.#running.exited;
  }

  /**
   * Starts the server again on the same ports and data; ends it first if it still runs.
   * @throws {UnavailableError} when it does not answer in time
   */
  async restart(): Promise<void> {
    await this.stop();
    this.#running = await launch(this.#spec);
    this.#expectExit = false;
    this.#watch(this.#running);
  }

  /** SIGTERM, then SIGKILL when the server has not ended in time. */
  async stop(): Promise<void> {
    this.#expectExit = true;
    if (this.#running.exit !== undefined) return;
    signalProcess(this.pid, 'SIGTERM');
    const stopTimeoutMs = this.#spec.stopTimeoutMs ?? STOP_TIMEOUT_MS;
    const timer = new AbortController();
    const timeout = sleep(stopTimeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([this.#running.exited, timeout]);
    timer.abort();
    if (!hasExited(this.#running)) signalProcess(this.pid, 'SIGKILL');
    await this.#running.exited;
  }

  #watch(running: Running): void {
    void running.exited.then(() => {
      if (this.#expectExit || running !== this.#running) return;
      this.#onExit?.(exitError(this.#spec, running));
    });
  }
}

/**
 * Starts a server and waits until it answers.
 * @throws {ConfigError} when one of its ports is taken
 * @throws {UnavailableError} when it ends or does not answer in time; the message carries the end of its log
 */
export async function startServer(spec: ServerSpec): Promise<ServerProcess> {
  return new ServerProcess(spec, await launch(spec));
}

async function launch(spec: ServerSpec): Promise<Running> {
  await assertPortsFree(spec.name, spec.ports);
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const logFd = openSync(spec.logFile, 'a', 0o600);
  try {
    const running = watchExit(await spawnGuarded(spec.command, logFd));
    await waitUntilReady(spec, running);
    return running;
  } finally {
    closeSync(logFd);
  }
}

function watchExit(guarded: Guarded): Running {
  const exited = once(guarded.guard, 'exit').then(([code, signal]) => {
    // A guard that was killed leaves its server behind: nobody else would end it.
    if (signal !== null) signalProcess(guarded.pid, 'SIGKILL');
    running.exit = signal === null ? describeStatus(Number(code)) : `its guard got ${String(signal)}`;
  });
  const running: Running = { ...guarded, exit: undefined, exited };
  return running;
}

async function waitUntilReady(spec: ServerSpec, running: Running): Promise<void> {
  const readyTimeoutMs = spec.readyTimeoutMs ?? READY_TIMEOUT_MS;
  const endMs = performance.now() + readyTimeoutMs;
  for (;;) {
    if (hasExited(running)) throw exitError(spec, running);
    try {
      await spec.probe();
      return;
    } catch (error) {
      if (performance.now() < endMs) {
        await sleep(PROBE_INTERVAL_MS);
        continue;
      }
      signalProcess(running.pid, 'SIGKILL');
      await running.exited;
      const found = error instanceof Error ? error.message : String(error);
      throw new UnavailableError(
        `Cannot start ${spec.name}: no answer within ${readyTimeoutMs} ms (${found})${logTail(spec)}`,
        { cause: error },
      );
    }
  }
}

/** A call, so that the compiler does not take the field of a live object for a constant. */
function hasExited(running: Running): boolean {
  return running.exit !== undefined;
}

function exitError(spec: ServerSpec, running: Running): UnavailableError {
  return new UnavailableError(`Cannot keep ${spec.name} running: it ended with ${running.exit ?? ''}${logTail(spec)}`);
}

function describeStatus(status: number): string {
  return status > 128 ? `signal ${status - 128}` : `status ${status}`;
}

function logTail(spec: ServerSpec): string {
  const lines = readFileSync(spec.logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES);
  return `; the end of ${spec.logFile}:\n  ${lines.join('\n  ')}`;
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone already
  }
}
