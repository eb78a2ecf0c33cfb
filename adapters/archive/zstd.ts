/** Unpacks zstd on every Node: fzstd for the blocks, XXH64 by xxhash-wasm for the checksum of each frame. */
import { Decompress } from 'fzstd';
import xxhash, { type XXHash } from 'xxhash-wasm';
import type { PackedBytes } from './inflate.ts';
import { libraryText, rejected } from './rejection.ts';
import { FrameFault, readBlockHeader, takeFrameHeader, type FrameHeader } from './zstd-frames.ts';

/**
 * Unpacks all frames. Truncation, a wrong checksum or size, and bytes behind the last frame are errors.
 * @throws {ObjectRejectedError} 'crc-mismatch' for a wrong checksum, 'archive-unsupported' for dictionaries and windows above 8 MiB
 */
export async function* unzstd(packed: PackedBytes, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  const hashes = await xxhash();
  const input = new PackedInput(packed.read(signal));
  try {
    for (;;) {
      const header = await takeFrameHeader(input.take, input.atEnd);
      if (header === undefined) return;
      yield* unpackFrame(header, input, hashes.create64());
    }
  } catch (error) {
    throw error instanceof FrameFault ? rejected(error.reason, packed.key, error.message) : error;
  } finally {
    await input.close();
  }
}

async function* unpackFrame(
  header: FrameHeader,
  input: PackedInput,
  checksum: XXHash<bigint>,
): AsyncGenerator<Buffer, void, undefined> {
  const out: Buffer[] = [];
  const decoder = new Decompress((data) => out.push(Buffer.from(data.buffer, data.byteOffset, data.length)));
  push(decoder, header.bytes, false);
  let sizeBytes = 0;
  for (let isLast = false; !isLast;) {
    const blockHead = await input.take(3);
    const block = readBlockHeader(blockHead);
    isLast = block.isLast;
    const data = await input.take(block.packedBytes);
    const trailer = isLast && header.hasChecksum ? await input.take(4) : Buffer.alloc(0);
    push(decoder, Buffer.concat([blockHead, data, trailer]), isLast);
    for (const chunk of out.splice(0)) {
      sizeBytes += chunk.length;
      if (header.hasChecksum) checksum.update(chunk);
      if (chunk.length > 0) yield chunk;
    }
    if (trailer.length > 0) checkChecksum(trailer.readUInt32LE(), checksum);
  }
  if (header.contentBytes !== undefined && header.contentBytes !== sizeBytes) {
    throw new FrameFault('archive-broken', `its zstd frame declares ${header.contentBytes} bytes, found ${sizeBytes}`);
  }
}

/** Whatever fzstd trips over in a block is the block's fault: the source is not read inside. */
function push(decoder: Decompress, bytes: Buffer, isFinal: boolean): void {
  try {
    decoder.push(bytes, isFinal);
  } catch (error) {
    throw new FrameFault('archive-broken', `its zstd data is broken, ${libraryText(error)}`);
  }
}

function checkChecksum(expected: number, checksum: XXHash<bigint>): void {
  if (Number(checksum.digest() & 0xffffffffn) !== expected) {
    throw new FrameFault('crc-mismatch', 'the checksum of its zstd frame does not fit what it holds');
  }
}

/** The packed bytes, taken in exact pieces. */
class PackedInput {
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  readonly atEnd = async (): Promise<boolean> => {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return true;
      this.#chunk = next.value;
    }
    return false;
  };

  readonly take = async (count: number): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for (let missing = count; missing > 0;) {
      if (await this.atEnd()) throw new FrameFault('archive-broken', 'its zstd data ends too early');
      const part = this.#chunk.subarray(0, missing);
      this.#chunk = this.#chunk.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  };

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
