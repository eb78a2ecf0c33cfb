/**
 * Finds the members of a line that its table does not know, without parsing the others: only names are looked at, and where values
 * end. For bytes that `findDoubt` has passed: escapes, control characters and UTF-8 need no second look.
 */
import type { Table } from './catalogue.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
/** JSON's literals and numbers, whole. */
const SCALAR = /^(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)$/;
/** Names that are remembered, and unknown members of a line; a line with more is for the exact path. */
const NAMES_MAX = 1_000;
const UNKNOWN_MAX = 100;

/** A name that was met. */
interface Name {
  readonly bytes: Buffer;
  readonly isKnown: boolean;
  /** As people read it. */
  readonly text: string;
}

/** A member that the table does not know: where its quoted name and its value lie. */
export interface UnknownMember {
  readonly text: string;
  readonly nameBegin: number;
  readonly nameEnd: number;
  readonly valueBegin: number;
  readonly valueEnd: number;
}

/** Reads line after line; remembers names and their order, as lines are alike. What it finds is overwritten by the next call. */
export class MemberScanner {
  /** Of the line scanned last, in its order. */
  readonly unknown: UnknownMember[] = [];
  /** Stretches of known members, their commas within: begin, end, begin, end, ... */
  readonly known: number[] = [];
  readonly #fields: ReadonlySet<string>;
  readonly #names = new Map<string, Name>();
  /** The names of the line before, by place. */
  readonly #order: Name[] = [];

  constructor(table: Table) {
    this.#fields = new Set(table.fields.map(({ name }) => name));
  }

  /**
   * Scans the line in [begin, end).
   * @returns false when the line needs the exact path: it is no flat object, a name is escaped or an unknown one comes twice
   */
  scan(block: Buffer, begin: number, end: number): boolean {
    this.unknown.length = 0;
    this.known.length = 0;
    let wasKnown = false;
    let at = skipSpaces(block, begin + 1);
    for (let place = 0; block[begin] === OPEN_BRACE; place += 1) {
      const nameBegin = at;
      const name = this.#takeName(block, at, place);
      if (name === undefined) return false;
      const nameEnd = at + name.bytes.length + 2;
      at = skipSpaces(block, nameEnd);
      if (block[at] !== COLON) return false;
      const valueBegin = skipSpaces(block, at + 1);
      const valueEnd = endOfValue(block, valueBegin, end);
      if (valueEnd < 0) return false;
      if (name.isKnown) this.#keep(nameBegin, valueEnd, wasKnown);
      else if (!this.#lift(block, { text: name.text, nameBegin, nameEnd, valueBegin, valueEnd })) return false;
      wasKnown = name.isKnown;
      at = skipSpaces(block, valueEnd);
      if (block[at] !== COMMA) return block[at] === CLOSE_BRACE && at === end - 1;
      at = skipSpaces(block, at + 1);
    }
    return false;
  }

  #keep(begin: number, end: number, isNext: boolean): void {
    if (isNext) this.known[this.known.length - 1] = end;
    else this.known.push(begin, end);
  }

  #lift(block: Buffer, member: UnknownMember): boolean {
    const { text, valueBegin, valueEnd } = member;
    if (this.unknown.length === UNKNOWN_MAX || this.unknown.some((other) => other.text === text)) return false;
    this.unknown.push(member);
    return block[valueBegin] === QUOTE || SCALAR.test(block.toString('latin1', valueBegin, valueEnd));
  }

  /** The name whose quote stands at `at`. */
  #takeName(block: Buffer, at: number, place: number): Name | undefined {
    if (block[at] !== QUOTE) return undefined;
    const expected = this.#order[place];
    if (expected !== undefined && isAt(block, at + 1, expected.bytes)) return expected;
    let end = at + 1;
    while (end < block.length && block[end] !== QUOTE) {
      if (block[end] === BACKSLASH) return undefined;
      end += 1;
    }
    const name = this.#remember(block.subarray(at + 1, end));
    if (place <= this.#order.length && place < NAMES_MAX) this.#order[place] = name;
    return name;
  }

  #remember(bytes: Buffer): Name {
    const key = bytes.toString('latin1');
    const met = this.#names.get(key);
    if (met !== undefined) return met;
    const text = bytes.toString('utf8');
    const name: Name = { bytes: Buffer.from(bytes), isKnown: this.#fields.has(text), text };
    if (this.#names.size < NAMES_MAX) this.#names.set(key, name);
    return name;
  }
}

/** Whether the bytes stand there, and a quote behind them. */
function isAt(block: Buffer, begin: number, bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i += 1) if (block[begin + i] !== bytes[i]) return false;
  return block[begin + bytes.length] === QUOTE;
}

function skipSpaces(block: Buffer, begin: number): number {
  let at = begin;
  while (block[at] === SPACE) at += 1;
  return at;
}

/** @returns where the string or scalar ends, -1 when there is none, or an object or array */
function endOfValue(block: Buffer, begin: number, end: number): number {
  const first = block[begin];
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return -1;
  if (first === QUOTE) return endOfString(block, begin, end);
  let at = begin;
  while (at < end && block[at] !== COMMA && block[at] !== CLOSE_BRACE && block[at] !== SPACE) at += 1;
  return at === begin ? -1 : at;
}

function endOfString(block: Buffer, begin: number, end: number): number {
  for (let at = begin + 1; at < end; at += 1) {
    const byte = block[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1; // what is escaped by it is no end
  }
  return -1;
}
