/**
 * The frames of a zstd stream (RFC 8878). fzstd unpacks blocks but checks neither the content's checksum nor its size,
 * and allocates whatever window a frame asks for; so frames are taken apart here, and fzstd is given one block at a time.
 */
import type { RejectionReason } from '../../domain/errors.ts';

/** What the header of a frame says. */
export interface FrameHeader {
  /** The header's own bytes, magic number included. */
  readonly bytes: Buffer;
  readonly windowBytes: number;
  /** Undefined: the frame does not say. */
  readonly contentBytes: number | undefined;
  readonly hasChecksum: boolean;
}

/** The header of a block. */
export interface BlockHeader {
  readonly isLast: boolean;
  /** Bytes that follow the header. */
  readonly packedBytes: number;
}

/** Raised by the readers below; the caller puts the object's key to it. */
export class FrameFault extends Error {
  readonly reason: RejectionReason;
  constructor(reason: RejectionReason, found: string) {
    super(found);
    this.reason = reason;
  }
}

/** Exactly so many bytes of the input, or a fault when it ends before. */
export type TakeBytes = (count: number) => Promise<Buffer>;

const FRAME_MAGIC = 0xfd2fb528;
/** 0x184D2A50 to 0x184D2A5F: a frame of user data, to be skipped. */
const SKIPPABLE_MAGIC = 0x184d2a5;
/** Largest window that is taken: what RFC 8878 asks every decoder to support; `zstd --long` goes beyond. */
const WINDOW_LIMIT_BYTES = 8 * 2 ** 20;
const BLOCK_LIMIT_BYTES = 128 * 2 ** 10;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

/**
 * Reads the header of the next frame that holds data.
 * @param atEnd whether the input has ended; asked between frames
 * @returns undefined at the end of the input
 */
export async function takeFrameHeader(
  take: TakeBytes,
  atEnd: () => Promise<boolean>,
): Promise<FrameHeader | undefined> {
  while (!(await atEnd())) {
    const magicBytes = await take(4);
    const magic = magicBytes.readUInt32LE();
    if (magic === FRAME_MAGIC) return takeDescription(take, magicBytes);
    if (magic >>> 4 !== SKIPPABLE_MAGIC) throw new FrameFault('archive-broken', 'found bytes that begin no zstd frame');
    for (let left = (await take(4)).readUInt32LE(); left > 0;) {
      left -= (await take(Math.min(left, BLOCK_LIMIT_BYTES))).length;
    }
  }
  return undefined;
}

async function takeDescription(take: TakeBytes, magic: Buffer): Promise<FrameHeader> {
  const descriptor = await take(1);
  const flags = descriptor.readUInt8();
  const isSingleSegment = (flags & 0x20) !== 0;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >>> 6] ?? 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0;
  if ((flags & 0x08) !== 0) throw new FrameFault('archive-unsupported', 'found a reserved bit of the zstd frame set');
  const window = await take(isSingleSegment ? 0 : 1);
  const dictionary = await take(dictionaryBytes);
  if (dictionary.some((byte) => byte !== 0)) {
    throw new FrameFault('archive-unsupported', 'found a zstd frame that needs a dictionary');
  }
  const size = await take(sizeBytes);
  const contentBytes = sizeBytes === 0 ? undefined : readSize(size);
  const windowBytes = isSingleSegment ? (contentBytes ?? 0) : readWindow(window.readUInt8());
  if (windowBytes > WINDOW_LIMIT_BYTES) {
    const found = `found a zstd window of ${windowBytes} bytes, expected at most ${WINDOW_LIMIT_BYTES}`;
    throw new FrameFault('archive-unsupported', found);
  }
  const bytes = Buffer.concat([magic, descriptor, window, dictionary, size]);
  return { bytes, windowBytes, contentBytes, hasChecksum: (flags & 0x04) !== 0 };
}

function readSize(field: Buffer): number {
  if (field.length === 8) return Number(field.readBigUInt64LE());
  const value = field.readUIntLE(0, field.length);
  return field.length === 2 ? value + 256 : value;
}

function readWindow(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** Reads what a block header says. */
export function readBlockHeader(bytes: Buffer): BlockHeader {
  const header = bytes.readUIntLE(0, 3);
  const type = (header >>> 1) & 3;
  const sizeBytes = header >>> 3;
  if (type === RESERVED_BLOCK || sizeBytes > BLOCK_LIMIT_BYTES) {
    throw new FrameFault('archive-broken', 'found a zstd block that is not allowed');
  }
  return { isLast: (header & 1) !== 0, packedBytes: type === RLE_BLOCK ? 1 : sizeBytes };
}
