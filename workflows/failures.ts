/** What became of an activity that failed for good, in words. */
import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';

/** The last cause of a failed activity. */
export interface FailureFacts {
  /** The name of the error class of domain/errors.ts, or of Temporal's failure. */
  readonly type: string;
  readonly message: string;
}

/**
 * Says why an activity failed.
 * @throws the error itself when it is a cancellation, which is no failure and must pass through
 */
export function failureFacts(error: unknown): FailureFacts {
  if (isCancellation(error)) throw error;
  const cause = error instanceof ActivityFailure ? (error.cause ?? error) : error;
  if (cause instanceof ApplicationFailure) return { type: cause.type ?? 'Error', message: cause.message };
  if (cause instanceof TimeoutFailure) return { type: 'TimeoutFailure', message: timeoutText(cause) };
  return { type: 'Error', message: cause instanceof Error ? cause.message : String(cause) };
}

/** A schedule-to-close timeout hides the attempts' own error as its cause: that is what people want to read. */
function timeoutText(timeout: TimeoutFailure): string {
  const last = timeout.cause instanceof Error ? `, last error: ${timeout.cause.message}` : '';
  return `${timeout.message} (${timeout.timeoutType})${last}`;
}

/** One line for people. */
export function failureText(facts: FailureFacts): string {
  return `${facts.type}: ${facts.message}`;
}
