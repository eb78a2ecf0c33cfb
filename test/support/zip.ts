/** Zip archives for tests. */
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { fromBufferPromise } from 'yauzl';
import { ZipFile } from 'yazl';

/** One entry of an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array | string;
  /** False: stored as it is. */
  readonly compress?: boolean;
}

/** An archive of one entry. */
export async function zipOf(name: string, bytes: Uint8Array | string): Promise<Buffer> {
  return zipOfEntries([{ name, bytes }]);
}

/** An archive of several entries, in this order; names may repeat. */
export async function zipOfEntries(entries: readonly ZipEntry[]): Promise<Buffer> {
  const zip = new ZipFile();
  for (const { name, bytes, compress = true } of entries) {
    zip.addBuffer(Buffer.from(bytes), name, { compress, mtime: new Date(0) });
  }
  zip.end();
  return buffer(zip.outputStream);
}

/** The text of one entry, checked against its CRC-32. */
export async function unzip(archive: Buffer, name: string): Promise<string> {
  const zip = await fromBufferPromise(archive, { lazyEntries: true });
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName !== name) continue;
    const bytes = await buffer(await zip.openReadStreamPromise(entry));
    if (crc32(bytes) !== entry.crc32) throw new Error(`Cannot read ${name}: its CRC-32 is wrong`);
    return bytes.toString();
  }
  throw new Error(`Cannot read ${name}: the archive has no such entry`);
}
