/**
 * The fast path: puts `{"_o":<object>,"_n":<line>,` in front of every line without parsing it.
 * With that prefix ClickHouse itself refuses whatever is not one strict object per line: a second object lacks `_o`,
 * a string across a line end ends in the next prefix, unknown, duplicate and missing keys are errors. What it is lenient
 * about is checked here, and only here: control characters, escapes, UTF-8, and what stands before and behind the object.
 * test/activities/exact-differential.test.ts holds the two together.
 */
import { findDoubt } from './byte-check.ts';
import { NeedsExactPathError } from './errors.ts';
import { isBlank, LF, LINE_LIMIT_BYTES, lineBlocks, OUTPUT_BYTES, oversized, trimCarriageReturn } from './lines.ts';

/** What was framed so far; grows while {@link fastLines} is read. */
export interface LineTally {
  /** Lines that are not blank. */
  lines: number;
}

/** A tally to begin with. */
export function newLineTally(): LineTally {
  return { lines: 0 };
}

/**
 * Frames the lines of one object for the fast INSERT. Every buffer ends with a whole line.
 * @param index the object's place in the INSERT, 1-based; the lines carry it as `_o`
 * @throws {NeedsExactPathError} at a line that only the exact path can judge
 * @throws {ObjectRejectedError} 'line-oversized'
 */
export async function* fastLines(
  bytes: AsyncIterable<Buffer>,
  index: number,
  tally: LineTally,
  limitBytes = LINE_LIMIT_BYTES,
): AsyncGenerator<Buffer, void, undefined> {
  const framer = new Framer(index, tally, limitBytes);
  for await (const block of lineBlocks(bytes, limitBytes)) yield* framer.frame(block);
  yield* framer.finish();
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const QUOTE = 0x22;
const SPACE = 0x20;
const COMMA = 0x2c;
/** Digits of the greatest line number, 2^53. */
const NUMBER_BYTES = 16;

class Framer {
  #lineNumber = 0;
  #output: Buffer = Buffer.allocUnsafeSlow(OUTPUT_BYTES);
  #used = 0;
  #full: Buffer[] = [];
  readonly #prefix: Buffer;
  readonly #tally: LineTally;
  readonly #limitBytes: number;

  constructor(index: number, tally: LineTally, limitBytes: number) {
    this.#prefix = Buffer.from(`{"_o":${index},"_n":`, 'latin1');
    this.#tally = tally;
    this.#limitBytes = limitBytes;
  }

  /** @returns the buffers that became full */
  frame(block: Buffer): Buffer[] {
    const found = findDoubt(block);
    if (found !== undefined) throw doubt(`found ${found}`);
    for (let begin = 0; begin < block.length;) {
      const lineFeed = block.indexOf(LF, begin);
      const next = lineFeed < 0 ? block.length : lineFeed + 1;
      this.#lineNumber += 1;
      this.#frameLine(block, begin, trimCarriageReturn(block, begin, lineFeed < 0 ? next : lineFeed));
      begin = next;
    }
    return this.#takeFull();
  }

  /** @returns what is left */
  finish(): Buffer[] {
    this.#makeRoom(OUTPUT_BYTES + 1);
    return this.#takeFull();
  }

  #takeFull(): Buffer[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  #frameLine(block: Buffer, begin: number, end: number): void {
    if (end - begin > this.#limitBytes) throw oversized(this.#limitBytes);
    if (!isBareObject(block, begin, end)) {
      if (isBlank(block, begin, end)) return;
      throw doubt('a line is not one bare JSON object');
    }
    this.#tally.lines += 1;
    this.#makeRoom(this.#prefix.length + NUMBER_BYTES + 1 + (end - begin));
    const output = this.#output;
    this.#used += this.#prefix.copy(output, this.#used);
    this.#used = writeNumber(output, this.#used, this.#lineNumber);
    output[this.#used] = COMMA;
    this.#used += 1;
    this.#used += block.copy(output, this.#used, begin + 1, end);
    output[this.#used] = LF;
    this.#used += 1;
  }

  /** Begins a new output buffer unless so many bytes still fit. */
  #makeRoom(sizeBytes: number): void {
    if (this.#used + sizeBytes <= this.#output.length) return;
    if (this.#used > 0) this.#full.push(this.#output.subarray(0, this.#used));
    this.#output = Buffer.allocUnsafeSlow(Math.max(OUTPUT_BYTES, sizeBytes));
    this.#used = 0;
  }
}

function doubt(what: string): NeedsExactPathError {
  return new NeedsExactPathError(`Cannot vouch for the lines without parsing them: ${what}`);
}

/** Whether the line begins with `{"` (spaces between allowed) and ends with `}`: nothing else stands before or behind the object. */
function isBareObject(block: Buffer, begin: number, end: number): boolean {
  if (end - begin < 2 || block[begin] !== OPEN_BRACE || block[end - 1] !== CLOSE_BRACE) return false;
  let first = begin + 1;
  while (block[first] === SPACE) first += 1;
  return block[first] === QUOTE;
}

/** Writes decimal digits; a call of Buffer.write for every line would cost more than all the rest. */
function writeNumber(output: Buffer, position: number, value: number): number {
  let digits = 1;
  for (let power = 10; power <= value; power *= 10) digits += 1;
  let rest = value;
  for (let i = position + digits - 1; i >= position; i -= 1) {
    const tens = Math.floor(rest / 10);
    output[i] = 0x30 + (rest - tens * 10);
    rest = tens;
  }
  return position + digits;
}
