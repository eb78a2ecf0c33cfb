import { crc32, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ArchiveCaps } from '../../../activities/ports.ts';
import { createArchiveReader } from '../../../adapters/archive/index.ts';
import { ObjectRejectedError, UnavailableError } from '../../../domain/errors.ts';
import { collect } from '../../support/bytes.ts';
import { memorySource, type Behaviour } from './memory-source.ts';
import { CHECKED, fixtureLines, LONG, UNCHECKED, WIDE_WINDOW } from './zstd-fixtures.ts';

const CAPS: ArchiveCaps = { entrySizeBytes: 64 * 2 ** 20, ratio: 2_000, entries: 100 };
const NEVER = new AbortController().signal;
const SMALL = fixtureLines(60, 60);

type StreamFormat = 'gz' | 'zst';

async function unpack(object: Buffer, format: StreamFormat, caps = CAPS, behaviour: Behaviour = {}): Promise<string> {
  const source = memorySource(object, behaviour);
  const entry = await createArchiveReader(caps).open(source, format, 'geo_events.jsonl', NEVER);
  const bytes = await collect(entry.read(NEVER));
  expect(entry.facts()).toEqual({ crc32: crc32(bytes), sizeBytes: bytes.length });
  expect(source.open).toBe(0);
  return bytes.toString();
}

async function reasonFor(object: Buffer, format: StreamFormat, caps = CAPS): Promise<string> {
  const error: unknown = await unpack(object, format, caps).catch((e: unknown) => e);
  if (!(error instanceof ObjectRejectedError)) throw new Error('Expected a rejection', { cause: error });
  expect(error.message).toMatch(/^Cannot unpack "feed\/object": .*[^.]$/);
  return error.reason;
}

/** A zstd frame of one raw block, as the specification has it. */
function rawFrame(content: string, descriptor = 0x20, head = Buffer.from([content.length])): Buffer {
  const block = Buffer.alloc(3);
  block.writeUIntLE((content.length << 3) | 1, 0, 3);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, descriptor]), head, block, Buffer.from(content)]);
}

function skippable(sizeBytes: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a53, 0);
  head.writeUInt32LE(sizeBytes, 4);
  return Buffer.concat([head, Buffer.alloc(sizeBytes, 0xaa)]);
}

describe('createArchiveReader() over gzip', () => {
  const gz = gzipSync(SMALL);

  it('unpacks one member, however it is cut into chunks', async () => {
    for (let chunkBytes = 1; chunkBytes < 40; chunkBytes += 1)
      expect(await throughLarge(gz, 'gz', chunkBytes)).toBe(SMALL);
  });

  it('unpacks several members, also when one ends where a chunk does', async () => {
    const first = gzipSync('first\n');
    const object = Buffer.concat([first, gz, gzipSync(''), gzipSync('last\n')]);
    for (const chunkBytes of [first.length, first.length + 1, first.length - 1, first.length + gz.length, 1, 7]) {
      expect(await throughLarge(object, 'gz', chunkBytes)).toBe(`first\n${SMALL}last\n`);
    }
  });

  it.each([
    ['trailing bytes', Buffer.concat([gz, Buffer.from('hello')]), 'archive-broken'],
    ['trailing zeros', Buffer.concat([gz, Buffer.alloc(20)]), 'archive-broken'],
    ['a wrong checksum', Buffer.concat([gz.subarray(0, -8), Buffer.from('abcd'), gz.subarray(-4)]), 'crc-mismatch'],
    ['a wrong length', Buffer.concat([gz.subarray(0, -4), Buffer.from('abcd')]), 'archive-broken'],
    ['other bytes', Buffer.from('hello, world, this is no gzip'), 'archive-broken'],
    ['a bomb', gzipSync(Buffer.alloc(20 * 2 ** 20)), 'archive-oversized'],
  ])('rejects %s', async (_, object, reason) => {
    expect(await reasonFor(object, 'gz', { ...CAPS, ratio: 100 })).toBe(reason);
  });

  it('rejects every truncation', async () => {
    for (let end = 1; end < gz.length; end += 1)
      expect(await reasonFor(gz.subarray(0, end), 'gz')).toBe('archive-broken');
  });
});

describe('createArchiveReader() over zstd', () => {
  it.each([
    ['a checked frame', CHECKED, SMALL],
    ['an unchecked frame', UNCHECKED, SMALL],
    ['several blocks', LONG, fixtureLines(12_000, 50)],
    [
      'several frames',
      Buffer.concat([CHECKED, UNCHECKED, LONG, CHECKED]),
      SMALL + SMALL + fixtureLines(12_000, 50) + SMALL,
    ],
    ['skippable frames', Buffer.concat([skippable(3), CHECKED, skippable(0), skippable(300_000)]), SMALL],
    ['a raw block', rawFrame('hello\n'), 'hello\n'],
    ['tiny and empty frames', Buffer.concat([rawFrame(''), rawFrame('a\n'), rawFrame('')]), 'a\n'],
  ])('unpacks %s', async (_, object, expected) => {
    expect(await unpack(object, 'zst')).toBe(expected);
  });

  it('unpacks however the stream is cut into chunks', async () => {
    const object = Buffer.concat([CHECKED, rawFrame('x\n'), skippable(5), UNCHECKED]);
    for (let chunkBytes = 1; chunkBytes < 40; chunkBytes += 1) {
      expect(await throughLarge(object, 'zst', chunkBytes)).toBe(`${SMALL}x\n${SMALL}`);
    }
  });

  it.each([
    ['trailing bytes', Buffer.concat([CHECKED, Buffer.from('hello')]), 'archive-broken'],
    ['a wrong checksum', Buffer.concat([CHECKED.subarray(0, -4), Buffer.from('abcd')]), 'crc-mismatch'],
    ['a window of 128 MiB', WIDE_WINDOW, 'archive-unsupported'],
    ['a dictionary', rawFrame('hello\n', 0x21, Buffer.from([7, 6])), 'archive-unsupported'],
    ['a reserved bit', rawFrame('hello\n', 0x28), 'archive-unsupported'],
    ['a size that lies', rawFrame('hello\n', 0x20, Buffer.from([7])), 'archive-broken'],
    ['a reserved block', Buffer.concat([rawFrame('').subarray(0, 6), Buffer.from([0x07, 0, 0])]), 'archive-broken'],
    [
      'a block over the limit',
      Buffer.concat([rawFrame('').subarray(0, 6), Buffer.from([0x01, 0xff, 0xff])]),
      'archive-broken',
    ],
    ['other bytes', Buffer.from('hello, world, this is no zstd'), 'archive-broken'],
    ['a bomb', Buffer.concat(Array.from({ length: 200 }, () => LONG)), 'archive-oversized'],
  ])('rejects %s', async (_, object, reason) => {
    expect(await reasonFor(object, 'zst', { ...CAPS, ratio: 100 })).toBe(reason);
  });

  it('rejects every truncation, but for one between two frames', async () => {
    for (let end = 1; end < CHECKED.length; end += 1) {
      expect(await reasonFor(CHECKED.subarray(0, end), 'zst')).toBe('archive-broken');
    }
  });

  it('rejects a flipped bit wherever it is in a checked frame, or it has no effect on what comes out', async () => {
    for (let bit = 0; bit < CHECKED.length * 8; bit += 1) {
      const flipped = Buffer.from(CHECKED);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const outcome: unknown = await unpack(flipped, 'zst').catch((e: unknown) => e);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ObjectRejectedError);
      else expect(outcome).toBe(SMALL);
    }
  });

  it.each(['gz', 'zst'] as const)('passes the error of the source of %s on unchanged', async (format) => {
    const object = format === 'gz' ? gzipSync(SMALL) : CHECKED;
    const error = new UnavailableError('Injected');
    for (let failAtChunk = 0; failAtChunk < 5; failAtChunk += 1) {
      await expect(unpack(object, format, CAPS, { chunkBytes: 100, failAtChunk, error })).rejects.toBe(error);
    }
  });
});

/**
 * Unpacks with the source itself cut into chunks. Small objects are held in memory and given on in larger chunks,
 * so the reader is given a source that says it is large.
 */
async function throughLarge(object: Buffer, format: StreamFormat, chunkBytes: number): Promise<string> {
  const { inflate } = await import('../../../adapters/archive/inflate.ts');
  const { unzstd } = await import('../../../adapters/archive/zstd.ts');
  const { createGunzip } = await import('node:zlib');
  const source = memorySource(object, { chunkBytes });
  const packed = {
    key: source.key,
    packedBytes: object.length,
    read: (signal: AbortSignal) => source.read(0, object.length, signal),
  };
  const bytes = await collect(format === 'gz' ? inflate(packed, createGunzip(), NEVER) : unzstd(packed, NEVER));
  expect(source.open).toBe(0);
  return bytes.toString();
}
