/** One attempt of an activity: its end, its cancellation, its heartbeats. */
import { setMaxListeners } from 'node:events';
import { Context } from '@temporalio/activity';
import { UnavailableError } from '../domain/errors.ts';

/** An attempt stops itself this long before its own timeout, so that no commit of it comes after Temporal gave up on it. */
const STOP_BEFORE_TIMEOUT_MS = 5_000;
/** How often progress is given to the SDK, which throttles by the heartbeat timeout itself. */
const HEARTBEAT_EVERY_MS = 1_000;

/** Listeners that are no leak: several for each object opened ahead, and those of the INSERT. */
const SIGNAL_LISTENERS = 100;

/** The server refuses a commit this long before the attempt stops itself: the read-back still has to fit. */
const COMMIT_MARGIN_MS = 2_000;

/** What a running attempt knows of itself. */
export interface Attempt {
  /** Aborted on cancellation, on worker shutdown, and shortly before the attempt's own timeout. */
  readonly signal: AbortSignal;
  /** Milliseconds until the attempt stops itself, on a clock that cannot jump. */
  remainingMs(): number;
  readonly workflowId: string;
  readonly runId: string;
  /** 1 for the first try. */
  readonly number: number;
}

/** Until when the server takes commits of the attempt, by its clock, milliseconds since 1970. */
export function commitDeadlineMs(attempt: Attempt, serverNowMs: number): number {
  return serverNowMs + attempt.remainingMs() - COMMIT_MARGIN_MS;
}

/** Who commits, as the ledger has it. @param worker name of this worker */
export function committedBy({ workflowId, runId, number }: Attempt, worker: string): Committer {
  return { workflowId, runId, attempt: number, worker };
}

/** What the ledger is told of who commits. */
export interface Committer {
  readonly workflowId: string;
  readonly runId: string;
  readonly attempt: number;
  readonly worker: string;
}

/**
 * Runs `work` as an attempt: heartbeats `progress()` until it ends, aborts its signal before the timeout.
 * @param progress the details of the next heartbeat: one object
 */
export async function runAttempt<T>(progress: () => object, work: (attempt: Attempt) => Promise<T>): Promise<T> {
  const context = Context.current();
  const { info } = context;
  const startedMs = performance.now();
  const limitMs = info.startToCloseTimeoutMs - STOP_BEFORE_TIMEOUT_MS;
  const timeout = new AbortController();
  const timer = setTimeout(() => {
    timeout.abort(
      new UnavailableError(`Cannot finish in time: stopped before the timeout of ${info.startToCloseTimeoutMs} ms`),
    );
  }, limitMs);
  const heartbeat = setInterval(() => {
    context.heartbeat(progress());
  }, HEARTBEAT_EVERY_MS);
  const signal = AbortSignal.any([context.cancellationSignal, timeout.signal]);
  setMaxListeners(SIGNAL_LISTENERS, signal);
  try {
    context.heartbeat(progress());
    return await work({
      signal,
      remainingMs: () => limitMs - (performance.now() - startedMs),
      workflowId: info.workflowExecution?.workflowId ?? '',
      runId: info.workflowExecution?.runId ?? '',
      number: info.attempt,
    });
  } finally {
    clearTimeout(timer);
    clearInterval(heartbeat);
  }
}
