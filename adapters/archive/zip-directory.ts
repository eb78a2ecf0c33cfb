/** Finds the one entry of a zip archive by its central directory, strictly. */
import {
  fromRandomAccessReaderPromise,
  getFileNameLowLevel,
  validateFileName,
  type Entry as ZipEntry,
  type LocalFileHeader,
  type ZipFile,
} from 'yauzl';
import type { ArchiveCaps, ByteSource } from '../../activities/ports.ts';
import { ObjectRejectedError } from '../../domain/errors.ts';
import { checkDeclaredSize } from './caps.ts';
import { RangeReader } from './range-reader.ts';
import { libraryText, quotedName, rejected } from './rejection.ts';

/** Where the entry's data lies and what the central directory says of it. */
export interface ZipEntryPlace {
  readonly dataBegin: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly crc32: number;
  readonly isDeflated: boolean;
}

const STORED = 0;
const DEFLATED = 8;
/** Names for messages (APPNOTE 4.4.5). */
const METHOD_NAMES: Readonly<Record<number, string>> = {
  1: 'shrink',
  6: 'implode',
  9: 'deflate64',
  12: 'bzip2',
  14: 'lzma',
  93: 'zstd',
  95: 'xz',
  98: 'ppmd',
};
/** How yauzl refuses flag bit 6; it has no other sign for it. A test holds this text against the library. */
const STRONG_ENCRYPTION = 'strong encryption is not supported';

/**
 * Reads the central directory and the entry's own header.
 * Leading or trailing bytes around the archive are refused, as yauzl does: offsets and the comment's length must agree.
 * @throws {ObjectRejectedError} when the archive is not one with exactly the wanted entry; errors of the source pass
 */
export async function findZipEntry(
  source: ByteSource,
  wantedName: string,
  caps: ArchiveCaps,
  signal: AbortSignal,
): Promise<ZipEntryPlace> {
  const reader = new RangeReader(source, signal);
  try {
    const zip = await fromRandomAccessReaderPromise(reader, source.sizeBytes, {
      decodeStrings: false,
      autoClose: false,
    });
    const entry = await chooseEntry(zip, source.key, wantedName, caps);
    const header = await zip.readLocalFileHeaderPromise(entry);
    checkHeader(header, entry, source.key);
    zip.close();
    return placeOf(entry, header);
  } catch (error) {
    if (reader.failure !== undefined) throw reader.failure.error;
    if (error instanceof ObjectRejectedError) throw error;
    const text = libraryText(error);
    if (text === STRONG_ENCRYPTION) throw rejected('archive-encrypted', source.key, 'found an encrypted entry');
    throw rejected('archive-broken', source.key, `it is not a whole zip archive, ${text}`);
  }
}

async function chooseEntry(zip: ZipFile, key: string, wantedName: string, caps: ArchiveCaps): Promise<ZipEntry> {
  if (zip.entryCount > caps.entries) {
    throw rejected('archive-oversized', key, `found ${zip.entryCount} entries, expected at most ${caps.entries}`);
  }
  const wanted: ZipEntry[] = [];
  const others: string[] = [];
  for await (const entry of zip.eachEntry()) {
    const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
    if (validateFileName(name) !== null || /\p{Cc}/u.test(name)) {
      throw rejected('entry-unsafe-name', key, `found an entry named ${quotedName(name)}`);
    }
    if (name === wantedName) wanted.push(entry);
    else others.push(name);
  }
  const [entry] = wanted;
  if (entry === undefined) {
    const found = others[0] === undefined ? 'found no entry' : `found ${quotedName(others[0])}`;
    throw rejected('entry-missing', key, `${found}, expected ${quotedName(wantedName)}`);
  }
  if (wanted.length + others.length > 1) {
    const found = others[0] === undefined ? 'it twice' : `${quotedName(others[0])} beside it`;
    throw rejected('entry-ambiguous', key, `expected ${quotedName(wantedName)} alone, found ${found}`);
  }
  checkEntry(entry, key, caps);
  return entry;
}

function checkEntry(entry: ZipEntry, key: string, caps: ArchiveCaps): void {
  const { compressionMethod, compressedSize, uncompressedSize } = entry;
  if (entry.isEncrypted()) throw rejected('archive-encrypted', key, 'found an encrypted entry');
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    const method = METHOD_NAMES[compressionMethod] ?? `number ${compressionMethod}`;
    throw rejected('archive-unsupported', key, `found compression method ${method}, expected deflate or stored`);
  }
  checkDeclaredSize(caps, key, uncompressedSize, compressedSize);
}

/** The entry's own header must speak of the same entry, else two readers would see two different files. */
function checkHeader(header: LocalFileHeader, entry: ZipEntry, key: string): void {
  const sameName = header.fileName.equals(entry.fileNameRaw);
  if (!sameName || header.compressionMethod !== entry.compressionMethod) {
    throw rejected('archive-broken', key, 'its directory and the header of its entry disagree');
  }
}

function placeOf(entry: ZipEntry, header: LocalFileHeader): ZipEntryPlace {
  return {
    dataBegin: header.fileDataStart,
    packedBytes: entry.compressedSize,
    sizeBytes: entry.uncompressedSize,
    crc32: entry.crc32,
    isDeflated: entry.compressionMethod === DEFLATED,
  };
}
