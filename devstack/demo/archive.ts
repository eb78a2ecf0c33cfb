/** Packs lines as the publisher of the feed does. */
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import type { TableName } from '../../domain/catalogue.ts';
import { entryName } from '../../domain/feed-object.ts';

/** The zip archive of a table's lines: one entry, every line ending with a newline. */
export async function packLines(table: TableName, lines: readonly string[]): Promise<Buffer> {
  return packText(table, Buffer.from(lines.length === 0 ? '' : `${lines.join('\n')}\n`));
}

/**
 * The zip archive of a table's lines as bytes.
 * @param compressionLevel of zlib; 1 takes a third of the time of the usual 6 and a tenth more room
 */
export async function packText(table: TableName, text: Buffer, compressionLevel = 6): Promise<Buffer> {
  const zip = new ZipFile();
  // Fixed, and written as local time without a zone: the same lines give the same bytes in every time zone.
  const mtime = new Date(2024, 0, 1, 12);
  zip.addBuffer(text, entryName(table), { mtime, forceDosTimestamp: true, compressionLevel });
  zip.end();
  return buffer(zip.outputStream);
}
