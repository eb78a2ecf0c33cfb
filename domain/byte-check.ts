/** Checks bytes for what ClickHouse's JSON parser lets pass: control characters, wrong escapes, invalid UTF-8. */
import { GROUP_BYTES, lookThrough } from './byte-scan.ts';
import { escapeEnd } from './json-escapes.ts';
import { CR, LF } from './lines.ts';

const BACKSLASH = 0x5c;
/** Made once: making one costs more than decoding a line. It keeps no state between calls without `stream`. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Checks a block of whole lines: no control character but line ends, every backslash begins a strict escape, UTF-8.
 * @returns what is wrong, or undefined
 */
export function findDoubt(block: Buffer): string | undefined {
  let checkedTo = 0;
  const seen = lookThrough(block, (begin) => {
    checkedTo = checkEach(block, begin, Math.min(begin + GROUP_BYTES, block.length), checkedTo);
    return checkedTo >= 0;
  });
  if (seen === 'stopped') return 'a control character or a wrong escape';
  return seen === 'ascii' || isUtf8(block) ? undefined : 'bytes that are not UTF-8';
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
