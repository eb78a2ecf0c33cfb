/** Zip archives for tests. */
import { buffer } from 'node:stream/consumers';
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
