/** A zstd stream for tests, made without a compressor: Node has one only since 22.15. */

const MAGIC = 0xfd2fb528;
/** One segment, a content size of four bytes, no checksum. */
const DESCRIPTOR = 0xa0;
const BLOCK_BYTES = 128 * 2 ** 10;

/** One frame (RFC 8878) whose blocks hold the bytes as they are. */
export function zstdOf(bytes: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt8(DESCRIPTOR, 4);
  head.writeUInt32LE(bytes.length, 5);
  const pieces: Buffer[] = [head];
  for (let begin = 0; begin < bytes.length; begin += BLOCK_BYTES) {
    const block = bytes.subarray(begin, begin + BLOCK_BYTES);
    const isLast = begin + BLOCK_BYTES >= bytes.length;
    const blockHead = Buffer.alloc(3);
    blockHead.writeUIntLE(block.length * 8 + Number(isLast), 0, 3); // 8: above the type, 0 for raw, and the mark of the last
    pieces.push(blockHead, block);
  }
  return Buffer.concat(pieces);
}
