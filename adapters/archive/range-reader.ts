/** Gives yauzl its random access over a {@link ByteSource}, a block at a time so that small reads share a request. */
import { RandomAccessReader } from 'yauzl';
import type { ByteSource } from '../../activities/ports.ts';
import { readAll } from './sources.ts';

const BLOCK_BYTES = 64 * 2 ** 10;

/** Keeps the last block read. An error of the source is kept too, so that it can be told from yauzl's own. */
export class RangeReader extends RandomAccessReader {
  /** Set when the source failed; the archive is not to blame then. */
  failure: { readonly error: unknown } | undefined;
  #block: { begin: number; bytes: Buffer } = { begin: 0, bytes: Buffer.alloc(0) };
  readonly #source: ByteSource;
  readonly #signal: AbortSignal;

  constructor(source: ByteSource, signal: AbortSignal) {
    super();
    this.#source = source;
    this.#signal = signal;
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#copy(target, offset, length, position).then(() => {
      callback(null);
    }, callback);
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }

  async #copy(target: Buffer, offset: number, length: number, position: number): Promise<void> {
    if (!Number.isSafeInteger(position) || position < 0 || position + length > this.#source.sizeBytes) {
      throw new RangeError('it points to bytes outside of the file');
    }
    const { begin, bytes } = this.#block;
    if (position < begin || position + length > begin + bytes.length) await this.#fetch(position, length);
    const from = position - this.#block.begin;
    this.#block.bytes.copy(target, offset, from, from + length);
  }

  async #fetch(position: number, length: number): Promise<void> {
    const end = Math.min(this.#source.sizeBytes, position + Math.max(length, BLOCK_BYTES));
    try {
      this.#block = { begin: position, bytes: await readAll(this.#source, position, end, this.#signal) };
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}
