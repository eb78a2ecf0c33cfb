/** Byte sources beneath the archive: small objects are taken into memory by one read, and the head of every object is looked at. */
import type { ByteSource } from '../../activities/ports.ts';
import { rejected } from './rejection.ts';

/** Objects up to this size are read whole by one request. */
const SMALL_BYTES = 8 * 2 ** 20;
/** What is handed on at once from memory. */
const CHUNK_BYTES = 64 * 2 ** 10;
/** Enough to see whether a page of HTML or XML came in place of the object. */
const HEAD_BYTES = 256;

/** The source itself when it is large, else a copy of it in memory. */
export async function holdWhenSmall(source: ByteSource, signal: AbortSignal): Promise<ByteSource> {
  if (source.sizeBytes > SMALL_BYTES) return source;
  return memorySource(source.key, await readAll(source, 0, source.sizeBytes, signal));
}

function memorySource(key: string, bytes: Buffer): ByteSource {
  return {
    key,
    sizeBytes: bytes.length,
    // oxlint-disable-next-line typescript/require-await -- memory does not wait, the port may
    async *read(startByte, endByte) {
      for (let at = startByte; at < endByte; at += CHUNK_BYTES) {
        yield bytes.subarray(at, Math.min(endByte, at + CHUNK_BYTES));
      }
    },
  };
}

/** Reads the bytes [startByte, endByte) into one buffer. */
export async function readAll(
  source: ByteSource,
  startByte: number,
  endByte: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source.read(startByte, endByte, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @throws {ObjectRejectedError} 'not-an-archive' when there is nothing, or markup such as an error page of a proxy */
export async function refuseMarkup(source: ByteSource, signal: AbortSignal): Promise<void> {
  if (source.sizeBytes === 0) throw rejected('not-an-archive', source.key, 'found 0 bytes');
  const head = await readAll(source, 0, Math.min(HEAD_BYTES, source.sizeBytes), signal);
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  if (text.trimStart().startsWith('<')) throw rejected('not-an-archive', source.key, 'found HTML or XML');
}
