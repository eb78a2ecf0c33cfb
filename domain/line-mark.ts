/**
 * The mark of a line on its way into ClickHouse, `"_n"`: the object's place in the INSERT and the line's number in one number, as each
 * field of a line costs ClickHouse as much as its digits do not.
 */

/** What one object more adds to a mark: a power of ten, so that the two can be read side by side. No object has so many lines. */
export const MARK_OBJECT = 10 ** 12;

/**
 * The mark of a line.
 * @param index the object's place in the INSERT, 1-based, below 9,000: beyond 2^53 a mark would not be exact
 * @param lineNumber 1-based
 */
export function lineMark(index: number, lineNumber: number): number {
  return index * MARK_OBJECT + lineNumber;
}

const ZERO = 0x30;
const NINE = 0x39;

/** `{"_n":<mark>,`, what stands in front of a framed line, counted on in place: writing the digits anew would cost more than all the rest. */
export class MarkPrefix {
  /** Changes with {@link next}, or by whoever counts it on in the same way. */
  readonly bytes: Buffer;
  readonly #lastDigit: number;

  /** The mark of line 1. @param index the object's place in the INSERT */
  constructor(index: number) {
    this.bytes = Buffer.from(`{"_n":${lineMark(index, 1)},`, 'latin1');
    this.#lastDigit = this.bytes.length - 2;
  }

  /** Goes to the next line. */
  next(): void {
    let at = this.#lastDigit;
    while (this.bytes[at] === NINE) {
      this.bytes[at] = ZERO;
      at -= 1;
    }
    this.bytes[at] = (this.bytes[at] as number) + 1;
  }
}
