/** Follows a running workflow until it ends, or until Ctrl-C, which detaches and leaves the run alone. */
import { setMaxListeners } from 'node:events';
import type { WorkflowClient } from '@temporalio/client';
import { PROGRESS_QUERY } from '../../domain/service.ts';
import { printable } from '../../domain/printable.ts';
import type { CliIo } from './io.ts';
import { CommandDetached, CommandFailed } from './run.ts';

/** The part of a workflow's handle that is needed here. */
export interface Followable<R> {
  readonly client: WorkflowClient;
  result(): Promise<R>;
  query<Answer>(name: string): Promise<Answer>;
}

/** How to show a workflow. */
export interface FollowOptions<P> {
  readonly io: CliIo;
  /** The progress as lines; called on every answer, printed when they change. */
  readonly lines: (progress: P) => readonly string[];
  /** Said when the person detaches: how to follow again. */
  readonly again: string;
  /** Said when no worker answers: what to do. */
  readonly hasWorker: () => Promise<boolean>;
  /** Called before the last word: what shows progress in place makes room. */
  readonly close: () => void;
}

const POLL_MS = 1_000;
/** A query waits for a worker; without one it is given up after this. */
const QUERY_TIMEOUT_MS = 5_000;

/**
 * Shows progress until the workflow ends.
 * @returns its result
 * @throws {CommandDetached} when the person detached, after saying how to follow again
 * @throws {CommandFailed} when the workflow failed, after saying why
 */
export async function follow<R, P>(handle: Followable<R>, options: FollowOptions<P>): Promise<R> {
  const { io, close } = options;
  const ended = new AbortController();
  const signal = AbortSignal.any([io.signal, ended.signal]);
  // Every question of the long wait leaves a listener behind; Node warns of the eleventh.
  setMaxListeners(0, signal);
  const watching = watch(handle, options, signal);
  try {
    // Cut off when nobody waits any more: the server answers such a question only after some twenty seconds.
    return await handle.client.connection.withAbortSignal(signal, () => handle.result());
  } catch (error) {
    close();
    if (io.signal.aborted) {
      io.note(`Detached, the run goes on. Follow it again: ${options.again}`);
      throw new CommandDetached();
    }
    io.note(io.colors.red(await failureSentence(error)));
    throw new CommandFailed();
  } finally {
    ended.abort();
    await watching;
    close();
  }
}

async function watch<P>(
  handle: Followable<unknown>,
  { io, lines, hasWorker }: FollowOptions<P>,
  signal: AbortSignal,
): Promise<void> {
  let shown = '';
  while (!signal.aborted) {
    const text = await queryText(handle, lines, hasWorker, signal);
    // The run may have ended while we asked; its end is told by the caller.
    if (text !== undefined && text !== shown && !aborted(signal)) io.note(text);
    shown = text ?? shown;
    await pause(signal);
  }
}

/** Not narrowed by an earlier check. */
function aborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** The progress in words, or undefined when there is nothing to say. */
async function queryText<P>(
  handle: Followable<unknown>,
  lines: FollowOptions<P>['lines'],
  hasWorker: FollowOptions<P>['hasWorker'],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { connection } = handle.client;
    // A signal of its own, so that what listens to it goes with it.
    const progress = await connection.withAbortSignal(AbortSignal.any([signal]), () =>
      connection.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => handle.query<P | undefined>(PROGRESS_QUERY)),
    );
    if (progress === undefined || signal.aborted) return undefined;
    return lines(progress).map(printable).join('\n');
  } catch {
    if (signal.aborted) return undefined;
    // No answer: no worker, or the run has just begun or ended.
    const served = await hasWorker().catch(() => true);
    return served ? undefined : 'Waiting: no worker is running; start one with "clickfeed worker" or "clickfeed up"';
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, POLL_MS);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

/** Why a workflow failed: an activity's failure hides the sentence that says so as its cause. */
async function failureSentence(error: unknown): Promise<string> {
  const { ApplicationFailure } = await import('@temporalio/common');
  let cause = error;
  while (!(cause instanceof ApplicationFailure) && cause instanceof Error && cause.cause instanceof Error) {
    cause = cause.cause;
  }
  return printable(cause instanceof Error ? cause.message : String(cause));
}
