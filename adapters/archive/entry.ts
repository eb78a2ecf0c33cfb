/** The entry as its reader sees it: checked while it streams, its facts known at the end. */
import { crc32 } from 'node:zlib';
import type { ArchiveCaps, Entry, EntryFacts } from '../../activities/ports.ts';
import { checkActualSize } from './caps.ts';
import { rejected } from './rejection.ts';

/** What an entry is made of. */
export interface EntryParts {
  readonly key: string;
  readonly caps: ArchiveCaps;
  readonly packedBytes: number;
  /** What the archive says the entry is; plain and stream-compressed objects say nothing. */
  readonly declared?: EntryFacts;
  unpack(signal: AbortSignal): AsyncIterable<Buffer>;
}

/** Wraps unpacked bytes: caps while they come, CRC-32 and size at the end. */
export function checkedEntry(parts: EntryParts): Entry {
  let facts: EntryFacts | undefined;
  return {
    async *read(signal) {
      let checksum = 0;
      let sizeBytes = 0;
      for await (const chunk of parts.unpack(signal)) {
        signal.throwIfAborted();
        sizeBytes += chunk.length;
        checkSoFar(parts, sizeBytes);
        checksum = crc32(chunk, checksum);
        yield chunk;
      }
      const found = { crc32: checksum, sizeBytes };
      checkEnd(parts, found);
      facts = found;
    },
    facts: () => {
      if (facts === undefined) throw new TypeError(`Cannot tell the facts of ${parts.key}: its end was not reached`);
      return facts;
    },
  };
}

function checkSoFar({ declared, caps, key, packedBytes }: EntryParts, sizeBytes: number): void {
  if (declared !== undefined && sizeBytes > declared.sizeBytes) {
    throw rejected('archive-broken', key, `it declares ${declared.sizeBytes} bytes and unpacks to more`);
  }
  checkActualSize(caps, key, sizeBytes, packedBytes);
}

function checkEnd({ declared, key }: EntryParts, found: EntryFacts): void {
  if (declared === undefined) return;
  if (found.sizeBytes !== declared.sizeBytes) {
    throw rejected('archive-broken', key, `it declares ${declared.sizeBytes} bytes and unpacks to ${found.sizeBytes}`);
  }
  if (found.crc32 !== declared.crc32) {
    throw rejected('crc-mismatch', key, `expected CRC-32 ${hex(declared.crc32)}, found ${hex(found.crc32)}`);
  }
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}
