/** Lines of an entry: where they begin and end, and what is kept of one that cannot become a row. */
import { ObjectRejectedError } from './errors.ts';

/** A line that could not become a row. */
export interface QuarantinedLine {
  /** 1-based number of the line in the entry; blank lines count. */
  readonly lineNumber: number;
  /** The line's bytes, cut at {@link QUARANTINE_TEXT_BYTES}. Invalid UTF-8 is kept as base64, marked by `encoding`. */
  readonly text: string;
  readonly encoding: 'utf8' | 'base64';
  /** Why, in one short phrase: 'not JSON: ...', 'missing field: click_id'. */
  readonly reason: string;
}

/** Longest line that is taken, in bytes; the lines of the feed have about 300. */
export const LINE_LIMIT_BYTES = 16 * 2 ** 20;
/** How much of a quarantined line is kept. */
export const QUARANTINE_TEXT_BYTES = 64 * 2 ** 10;
/** Size of the buffers in which framed lines go to ClickHouse: large enough that the cost of each does not count. */
export const OUTPUT_BYTES = 256 * 2 ** 10;

export const LF = 0x0a;
export const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const BOM = [0xef, 0xbb, 0xbf];

/**
 * Cuts a byte stream into blocks of whole lines, in linear time: every block ends with a line feed, or with the input.
 * A byte order mark at the very start is left out. Blocks share memory with the input.
 * @throws {ObjectRejectedError} 'line-oversized' as soon as a line is longer than the limit, without holding more than that
 */
export async function* lineBlocks(
  bytes: AsyncIterable<Buffer>,
  limitBytes = LINE_LIMIT_BYTES,
): AsyncGenerator<Buffer, void, undefined> {
  const carry = new Carry(limitBytes);
  for await (const chunk of withoutBom(bytes)) {
    const firstEnd = chunk.indexOf(LF) + 1;
    if (firstEnd === 0) {
      carry.add(chunk);
      continue;
    }
    let begin = 0;
    if (carry.sizeBytes > 0) {
      carry.add(chunk.subarray(0, firstEnd));
      yield carry.take();
      begin = firstEnd;
    }
    const end = chunk.lastIndexOf(LF) + 1;
    if (end > begin) yield chunk.subarray(begin, end);
    if (end < chunk.length) carry.add(chunk.subarray(end));
  }
  if (carry.sizeBytes > 0) yield carry.take();
}

/** The begun line that the next chunk goes on with. Joined once, when its end is there: a long line is not quadratic. */
class Carry {
  sizeBytes = 0;
  #parts: Buffer[] = [];
  readonly #limitBytes: number;
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  add(part: Buffer): void {
    this.sizeBytes += part.length;
    if (this.sizeBytes > this.#limitBytes + 2) throw oversized(this.#limitBytes); // 2: its CR LF
    this.#parts.push(part);
  }

  take(): Buffer {
    const block = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts);
    this.sizeBytes = 0;
    this.#parts = [];
    return block;
  }
}

/** The error for a line longer than the limit. */
export function oversized(limitBytes: number): ObjectRejectedError {
  return new ObjectRejectedError('line-oversized', `Cannot split the lines: one has more than ${limitBytes} bytes`);
}

async function* withoutBom(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of bytes) {
    if (head === undefined) {
      if (chunk.length > 0) yield chunk;
      continue;
    }
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    if (head.length < BOM.length) continue;
    const rest: Buffer = BOM.every((byte, i) => head?.[i] === byte) ? head.subarray(BOM.length) : head;
    head = undefined;
    if (rest.length > 0) yield rest;
  }
  if (head !== undefined && head.length > 0) yield head;
}

/** Where the text of a line ends that lies in [begin, end) without its line feed: before one carriage return. */
export function trimCarriageReturn(block: Buffer, begin: number, end: number): number {
  return end > begin && block[end - 1] === CR ? end - 1 : end;
}

/** Whether nothing but spaces, tabs and carriage returns lies in [begin, end). Such lines keep their number but are no lines of the feed. */
export function isBlank(block: Buffer, begin: number, end: number): boolean {
  for (let i = begin; i < end; i += 1) {
    const byte = block[i];
    if (byte !== SPACE && byte !== TAB && byte !== CR) return false;
  }
  return true;
}
