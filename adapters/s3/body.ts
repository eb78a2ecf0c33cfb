/** Reads the body of an answer: not one byte more or less than expected, and no longer silence than allowed. */
import type { Readable } from 'node:stream';
import { UnavailableError } from '../../domain/errors.ts';

/**
 * Streams a body of known length. Only waiting for a chunk is timed, not the pauses of whoever takes the chunks.
 * The body is destroyed however this ends.
 * @throws {UnavailableError} when the body is stalled, cut short or too long; errors of the socket pass as they are
 */
export async function* readBody(
  body: Readable,
  expectedBytes: number,
  idleTimeoutMs: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const abort = (): void => void body.destroy(abortReason(signal));
  signal.addEventListener('abort', abort, { once: true });
  let receivedBytes = 0;
  try {
    signal.throwIfAborted();
    const chunks = body.iterator({ destroyOnReturn: true }) as AsyncIterator<Buffer, undefined>;
    for (;;) {
      const { value: chunk } = await nextChunk(chunks, body, idleTimeoutMs);
      if (chunk === undefined) break;
      receivedBytes += chunk.length;
      if (receivedBytes > expectedBytes) throw wrongLength(`more than ${expectedBytes} bytes`, expectedBytes);
      yield chunk;
    }
    if (receivedBytes < expectedBytes) throw wrongLength(`${receivedBytes} bytes`, expectedBytes);
  } finally {
    signal.removeEventListener('abort', abort);
    body.destroy();
  }
}

/** An abort may be for any reason, but a stream is destroyed with an Error. */
function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('Aborted');
}

async function nextChunk(
  chunks: AsyncIterator<Buffer, undefined>,
  body: Readable,
  idleTimeoutMs: number,
): Promise<IteratorResult<Buffer, undefined>> {
  const timer = setTimeout(() => {
    body.destroy(new UnavailableError(`Cannot go on reading: nothing came for ${idleTimeoutMs} ms`));
  }, idleTimeoutMs);
  try {
    return await chunks.next();
  } finally {
    clearTimeout(timer);
  }
}

function wrongLength(found: string, expectedBytes: number): UnavailableError {
  return new UnavailableError(`Cannot take the answer: found ${found}, expected ${expectedBytes}`);
}
