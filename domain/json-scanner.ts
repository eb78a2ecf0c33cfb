/**
 * A strict scanner of one JSON object (RFC 8259): finds its members and where their values lie, without building values,
 * so that every value keeps its exact text. Iterative: nesting cannot overflow the stack.
 */
import { escapeEnd } from './json-escapes.ts';

/** What a value is, by its first character. */
export type ValueKind = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

/** One member of the scanned object. */
export interface Member {
  /** The name, unescaped. */
  readonly name: string;
  /** The name as written, with its quotes. */
  readonly rawName: string;
  readonly kind: ValueKind;
  /** The value exactly as written. */
  readonly raw: string;
}

/** The members in order, or what is wrong. */
export type ScanResult = { readonly members: readonly Member[] } | { readonly problem: string };

/** Deepest nesting that is taken; the object itself is 1. */
export const NESTING_LIMIT = 256;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Scans a text that must be one JSON object, with nothing but white space around it. Names must be unique after unescaping, at every depth.
 * @param text decoded UTF-8, so it holds no lone surrogates itself
 */
export function scanObject(text: string): ScanResult {
  return new Scanner(text).scan();
}

/** Unescapes a string token that {@link scanObject} returned. */
export function unescapeString(raw: string): string {
  return raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
}

/** An open object or array; an object knows its names so far. */
type Container = Set<string> | undefined;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** Every method that reads returns whether it may go on; when not, `problem` says why. */
class Scanner {
  readonly #text: string;
  readonly #codeAt: (index: number) => number;
  readonly #open: Container[] = [];
  readonly #members: Member[] = [];
  #problem = '';
  #at = 0;
  /** The member of the outermost object that is being read; `rawName` is '' between members. */
  #name = '';
  #rawName = '';
  #valueBegin = 0;

  constructor(text: string) {
    this.#text = text;
    this.#codeAt = (index) => text.charCodeAt(index);
  }

  scan(): ScanResult {
    this.#skipSpace();
    return this.#takeObject() && this.#expectEnd() ? { members: this.#members } : { problem: this.#problem };
  }

  #takeObject(): boolean {
    if (this.#text[this.#at] !== '{') return this.#fail('expected an object');
    do {
      if (!this.#beginValue()) return false;
    } while (this.#endValues());
    return this.#problem === '';
  }

  #expectEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#text.length || this.#fail('more behind the object');
  }

  #fail(what: string, at = this.#at): false {
    this.#problem = at < this.#text.length ? `${what} at character ${at + 1}` : `${what} at the end`;
    return false;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x09 && code !== 0x0d) return;
      this.#at += 1;
    }
  }

  /** Takes a scalar whole, or opens containers up to the first scalar or empty container in them. */
  #beginValue(): boolean {
    for (;;) {
      if (this.#open.length === 1) this.#valueBegin = this.#at;
      const first = this.#text[this.#at];
      if (first !== '{' && first !== '[') return this.#takeScalar(first);
      if (this.#open.length === NESTING_LIMIT) return this.#fail('nested too deep');
      this.#open.push(first === '{' ? new Set() : undefined);
      this.#at += 1;
      this.#skipSpace();
      if (this.#text[this.#at] === (first === '{' ? '}' : ']')) return true; // empty: #endValues closes it
      if (first === '{' && !this.#takeName()) return false;
    }
  }

  /** Goes on behind a value: closes containers until a comma leads to the next value (true), or all are closed or something is wrong (false). */
  #endValues(): boolean {
    for (;;) {
      if (this.#open.length === 1) this.#record();
      const isObject = this.#open.at(-1) !== undefined;
      this.#skipSpace();
      const next = this.#text[this.#at];
      if (next !== ',' && next !== (isObject ? '}' : ']')) return this.#fail('expected a comma or a closing bracket');
      this.#at += 1;
      if (next === ',') {
        this.#skipSpace();
        return !isObject || this.#takeName();
      }
      this.#open.pop();
      if (this.#open.length === 0) return false;
    }
  }

  /** Adds the member whose value ends here. There is none when the outermost object is empty. */
  #record(): void {
    if (this.#rawName === '') return;
    const raw = this.#text.slice(this.#valueBegin, this.#at);
    this.#members.push({ name: this.#name, rawName: this.#rawName, kind: kindOf(raw), raw });
    this.#rawName = '';
  }

  #takeName(): boolean {
    const begin = this.#at;
    if (this.#text[begin] !== '"') return this.#fail('expected a name');
    if (!this.#takeString()) return false;
    const rawName = this.#text.slice(begin, this.#at);
    const name = unescapeString(rawName);
    const names = this.#open.at(-1);
    if (names?.has(name) === true) return this.#fail('a name twice', begin);
    names?.add(name);
    if (this.#open.length === 1) {
      this.#name = name;
      this.#rawName = rawName;
    }
    this.#skipSpace();
    if (this.#text[this.#at] !== ':') return this.#fail('expected a colon');
    this.#at += 1;
    this.#skipSpace();
    return true;
  }

  #takeScalar(first: string | undefined): boolean {
    if (first === '"') return this.#takeString();
    if (first === 't') return this.#takeWord('true');
    if (first === 'f') return this.#takeWord('false');
    if (first === 'n') return this.#takeWord('null');
    return this.#takeNumber();
  }

  #takeWord(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return this.#fail('expected a value');
    this.#at += word.length;
    return true;
  }

  #takeNumber(): boolean {
    NUMBER.lastIndex = this.#at;
    if (!NUMBER.test(this.#text)) return this.#fail('expected a value');
    this.#at = NUMBER.lastIndex;
    return true;
  }

  #takeString(): boolean {
    const text = this.#text;
    let at = this.#at + 1;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        const end = escapeEnd(this.#codeAt, at);
        if (end < 0) return this.#fail('wrong escape', at);
        at = end;
      } else if (code >= 0x20) at += 1;
      else return this.#fail(at < text.length ? 'control character in a string' : 'string without end', at);
    }
    this.#at = at + 1;
    return true;
  }
}

function kindOf(raw: string): ValueKind {
  switch (raw[0]) {
    case '"':
      return 'string';
    case '{':
      return 'object';
    case '[':
      return 'array';
    case 'n':
      return 'null';
    case 't':
    case 'f':
      return 'boolean';
    default:
      return 'number';
  }
}
