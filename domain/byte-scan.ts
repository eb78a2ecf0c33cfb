/** What is done to every byte of a line, 16 at a time, by WebAssembly: JavaScript looks at four, in three times the time, and copies line by line. */
import { BYTE_SCAN_MODULE } from './byte-scan-module.ts';

/** Bytes of a group. */
export const GROUP_BYTES = 16;
/** Bytes that are looked through or framed at a time: they fit in the module's memory with a group behind them. */
const PART_BYTES = 256 * 2 ** 10;
/** Where the module has the mark of a line; where it frames lines, and how many bytes of them. */
const MARK_AT = 260 * 2 ** 10;
const FRAMED_AT = 320 * 2 ** 10;
const FRAMED_BYTES = 256 * 2 ** 10;
const SPACE = 0x20;

/** Node has it; the types of the language do not, and those of the browser would bring everything else. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer };
      /** Not 0 once a byte beyond ASCII was seen. */
      readonly high: { value: number };
      readonly scan: (begin: number, end: number) => number;
      /** Of the last call of `frame`. */
      readonly framed: { readonly value: number };
      readonly lines: { readonly value: number };
      readonly frame: (begin: number, end: number, room: number, mark: number, limit: number) => number;
    };
  };
};

const { memory, high, scan, framed, lines, frame } = new WebAssembly.Instance(
  new WebAssembly.Module(Buffer.from(BYTE_SCAN_MODULE, 'base64')),
).exports;
const room = new Uint8Array(memory.buffer);

/**
 * Calls `look` with the place of every group of 16 bytes that holds a control character other than a line feed, or a backslash.
 * @param look is given where the group begins in the block; the last one may end with the block. False ends the looking.
 * @returns 'stopped' when a call gave false, else whether all bytes are ASCII
 */
export function lookThrough(block: Uint8Array, look: (begin: number) => boolean): 'stopped' | 'ascii' | 'not ascii' {
  high.value = 0;
  for (let part = 0; part < block.length; part += PART_BYTES) {
    const sizeBytes = takePart(block, part);
    for (let at = scan(0, sizeBytes); at < sizeBytes; at = scan(at + GROUP_BYTES, sizeBytes)) {
      if (!look(part + at)) return 'stopped';
    }
  }
  return high.value === 0 ? 'ascii' : 'not ascii';
}

/**
 * Takes a part of a block, for {@link frameTaken}; it stays until the next call of this or of {@link lookThrough}.
 * @returns its size in bytes
 */
export function takePart(block: Uint8Array, begin: number): number {
  const bytes = block.subarray(begin, begin + PART_BYTES);
  room.set(bytes);
  // What was there before must not be taken for the end of the last group.
  room.fill(SPACE, bytes.length, bytes.length + GROUP_BYTES);
  return bytes.length;
}

/**
 * Frames lines of the part taken last, of `sizeBytes`, from `begin` on: those that begin with `{"` and end with `}` and a line feed, which
 * are all but the odd one. Of each the mark and what is behind the brace goes to the output, without a carriage return.
 * @param mark of the first line, up to 32 bytes that end with a digit and a comma; it is counted on, a line at a time
 * @param limitBytes of a line, without its end
 * @returns how far it came, up to a line that is none of those, too long, not whole or without room in the output; the bytes and
 *   lines that went to the output
 */
export function frameTaken(
  begin: number,
  sizeBytes: number,
  mark: Uint8Array,
  output: Uint8Array,
  limitBytes: number,
): { readonly end: number; readonly framedBytes: number; readonly lines: number } {
  room.set(mark, MARK_AT);
  const end = frame(begin, sizeBytes, Math.min(output.length, FRAMED_BYTES), mark.length, limitBytes);
  if (end === begin) return { end, framedBytes: 0, lines: 0 };
  const framedBytes = framed.value;
  output.set(room.subarray(FRAMED_AT, FRAMED_AT + framedBytes));
  mark.set(room.subarray(MARK_AT, MARK_AT + mark.length));
  return { end, framedBytes, lines: lines.value };
}
