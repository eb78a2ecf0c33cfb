/** Archives that must be rejected, each with its reason. `scripts/hostile-archives.ts` writes them into `test/adapters/archive/hostile/`. */
import { deflateRawSync } from 'node:zlib';
import { rawZip, type RawArchive, type RawEntry } from './raw-zip.ts';

/** Unpacked size of what the bombs hold. */
const BOMB_BYTES = 30 * 2 ** 20;
/** The entry that the reader looks for. */
const NAME = 'geo_events.jsonl';

/** Deflated zeros: small, and large when unpacked. */
export const BOMB = deflateRawSync(Buffer.alloc(BOMB_BYTES));

/** What is wrong, why it is rejected, the archive. */
export type HostileArchive = readonly [what: string, reason: string, archive: Buffer];

/** @param lines the content of entries that have one */
export function hostileArchives(lines: string): HostileArchive[] {
  return casesOf(lines).map(([what, reason, entries, archive]) => [what, reason, rawZip(entries, archive)]);
}

// One list, long as there is much that can be wrong.

function casesOf(lines: string): [string, string, readonly RawEntry[], RawArchive?][] {
  const entry = (changes: Partial<RawEntry> = {}): RawEntry => ({ name: NAME, content: lines, ...changes });
  const stored: Partial<RawEntry> = { method: 0 };
  return [
    ['a wrong CRC-32', 'crc-mismatch', [entry({ crc: 1 })]],
    ['a wrong CRC-32 on stored data', 'crc-mismatch', [entry({ ...stored, crc: 1 })]],
    ['a size that is declared too small', 'archive-broken', [entry({ sizeBytes: lines.length - 1 })]],
    ['a size that is declared too large', 'archive-broken', [entry({ sizeBytes: lines.length + 1 })]],
    ['a packed size that is declared too small', 'archive-broken', [entry({ packedBytes: 100 })]],
    [
      'a packed size that reaches into the directory',
      'archive-broken',
      [entry({ packedBytes: deflateRawSync(lines).length + 10 })],
    ],
    ['a packed size beyond the file', 'archive-broken', [entry({ packedBytes: 2 ** 31 })]],
    ['sizes of stored data that differ', 'archive-broken', [entry({ ...stored, sizeBytes: 5 })]],
    ['broken deflate data', 'archive-broken', [entry({ packed: Buffer.alloc(200, 0xff) })]],
    ['a bomb that says so', 'archive-oversized', [entry({ packed: BOMB, sizeBytes: BOMB_BYTES })]],
    ['a bomb that lies', 'archive-broken', [entry({ packed: BOMB, sizeBytes: 1_000 })]],
    ['an entry over the size cap', 'archive-oversized', [entry({ sizeBytes: 65 * 2 ** 20 })]],
    ['encryption', 'archive-encrypted', [entry({ flags: 1 })]],
    ['AES encryption', 'archive-encrypted', [entry({ flags: 1, method: 99 })]],
    ['strong encryption', 'archive-encrypted', [entry({ flags: 0x41 })]],
    ['bzip2', 'archive-unsupported', [entry({ method: 12 })]],
    ['deflate64', 'archive-unsupported', [entry({ method: 9 })]],
    ['zstd', 'archive-unsupported', [entry({ method: 93 })]],
    ['an unknown method', 'archive-unsupported', [entry({ method: 77 })]],
    ['a name that leads outside', 'entry-unsafe-name', [entry({ name: '../geo_events.jsonl' })]],
    ['an absolute name', 'entry-unsafe-name', [entry({ name: '/geo_events.jsonl' })]],
    ['a name with a drive', 'entry-unsafe-name', [entry({ name: 'C:/geo_events.jsonl' })]],
    ['a name with backslashes', 'entry-unsafe-name', [entry({ name: '..\\geo_events.jsonl' })]],
    ['a name with NUL', 'entry-unsafe-name', [entry({ name: 'geo_events.jsonl\0.txt', flags: 0x800 })]],
    ['an unsafe name beside the entry', 'entry-unsafe-name', [entry(), entry({ name: '../x' })]],
    ['another name', 'entry-missing', [entry({ name: 'device_events.jsonl' })]],
    ['another case of the name', 'entry-missing', [entry({ name: 'Geo_events.jsonl' })]],
    ['the entry in a folder', 'entry-missing', [entry({ name: 'x/geo_events.jsonl' })]],
    ['no entry', 'entry-missing', []],
    ['the entry twice', 'entry-ambiguous', [entry(), entry()]],
    ['another entry beside it', 'entry-ambiguous', [entry(), entry({ name: 'README' })]],
    ['a folder of macOS beside it', 'entry-ambiguous', [entry({ name: '__MACOSX/._geo_events.jsonl' }), entry()]],
    ['a directory beside it', 'entry-ambiguous', [entry({ name: 'x/', content: '', method: 0 }), entry()]],
    ['another name in the header of the entry', 'archive-broken', [entry({ localName: 'other' })]],
    ['another method in the header of the entry', 'archive-broken', [entry({ localMethod: 0 })]],
    ['leading bytes', 'archive-broken', [entry()], { before: Buffer.from('hello') }],
    ['trailing bytes', 'archive-broken', [entry()], { after: Buffer.from('hello') }],
    ['several disks', 'archive-broken', [entry()], { disk: 1 }],
    ['more entries than the cap, not there at all', 'archive-oversized', [entry()], { entryCount: 60_000 }],
    ['a million entries by zip64', 'archive-oversized', [entry()], { zip64EntryCount: 1_000_000 }],
    ['entries that are not there', 'archive-broken', [entry()], { entryCount: 2 }],
    ['a directory outside of the file', 'archive-broken', [entry()], { directoryOffset: 0x7fffffff }],
    ['a header outside of the file', 'archive-broken', [entry({ headerOffset: 0x7fffffff })]],
  ];
}
