/** Cancelling requests at once: the SDK looks at the signal only while a request is on the wire, not in its pauses between retries. */
import { underSignal } from './signal-handler.ts';

/**
 * Runs a request and rejects with the signal's reason as soon as it is aborted.
 * @param request runs under the signal, so that what is on the wire ends too
 */
export async function sendPromptly<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
  });
  const answer = underSignal(signal, request);
  answer.catch(() => undefined); // when the abort wins, nobody waits for this one
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
