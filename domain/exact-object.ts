/** The exact path for a whole entry: rows out, quarantined lines to the side, the object refused when too many are bad. */
import type { Table } from './catalogue.ts';
import { countDrift } from './drift.ts';
import { ObjectRejectedError } from './errors.ts';
import { exactLine } from './exact-line.ts';
import {
  isBlank,
  LF,
  LINE_LIMIT_BYTES,
  lineBlocks,
  OUTPUT_BYTES,
  oversized,
  trimCarriageReturn,
  type QuarantinedLine,
} from './lines.ts';

/** What was read so far; grows while {@link exactLines} is read. */
export interface ExactTally {
  /** Lines that are not blank. */
  lines: number;
  quarantined: number;
  /** Unknown field -> lines that have it. Has no prototype, so a field may be called `__proto__`. */
  readonly drift: Record<string, number>;
}

/** A tally to begin with. */
export function newExactTally(): ExactTally {
  return { lines: 0, quarantined: 0, drift: Object.create(null) as Record<string, number> };
}

/** More bad lines than this share, and more than this count, and the object is rejected. */
export const BAD_LINES = { share: 0.1, count: 10 } as const;
/** Quarantined lines are handed on in batches of at most so many lines, or so many characters of text. */
const BATCH_LINES = 1_000;
const BATCH_CHARS = 4 * 2 ** 20;

/**
 * Reads the lines of one object strictly and yields rows for the exact INSERT. Every buffer ends with a whole row.
 * @param index the object's place in the INSERT, 1-based; the rows carry it in `_n`
 * @param onQuarantined is given the lines that cannot become rows, in order, batch by batch; reading waits for it
 * @throws {ObjectRejectedError} 'too-many-bad-lines' at the end, 'line-oversized' at once
 */
export async function* exactLines(
  bytes: AsyncIterable<Buffer>,
  index: number,
  table: Table,
  tally: ExactTally,
  onQuarantined: (lines: QuarantinedLine[]) => Promise<void>,
  limitBytes = LINE_LIMIT_BYTES,
): AsyncGenerator<Buffer, void, undefined> {
  const rows = new Batch<string>((row) => row.length, Number.POSITIVE_INFINITY, OUTPUT_BYTES);
  const bad = new Batch<QuarantinedLine>(({ text }) => text.length, BATCH_LINES, BATCH_CHARS);
  for await (const { line, lineNumber } of linesOf(bytes, limitBytes)) {
    tally.lines += 1;
    const judged = exactLine(line, index, lineNumber, table);
    if ('row' in judged) {
      rows.add(judged.row);
      countDrift(tally.drift, judged.driftFields);
      if (rows.isFull) yield Buffer.from(rows.take().join(''));
    } else {
      tally.quarantined += 1;
      bad.add(judged);
      if (bad.isFull) await onQuarantined(bad.take());
    }
  }
  if (rows.count > 0) yield Buffer.from(rows.take().join(''));
  if (bad.count > 0) await onQuarantined(bad.take());
  checkShare(tally);
}

function checkShare({ lines, quarantined }: ExactTally): void {
  if (quarantined <= BAD_LINES.count || quarantined <= lines * BAD_LINES.share) return;
  throw new ObjectRejectedError(
    'too-many-bad-lines',
    `Cannot take the object as too many lines are bad: found ${quarantined} of ${lines}, ` +
      `expected at most ${BAD_LINES.count} or ${BAD_LINES.share * 100} %`,
  );
}

interface NumberedLine {
  readonly line: Buffer;
  readonly lineNumber: number;
}

async function* linesOf(
  bytes: AsyncIterable<Buffer>,
  limitBytes: number,
): AsyncGenerator<NumberedLine, void, undefined> {
  let lineNumber = 0;
  for await (const block of lineBlocks(bytes, limitBytes)) {
    for (let begin = 0; begin < block.length;) {
      const lineFeed = block.indexOf(LF, begin);
      const next = lineFeed < 0 ? block.length : lineFeed + 1;
      const end = trimCarriageReturn(block, begin, lineFeed < 0 ? next : lineFeed);
      if (end - begin > limitBytes) throw oversized(limitBytes);
      lineNumber += 1;
      if (!isBlank(block, begin, end)) yield { line: block.subarray(begin, end), lineNumber };
      begin = next;
    }
  }
}

/** Collects items until they are many or large enough to be handed on. */
class Batch<T> {
  #items: T[] = [];
  #size = 0;
  readonly #sizeOf: (item: T) => number;
  readonly #maxCount: number;
  readonly #maxSize: number;
  constructor(sizeOf: (item: T) => number, maxCount: number, maxSize: number) {
    this.#sizeOf = sizeOf;
    this.#maxCount = maxCount;
    this.#maxSize = maxSize;
  }
  get count(): number {
    return this.#items.length;
  }
  get isFull(): boolean {
    return this.#items.length >= this.#maxCount || this.#size >= this.#maxSize;
  }
  add(item: T): void {
    this.#items.push(item);
    this.#size += this.#sizeOf(item);
  }
  take(): T[] {
    const items = this.#items;
    this.#items = [];
    this.#size = 0;
    return items;
  }
}
