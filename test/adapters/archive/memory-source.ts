/** A ByteSource over memory, a test double of the port: it counts its reads, and fails or stalls when told to. */
import type { ByteSource } from '../../../activities/ports.ts';

/** What happened to a {@link MemorySource}. */
export interface MemorySource extends ByteSource {
  readonly reads: { readonly begin: number; readonly end: number }[];
  /** Reads that were begun and neither ended nor returned. */
  open: number;
}

/** How a {@link MemorySource} behaves. */
export interface Behaviour {
  readonly chunkBytes?: number;
  /** The chunk, counted over all reads from 0, in whose place an error comes. */
  readonly failAtChunk?: number;
  readonly error?: Error;
  /** The chunk in whose place nothing comes until the read is aborted. */
  readonly stallAtChunk?: number;
}

/** Builds a source of the bytes. */
export function memorySource(bytes: Buffer, behaviour: Behaviour = {}): MemorySource {
  const { chunkBytes = 4_096, failAtChunk, stallAtChunk, error = new Error('Injected') } = behaviour;
  let chunkNumber = 0;
  const source: MemorySource = {
    key: 'feed/object',
    sizeBytes: bytes.length,
    reads: [],
    open: 0,
    async *read(begin, end, signal) {
      if (begin < 0 || end > bytes.length || begin > end) throw new RangeError(`Bad range ${begin} to ${end}`);
      source.reads.push({ begin, end });
      source.open += 1;
      try {
        for (let at = begin; at < end; at += chunkBytes) {
          await new Promise((resolve) => setImmediate(resolve));
          signal.throwIfAborted();
          if (chunkNumber === failAtChunk) throw error;
          if (chunkNumber === stallAtChunk) await untilAborted(signal);
          chunkNumber += 1;
          yield bytes.subarray(at, Math.min(end, at + chunkBytes));
        }
      } finally {
        source.open -= 1;
      }
    },
  };
  return source;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}
