/** Runs packed bytes through one of zlib's engines, with back-pressure and without leaving anything behind. */
import { pipeline } from 'node:stream';
import { inflateRawSync, type Gunzip, type InflateRaw } from 'node:zlib';
import { libraryText, rejected } from './rejection.ts';

/** Output buffers of the engines: each costs a thread to be woken and woken up from. zlib’s 16 KiB take three times as long. */
export const ENGINE_CHUNK_BYTES = 2 ** 20;

/**
 * Entries up to this size are unpacked in one call: a stream costs more than a thousand lines take to unpack. That call holds
 * up everything else for 1 ms per 300 kB, so larger ones are left to the stream.
 */
const ONE_CALL_BYTES = 2 ** 20;
/** Room behind the declared size, so that zlib sees the end without asking for another buffer; 64 is the least it takes. */
const SPARE_BYTES = 64;

/** Packed bytes of known number, to be begun with a signal that ends the reading. */
export interface PackedBytes {
  readonly key: string;
  readonly packedBytes: number;
  read(signal: AbortSignal): AsyncIterable<Buffer>;
}

/**
 * Unpacks. All packed bytes must belong to the stream: what follows its end is refused, not ignored.
 * @throws {ObjectRejectedError} 'crc-mismatch' when the stream's own checksum is wrong, 'archive-broken' else; errors of the source pass
 */
export async function* inflate(
  packed: PackedBytes,
  engine: InflateRaw | Gunzip,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const ended = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const watched = async function* (): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* packed.read(AbortSignal.any([signal, ended.signal]));
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  // Errors come out of the engine; the callback only keeps them from being unhandled.
  pipeline(watched(), engine, () => undefined);
  try {
    for await (const chunk of engine) yield chunk as Buffer;
  } catch (error) {
    if (failure !== undefined) throw failure.error;
    throw streamError(packed.key, error);
  } finally {
    ended.abort();
    engine.destroy();
  }
  if (engine.bytesWritten !== packed.packedBytes) {
    const found = `its compressed data ends after ${engine.bytesWritten} of ${packed.packedBytes} bytes`;
    throw rejected('archive-broken', packed.key, found);
  }
}

/**
 * Unpacks a small entry in one call.
 * @returns undefined when it is not small, or does not unpack to exactly so many bytes out of exactly the packed ones
 */
export async function inflateSmall(
  packed: PackedBytes,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  if (sizeBytes > ONE_CALL_BYTES || packed.packedBytes > ONE_CALL_BYTES) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of packed.read(signal)) chunks.push(chunk);
  const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
  const whole = inflateOrUndefined(bytes, sizeBytes);
  return whole?.length === sizeBytes ? whole : undefined;
}

function inflateOrUndefined(packed: Buffer, sizeBytes: number): Buffer | undefined {
  const roomBytes = sizeBytes + SPARE_BYTES;
  try {
    const answer: unknown = inflateRawSync(packed, { chunkSize: roomBytes, maxOutputLength: roomBytes, info: true });
    const { buffer, engine } = answer as { buffer: Buffer; engine: { bytesWritten: number } };
    return engine.bytesWritten === packed.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}

/** zlib's words for a gzip trailer whose CRC-32 does not fit; there is no code of its own for it. A test holds it against zlib. */
const WRONG_CHECKSUM = 'incorrect data check';

function streamError(key: string, error: unknown): Error {
  const text = libraryText(error);
  return rejected(
    text === WRONG_CHECKSUM ? 'crc-mismatch' : 'archive-broken',
    key,
    `its compressed data is broken, ${text}`,
  );
}
