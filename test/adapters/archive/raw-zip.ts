/** Zip archives byte by byte, so that every field can lie. */
import { crc32, deflateRawSync } from 'node:zlib';

/** One entry; what is not given is as it should be. */
export interface RawEntry {
  readonly name: string | Buffer;
  readonly content?: Buffer | string;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly sizeBytes?: number;
  readonly packedBytes?: number;
  /** Bytes in place of the deflated or stored content. */
  readonly packed?: Buffer;
  readonly localName?: string;
  readonly localMethod?: number;
  readonly headerOffset?: number;
  readonly extra?: Buffer;
}

/** What lies around the entries. */
export interface RawArchive {
  readonly before?: Buffer;
  readonly after?: Buffer;
  readonly comment?: Buffer;
  readonly disk?: number;
  readonly entryCount?: number;
  readonly directoryOffset?: number;
  /** Ends with the zip64 records, which say this many entries. */
  readonly zip64EntryCount?: number;
}

/** Builds the archive. */
export function rawZip(entries: readonly RawEntry[], archive: RawArchive = {}): Buffer {
  const { before = Buffer.alloc(0), after = Buffer.alloc(0) } = archive;
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const local = localPart(entry);
    directory.push(directoryPart(entry, offset));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([before, ...locals, central, endPart(entries.length, offset, central.length, archive), after]);
}

function parts(entry: RawEntry): {
  packed: Buffer;
  crc: number;
  sizeBytes: number;
  packedBytes: number;
  method: number;
} {
  const content = Buffer.from(entry.content ?? '');
  const method = entry.method ?? 8;
  const packed = entry.packed ?? (method === 8 ? deflateRawSync(content) : content);
  return {
    packed,
    method,
    crc: entry.crc ?? crc32(content),
    sizeBytes: entry.sizeBytes ?? content.length,
    packedBytes: entry.packedBytes ?? packed.length,
  };
}

function localPart(entry: RawEntry): Buffer {
  const { packed, crc, sizeBytes, packedBytes, method } = parts(entry);
  const name = Buffer.from(entry.localName ?? entry.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(entry.flags ?? 0, 6);
  header.writeUInt16LE(entry.localMethod ?? method, 8);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(packedBytes, 18);
  header.writeUInt32LE(sizeBytes, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name, packed]);
}

function directoryPart(entry: RawEntry, offset: number): Buffer {
  const { crc, sizeBytes, packedBytes, method } = parts(entry);
  const name = Buffer.from(entry.name);
  const extra = entry.extra ?? Buffer.alloc(0);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(entry.flags ?? 0, 8);
  header.writeUInt16LE(method, 10);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(packedBytes, 20);
  header.writeUInt32LE(sizeBytes, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(entry.headerOffset ?? offset, 42);
  return Buffer.concat([header, name, extra]);
}

function endPart(count: number, offset: number, sizeBytes: number, archive: RawArchive): Buffer {
  const comment = archive.comment ?? Buffer.alloc(0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(archive.disk ?? 0, 4);
  end.writeUInt16LE(archive.entryCount ?? count, 8);
  end.writeUInt16LE(archive.entryCount ?? count, 10);
  end.writeUInt32LE(sizeBytes, 12);
  end.writeUInt32LE(archive.directoryOffset ?? offset, 16);
  end.writeUInt16LE(comment.length, 20);
  const zip64 = archive.zip64EntryCount === undefined ? [] : zip64Part(archive.zip64EntryCount, offset, sizeBytes);
  return Buffer.concat([...zip64, end, comment]);
}

function zip64Part(count: number, offset: number, sizeBytes: number): Buffer[] {
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(sizeBytes), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + sizeBytes), 8);
  locator.writeUInt32LE(1, 16);
  return [record, locator];
}
