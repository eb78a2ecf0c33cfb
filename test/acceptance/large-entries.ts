/** Objects that are large when unpacked, and hostile ones that would be. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { ZipFile } from 'yazl';
import type { TableName } from '../../domain/catalogue.ts';
import { entryName, type ObjectFormat } from '../../domain/feed-object.ts';
import type { Hour } from '../../domain/hour.ts';
import { rawZip } from '../adapters/archive/raw-zip.ts';
import { linesOf } from '../support/feed-lines.ts';

const BLOCK_LINES = 20_000;
/** Unpacked size of what is hostile: far more than the worker may hold. */
const HOSTILE_BYTES = 2 ** 30;
const PIECE_BYTES = 16 * 2 ** 20;

/** A zip whose entry repeats one block of lines up to about the size. */
export async function largeZip(
  table: TableName,
  hour: Hour,
  sizeBytes: number,
): Promise<{ readonly body: Buffer; readonly lines: number }> {
  const block = Buffer.from(`${linesOf(table, hour, BLOCK_LINES).join('\n')}\n`);
  const blocks = Math.ceil(sizeBytes / block.length);
  const zip = new ZipFile();
  zip.addReadStream(Readable.from(Array.from({ length: blocks }, () => block)), entryName(table), {
    compressionLevel: 1,
    forceZip64Format: sizeBytes >= 2 ** 32,
  });
  zip.end();
  return { body: await buffer(zip.outputStream), lines: blocks * BLOCK_LINES };
}

/** An object that must be rejected without being unpacked whole. */
export interface HostileObject {
  readonly what: string;
  readonly reason: string;
  readonly format: ObjectFormat;
  readonly body: Buffer;
}

/** Bombs that say so, that lie and that cannot say, and a line that does not end. */
export function hostileObjects(table: TableName): HostileObject[] {
  const zip = (packed: Buffer, sizeBytes: number): Buffer => rawZip([{ name: entryName(table), packed, sizeBytes }]);
  const zeros = repeatedDeflate(Buffer.alloc(PIECE_BYTES));
  // As noise as the window of deflate is long: packed to a fortieth, so that the cap of the ratio says nothing.
  const noise = Buffer.alloc(
    PIECE_BYTES,
    Array.from({ length: 6_000 }, (_, i) => ((i * 7919) % 9973).toString(36)).join(''),
  );
  const member = gzipSync(Buffer.alloc(PIECE_BYTES));
  return [
    { what: 'a bomb that says so', reason: 'archive-oversized', format: 'zip', body: zip(zeros, HOSTILE_BYTES) },
    { what: 'a bomb that lies', reason: 'archive-broken', format: 'zip', body: zip(zeros, 1_000) },
    {
      what: 'a bomb of gzip, whose zeros are one line',
      reason: 'line-oversized',
      format: 'gz',
      body: Buffer.concat(Array<Buffer>(HOSTILE_BYTES / PIECE_BYTES).fill(member)),
    },
    {
      what: 'a line of 1 GiB',
      reason: 'line-oversized',
      format: 'zip',
      body: zip(repeatedDeflate(noise), HOSTILE_BYTES),
    },
  ];
}

/** The piece again and again, packed once: behind a full flush a piece can follow that knows nothing of the one before. */
function repeatedDeflate(piece: Buffer): Buffer {
  const packed = deflateRawSync(piece, { finishFlush: constants.Z_FULL_FLUSH });
  const end = deflateRawSync('');
  return Buffer.concat([...Array<Buffer>(HOSTILE_BYTES / PIECE_BYTES).fill(packed), end]);
}
