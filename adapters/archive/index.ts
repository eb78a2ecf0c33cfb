/** Unpacks the feed's objects: zip over yauzl's directory, gzip over zlib, zstd over fzstd, or plain lines. Nothing is ever written to disk. */
import { createGunzip, createInflateRaw } from 'node:zlib';
import type { ArchiveCaps, ArchiveReader, ByteSource, Entry } from '../../activities/ports.ts';
import type { ObjectFormat } from '../../domain/feed-object.ts';
import { checkDeclaredSize } from './caps.ts';
import { checkedEntry } from './entry.ts';
import { ENGINE_CHUNK_BYTES, inflate, inflateSmall, type PackedBytes } from './inflate.ts';
import { holdWhenSmall, refuseMarkup } from './sources.ts';
import { findZipEntry } from './zip-directory.ts';
import { unzstd } from './zstd.ts';

/** Builds the reader of archives under these caps. */
export function createArchiveReader(caps: ArchiveCaps): ArchiveReader {
  return {
    open: async (source, format, entryName, signal) => {
      const held = await holdWhenSmall(source, signal);
      await refuseMarkup(held, signal);
      return format === 'zip' ? openZip(held, entryName, caps, signal) : openStream(held, format, caps);
    },
  };
}

async function openZip(source: ByteSource, entryName: string, caps: ArchiveCaps, signal: AbortSignal): Promise<Entry> {
  const place = await findZipEntry(source, entryName, caps, signal);
  const packed: PackedBytes = {
    key: source.key,
    packedBytes: place.packedBytes,
    read: (readSignal) => source.read(place.dataBegin, place.dataBegin + place.packedBytes, readSignal),
  };
  return checkedEntry({
    key: source.key,
    caps,
    packedBytes: place.packedBytes,
    declared: { crc32: place.crc32, sizeBytes: place.sizeBytes },
    unpack: (readSignal) =>
      place.isDeflated ? inflateRaw(packed, place.sizeBytes, readSignal) : packed.read(readSignal),
  });
}

async function* inflateRaw(
  packed: PackedBytes,
  sizeBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const whole = await inflateSmall(packed, sizeBytes, signal);
  // What does not unpack as declared is judged by the stream, which says what is wrong.
  if (whole === undefined) yield* inflate(packed, createInflateRaw({ chunkSize: ENGINE_CHUNK_BYTES }), signal);
  else if (whole.length > 0) yield whole;
}

function openStream(source: ByteSource, format: Exclude<ObjectFormat, 'zip'>, caps: ArchiveCaps): Entry {
  const { key, sizeBytes: packedBytes } = source;
  const packed: PackedBytes = { key, packedBytes, read: (signal) => source.read(0, packedBytes, signal) };
  if (format === 'jsonl') checkDeclaredSize(caps, key, packedBytes, packedBytes);
  const unpack = {
    jsonl: (signal: AbortSignal) => packed.read(signal),
    gz: (signal: AbortSignal) => inflate(packed, createGunzip({ chunkSize: ENGINE_CHUNK_BYTES }), signal),
    zst: (signal: AbortSignal) => unzstd(packed, signal),
  }[format];
  return checkedEntry({ key, caps, packedBytes, unpack });
}
