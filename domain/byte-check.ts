/** Checks bytes for what ClickHouse's JSON parser lets pass: control characters, wrong escapes, invalid UTF-8. */
import { escapeEnd } from './json-escapes.ts';
import { CR, LF } from './lines.ts';

const BACKSLASH = 0x5c;
const NO_WORDS = new Int32Array(0);
/** Made once: making one costs more than decoding a line. It keeps no state between calls without `stream`. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Checks a block of whole lines: no control character but line ends, every backslash begins a strict escape, UTF-8.
 * Looks at four bytes at a time: some byte of v is below 0x20 when (v - 0x20202020) & ~v & 0x80808080 is not zero,
 * some byte of w is zero when (w - 0x01010101) & ~w & 0x80808080 is not zero (Anderson, Bit Twiddling Hacks).
 * @returns what is wrong, or undefined
 */
export function findDoubt(block: Buffer): string | undefined {
  const head = Math.min((4 - (block.byteOffset & 3)) & 3, block.length);
  const wordCount = (block.length - head) >> 2;
  const words = wordCount === 0 ? NO_WORDS : new Int32Array(block.buffer, block.byteOffset + head, wordCount);
  const tail = head + wordCount * 4;
  let checkedTo = checkEach(block, 0, head, 0);
  let union = unionOf(block, 0, head) | unionOf(block, tail, block.length);
  for (let i = 0; i < wordCount && checkedTo >= 0; i += 1) {
    const word = words[i] as number;
    const zeroAtBackslash = word ^ 0x5c5c5c5c;
    union |= word;
    const found = ((word - 0x20202020) & ~word) | ((zeroAtBackslash - 0x01010101) & ~zeroAtBackslash);
    if ((found & 0x80808080) !== 0) checkedTo = checkEach(block, head + i * 4, head + i * 4 + 4, checkedTo);
  }
  if (checkedTo >= 0) checkedTo = checkEach(block, tail, block.length, checkedTo);
  if (checkedTo < 0) return 'a control character or a wrong escape';
  return (union & 0x80808080) === 0 || isUtf8(block) ? undefined : 'bytes that are not UTF-8';
}

/**
 * Checks the bytes [begin, end) one by one, leaving out those before `checkedTo` (the rest of an escape).
 * @returns up to where the block is checked when an escape reaches further, -1 when something is wrong
 */
function checkEach(block: Buffer, begin: number, end: number, checkedTo: number): number {
  let reached = checkedTo;
  for (let i = Math.max(begin, checkedTo); i < end; i = Math.max(i + 1, reached)) {
    const byte = block[i] as number;
    if (byte === BACKSLASH) {
      reached = escapeEnd((index) => block[index], i);
      if (reached < 0) return -1;
    } else if (byte < 0x20 && byte !== LF && !(byte === CR && isLineEnd(block, i + 1))) return -1;
  }
  return reached;
}

function isLineEnd(block: Buffer, at: number): boolean {
  return at === block.length || block[at] === LF;
}

function unionOf(block: Buffer, begin: number, end: number): number {
  let union = 0;
  for (let i = begin; i < end; i += 1) union |= block[i] as number;
  return union;
}

/** Whether the bytes are valid UTF-8. */
export function isUtf8(bytes: Buffer): boolean {
  return decodeUtf8(bytes) !== undefined;
}

/** Decodes UTF-8, a byte order mark included; undefined when the bytes are not valid. */
export function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
