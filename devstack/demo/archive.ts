/** Packs lines as the publisher of the feed does. */
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import type { TableName } from '../../domain/catalogue.ts';
import { entryName } from '../../domain/feed-object.ts';

/** The zip archive of a table's lines: one entry, every line ending with a newline. */
export async function packLines(table: TableName, lines: readonly string[]): Promise<Buffer> {
  const zip = new ZipFile();
  const text = lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  // Fixed, and written as local time without a zone: the same lines give the same bytes in every time zone.
  const mtime = new Date(2024, 0, 1, 12);
  zip.addBuffer(Buffer.from(text), entryName(table), { mtime, forceDosTimestamp: true });
  zip.end();
  return buffer(zip.outputStream);
}
