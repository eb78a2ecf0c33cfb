/** `clickfeed up`: the whole service on one machine, with a demo feed, until it is told to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoWish } from './demo/choice.ts';
import { openDemo, type Demo } from './demo/live.ts';
import { removeEnvFile, writeEnvFile } from './env-file.ts';
import type { Progress, ProgressView } from './progress.ts';
import { startStack, type RunningStack, type Settings } from './stack.ts';

/** The service over a running stack; `up` decides when, the command knows how. */
export interface UpService {
  /** Makes database, tables, views and schedules, or brings them up to date. */
  setUp(signal: AbortSignal): Promise<void>;
  /** Runs a worker until the signal. */
  runWorker(options: { signal: AbortSignal; onReady: () => void }): Promise<void>;
  /** Starts loading the feed from its start, unless that was done before. */
  startFirstLoad(): Promise<void>;
  /** Serves the pages until the service is closed. @returns their address */
  startDashboard(): Promise<string>;
  /** What is loaded and what runs. */
  progress(signal: AbortSignal): Promise<Omit<Progress, 'objects'>>;
  close(): Promise<void>;
}

/** Options of {@link runUp}. */
export interface UpOptions {
  /** Folder of the stack's data. */
  readonly dir: string;
  readonly settings: Settings;
  readonly demo: DemoWish;
  readonly view: ProgressView;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Builds the service over the settings of user and stack together. */
  readonly connect: (settings: Settings, dir: string) => Promise<UpService>;
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number;
}

const PROGRESS_EVERY_MS = 2_000;
/** As long as nothing is loaded, everyone waits for that. */
const FIRST_PROGRESS_EVERY_MS = 250;

/**
 * Starts the stack, publishes the demo feed into it, sets the service up, runs a worker and shows progress until the signal.
 * Then, and after any failure, everything that was started is stopped in order: publisher, worker, Temporal, ClickHouse, S3.
 * @throws {ConfigError | SetupError | UnavailableError} when a part cannot be started, or ends by itself
 */
export async function runUp(options: UpOptions): Promise<void> {
  const { view } = options;
  const say = (line: string): void => {
    view.line(line);
  };
  say('Starting the servers');
  const stack = await startStack({ dir: options.dir, settings: options.settings, say });
  const ending = new Ending(options.signal);
  stack.onUnexpectedExit((error) => {
    ending.fail(error);
  });
  try {
    await runOnStack(stack, options, ending);
  } catch (error) {
    ending.fail(error);
  } finally {
    view.close();
    removeEnvFile(stack.dir);
    await stack.stop();
  }
  ending.rethrow();
}

/** The end of `up`: asked for by the signal, or forced by the first failure. What fails because of the end is no failure. */
class Ending {
  readonly #controller = new AbortController();
  #failure: unknown;

  constructor(asked: AbortSignal) {
    const end = (): void => {
      this.end();
    };
    if (asked.aborted) end();
    asked.addEventListener('abort', end, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    this.#controller.abort();
  }

  fail(error: unknown): void {
    if (!this.signal.aborted) this.#failure = error;
    this.end();
  }

  rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure as Error;
  }
}

async function runOnStack(stack: RunningStack, options: UpOptions, ending: Ending): Promise<void> {
  const { view } = options;
  const { signal } = ending;
  signal.throwIfAborted(); // asked to end while the servers started
  const demo = 'S3_ENDPOINT' in stack.settings ? openDemo(stack, options.demo, view, options.now) : undefined;
  const settings = { ...stack.settings, ...(demo === undefined ? {} : { FEED_START: demo.from }) };
  writeEnvFile(stack.dir, settings);
  const service = await options.connect({ ...options.settings, ...settings }, stack.dir);
  const background: Promise<void>[] = [];
  try {
    await all([service.setUp(signal), demo?.publishPast(signal) ?? Promise.resolve()]);
    background.push(...(await startWorker(service, ending)));
    await service.startFirstLoad();
    if (demo !== undefined) background.push(demo.publishOn(signal));
    const dashboard = { label: 'Dashboard', url: await service.startDashboard() };
    for (const { label, url } of [dashboard, ...stack.addresses]) view.line(`${label.padEnd(18)} ${url}`);
    view.line('Running; Ctrl-C stops everything');
    await showProgress(service, demo, view, signal);
  } finally {
    ending.end();
    await Promise.all(background);
    demo?.close();
    await service.close();
  }
}

/** Waits for all, also when one fails: what is closed then must not be in use any more. */
async function all(works: readonly Promise<void>[]): Promise<void> {
  for (const settled of await Promise.allSettled(works)) if (settled.status === 'rejected') throw settled.reason;
}

/** Waits until the worker takes work. @returns what settles when it has ended */
async function startWorker(service: UpService, ending: Ending): Promise<Promise<void>[]> {
  let running = Promise.resolve();
  await new Promise<void>((resolve) => {
    running = service
      .runWorker({ signal: ending.signal, onReady: resolve })
      .catch((error: unknown) => {
        ending.fail(error);
      })
      .finally(() => {
        ending.end();
        resolve();
      });
  });
  return [running];
}

async function showProgress(service: UpService, demo: Demo | undefined, view: ProgressView, signal: AbortSignal) {
  let everyMs = FIRST_PROGRESS_EVERY_MS;
  while (!signal.aborted) {
    try {
      const progress = await service.progress(signal);
      if (progress.loadedObjects > 0) everyMs = PROGRESS_EVERY_MS;
      view.show({ ...progress, objects: demo?.publishedObjects() });
    } catch (error) {
      if (!isAborted(signal)) view.line(messageOf(error)); // a server that is gone ends `up` through its exit
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A call, so that the compiler does not take the flag for a constant. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
