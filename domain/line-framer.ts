/**
 * The fast and the lifted path. The fast one puts `{"_n":<mark>,` (line-mark.ts) in front of every line without parsing it.
 * With that prefix ClickHouse itself refuses whatever is not one strict object per line: a second object lacks `_n`,
 * a string across a line end ends in the next prefix, unknown, duplicate and missing keys are errors. What it is lenient
 * about is checked here, and only here: control characters, escapes, UTF-8, and what stands before and behind the object.
 * The lifted path takes out the members that the table does not know and puts them into `"_extra":"..."`, which every line then has;
 * the rest of the line is ClickHouse's to judge, as on the fast path.
 * test/activities/exact-differential.test.ts holds the two together.
 */
import { findDoubt } from './byte-check.ts';
import { frameTaken, takePart } from './byte-scan.ts';
import type { Table } from './catalogue.ts';
import { countDrift } from './drift.ts';
import { NeedsExactPathError } from './errors.ts';
import { MarkPrefix } from './line-mark.ts';
import { MemberScanner, type UnknownMember } from './unknown-members.ts';
import { isBlank, LF, LINE_LIMIT_BYTES, lineBlocks, OUTPUT_BYTES, oversized, trimCarriageReturn } from './lines.ts';

/** What was framed so far; grows while {@link fastLines} or {@link liftedLines} is read. */
export interface LineTally {
  /** Lines that are not blank. */
  lines: number;
  /** Unknown field -> lines that have it. Has no prototype, so a field may be called `__proto__`. */
  readonly drift: Record<string, number>;
}

/** A tally to begin with. */
export function newLineTally(): LineTally {
  return { lines: 0, drift: Object.create(null) as Record<string, number> };
}

const NO_ROOM = Buffer.alloc(0);

/** Buffers for framed lines: what one object leaves of a buffer the next one fills, or those of small objects would be half empty. */
export class FramedOutput {
  #rest: Buffer = NO_ROOM;

  /** @returns room for so many bytes at least; what is left of it is given back */
  take(sizeBytes: number): Buffer {
    const rest = this.#rest;
    this.#rest = NO_ROOM;
    return rest.length >= sizeBytes ? rest : Buffer.allocUnsafeSlow(Math.max(OUTPUT_BYTES, sizeBytes));
  }

  giveBack(rest: Buffer): void {
    this.#rest = rest;
  }
}

/**
 * Frames the lines of one object for the fast INSERT. Every buffer ends with a whole line.
 * @param index the object's place in the INSERT, 1-based; the lines carry it in `_n`
 * @throws {NeedsExactPathError} at a line that only the exact path can judge
 * @throws {ObjectRejectedError} 'line-oversized'
 */
export async function* fastLines(
  bytes: AsyncIterable<Buffer>,
  index: number,
  tally: LineTally,
  limitBytes = LINE_LIMIT_BYTES,
  output = new FramedOutput(),
): AsyncGenerator<Buffer, void, undefined> {
  yield* framedBy(new Framer(index, tally, limitBytes, output), bytes, limitBytes);
}

/** Frames the lines of one object for the lifted INSERT; else as {@link fastLines}. */
export async function* liftedLines(
  bytes: AsyncIterable<Buffer>,
  index: number,
  table: Table,
  tally: LineTally,
  limitBytes = LINE_LIMIT_BYTES,
  output = new FramedOutput(),
): AsyncGenerator<Buffer, void, undefined> {
  yield* framedBy(new Framer(index, tally, limitBytes, output, new MemberScanner(table)), bytes, limitBytes);
}

async function* framedBy(
  framer: Framer,
  bytes: AsyncIterable<Buffer>,
  limitBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const block of lineBlocks(bytes, limitBytes)) yield* framer.frame(block);
  yield* framer.finish();
}

/** Whether the first line in the chunk has a field that the table does not know. False when it cannot be told. */
export function beginsWithDrift(chunk: Buffer, table: Table): boolean {
  const lineFeed = chunk.indexOf(LF);
  if (lineFeed < 0) return false;
  const scanner = new MemberScanner(table);
  return scanner.scan(chunk, 0, trimCarriageReturn(chunk, 0, lineFeed)) && scanner.unknown.length > 0;
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const SPACE = 0x20;
const COMMA = 0x2c;
const EXTRA = Buffer.from('"_extra":"', 'latin1');

class Framer {
  #output: Buffer;
  #used = 0;
  #full: Buffer[] = [];
  readonly #outputs: FramedOutput;
  readonly #prefix: MarkPrefix;
  readonly #tally: LineTally;
  readonly #limitBytes: number;
  readonly #scanner: MemberScanner | undefined;

  constructor(index: number, tally: LineTally, limitBytes: number, outputs: FramedOutput, scanner?: MemberScanner) {
    this.#outputs = outputs;
    this.#output = outputs.take(0);
    this.#scanner = scanner;
    this.#prefix = new MarkPrefix(index);
    this.#tally = tally;
    this.#limitBytes = limitBytes;
  }

  /** @returns the buffers that became full */
  frame(block: Buffer): Buffer[] {
    const found = findDoubt(block);
    if (found !== undefined) throw doubt(`found ${found}`);
    for (let begin = 0; begin < block.length;) {
      begin = this.#scanner === undefined ? this.#framePart(block, begin) : this.#frameNext(block, begin);
    }
    return this.#takeFull();
  }

  /** Frames the ordinary lines of a part together and the odd ones one by one. @returns where the next part begins */
  #framePart(block: Buffer, begin: number): number {
    const sizeBytes = takePart(block, begin);
    let at = 0;
    while (at < sizeBytes) {
      const room = this.#output.subarray(this.#used);
      const { end, framedBytes, lines } = frameTaken(at, sizeBytes, this.#prefix.bytes, room, this.#limitBytes);
      this.#used += framedBytes;
      this.#tally.lines += lines;
      at = end < sizeBytes ? this.#frameNext(block, begin + end) - begin : end;
    }
    return begin + at;
  }

  /** Frames the line that begins there. @returns where the next one begins */
  #frameNext(block: Buffer, begin: number): number {
    const lineFeed = block.indexOf(LF, begin);
    const next = lineFeed < 0 ? block.length : lineFeed + 1;
    this.#frameLine(block, begin, trimCarriageReturn(block, begin, lineFeed < 0 ? next : lineFeed));
    this.#prefix.next();
    return next;
  }

  /** @returns what is left */
  finish(): Buffer[] {
    this.#endBuffer();
    this.#outputs.giveBack(this.#output);
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
    if (this.#scanner === undefined) this.#copyLine(block, begin, end);
    else this.#liftLine(block, begin, end, this.#scanner);
  }

  #copyLine(block: Buffer, begin: number, end: number): void {
    this.#beginLine(end - begin);
    this.#used += block.copy(this.#output, this.#used, begin + 1, end);
    this.#writeByte(LF);
  }

  #liftLine(block: Buffer, begin: number, end: number, scanner: MemberScanner): void {
    if (!scanner.scan(block, begin, end)) throw doubt('a line is not one flat JSON object with each name once');
    const { unknown, known } = scanner;
    if (unknown.length > 0) {
      countDrift(
        this.#tally.drift,
        unknown.map(({ text }) => text),
      );
    }
    // Every byte of the line may need a backslash before it, and every stretch a comma.
    this.#beginLine(EXTRA.length + 8 + 3 * (end - begin));
    this.#used += EXTRA.copy(this.#output, this.#used);
    if (unknown.length > 0) this.#used = writeExtra(this.#output, this.#used, block, unknown);
    this.#writeByte(QUOTE);
    for (let i = 0; i < known.length; i += 2) {
      this.#writeByte(COMMA);
      this.#used += block.copy(this.#output, this.#used, known[i], known[i + 1]);
    }
    this.#writeByte(CLOSE_BRACE);
    this.#writeByte(LF);
  }

  /** Writes the mark and makes room for so many bytes behind it. */
  #beginLine(sizeBytes: number): void {
    const prefix = this.#prefix.bytes;
    this.#makeRoom(prefix.length + sizeBytes);
    this.#output.set(prefix, this.#used);
    this.#used += prefix.length;
  }

  #writeByte(byte: number): void {
    this.#output[this.#used] = byte;
    this.#used += 1;
  }

  /** Begins a new output buffer unless so many bytes still fit. */
  #makeRoom(sizeBytes: number): void {
    if (this.#used + sizeBytes <= this.#output.length) return;
    this.#endBuffer();
    this.#output = this.#outputs.take(sizeBytes);
  }

  #endBuffer(): void {
    if (this.#used > 0) this.#full.push(this.#output.subarray(0, this.#used));
    this.#output = this.#output.subarray(this.#used);
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

/** Writes the members as the text of a JSON object, within a JSON string. There are no control characters to escape. */
function writeExtra(output: Buffer, position: number, block: Buffer, members: readonly UnknownMember[]): number {
  let at = position;
  let before = OPEN_BRACE;
  for (const { nameBegin, nameEnd, valueBegin, valueEnd } of members) {
    output[at] = before;
    before = COMMA;
    at = writeEscaped(output, at + 1, block, nameBegin, nameEnd);
    output[at] = COLON;
    at = writeEscaped(output, at + 1, block, valueBegin, valueEnd);
  }
  output[at] = CLOSE_BRACE;
  return at + 1;
}

function writeEscaped(output: Buffer, position: number, block: Buffer, begin: number, end: number): number {
  let at = position;
  for (let i = begin; i < end; i += 1) {
    const byte = block[i] as number;
    if (byte === QUOTE || byte === BACKSLASH) {
      output[at] = BACKSLASH;
      at += 1;
    }
    output[at] = byte;
    at += 1;
  }
  return at;
}
