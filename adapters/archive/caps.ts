/** The caps against bombs: checked on what an archive declares, and on what really comes out of it. */
import type { ArchiveCaps } from '../../activities/ports.ts';
import { rejected } from './rejection.ts';

/** Below this the ratio says nothing: a small file may well be one repeated line. */
const RATIO_FROM_BYTES = 2 ** 20;

/** @throws {ObjectRejectedError} 'archive-oversized' */
export function checkDeclaredSize(caps: ArchiveCaps, key: string, sizeBytes: number, packedBytes: number): void {
  checkSize(caps, key, sizeBytes, packedBytes, 'it declares');
}

/** @throws {ObjectRejectedError} 'archive-oversized' as soon as more has come out than may */
export function checkActualSize(caps: ArchiveCaps, key: string, sizeBytes: number, packedBytes: number): void {
  checkSize(caps, key, sizeBytes, packedBytes, 'it unpacks to at least');
}

function checkSize(caps: ArchiveCaps, key: string, sizeBytes: number, packedBytes: number, verb: string): void {
  if (sizeBytes > caps.entrySizeBytes) {
    throw rejected('archive-oversized', key, `${verb} ${sizeBytes} bytes, expected at most ${caps.entrySizeBytes}`);
  }
  if (sizeBytes > RATIO_FROM_BYTES && sizeBytes > packedBytes * caps.ratio) {
    const found = `${verb} ${sizeBytes} bytes out of ${packedBytes}`;
    throw rejected('archive-oversized', key, `${found}, expected a ratio of at most ${caps.ratio}`);
  }
}
