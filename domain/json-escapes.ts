/** The escapes of JSON strings (RFC 8259, section 7), strictly: shared by the fast and the exact path so that both say the same. */

const BACKSLASH = 0x5c;
const U = 0x75;
/** What may stand behind a backslash, but for `u`: " \ / b f n r t. */
const SIMPLE = new Set([0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74]);

/** The byte or UTF-16 unit at an index; NaN or undefined behind the end. */
export type CodeAt = (index: number) => number | undefined;

/**
 * Where the escape that begins with the backslash at `at` ends; a surrogate pair counts as one escape.
 * @returns -1 when it is none: unknown letter, missing hex digits, lone surrogate
 */
export function escapeEnd(codeAt: CodeAt, at: number): number {
  const letter = codeAt(at + 1);
  if (letter !== U) return letter !== undefined && SIMPLE.has(letter) ? at + 2 : -1;
  const unit = hexUnit(codeAt, at + 2);
  if (unit < 0 || isLowSurrogate(unit)) return -1;
  if (!isHighSurrogate(unit)) return at + 6;
  const isPair = codeAt(at + 6) === BACKSLASH && codeAt(at + 7) === U && isLowSurrogate(hexUnit(codeAt, at + 8));
  return isPair ? at + 12 : -1;
}

function hexUnit(codeAt: CodeAt, at: number): number {
  let unit = 0;
  for (let i = at; i < at + 4; i += 1) {
    const digit = hexDigit(codeAt(i) ?? 0);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
