import { createCipheriv } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import type { ArchiveCaps } from '../../../activities/ports.ts';
import { createArchiveReader } from '../../../adapters/archive/index.ts';
import { ObjectRejectedError, UnavailableError } from '../../../domain/errors.ts';
import type { ObjectFormat } from '../../../domain/feed-object.ts';
import { collect } from '../../support/bytes.ts';
import { zipOf, zipOfEntries } from '../../support/zip.ts';
import { memorySource, type Behaviour, type MemorySource } from './memory-source.ts';
import { BOMB, hostileArchives } from './hostile-archives.ts';
import { rawZip, type RawEntry } from './raw-zip.ts';

const CAPS: ArchiveCaps = { entrySizeBytes: 64 * 2 ** 20, ratio: 200, entries: 100 };
const NAME = 'geo_events.jsonl';
const LINES = Array.from({ length: 3_000 }, (_, i) => `{"id": ${i}, "text": "${(i * 7919) % 1_000}"}\n`).join('');
const NEVER = new AbortController().signal;

interface Unpacked {
  readonly bytes: Buffer;
  readonly crc32: number;
  readonly sizeBytes: number;
}

async function unpackSource(source: MemorySource, format: ObjectFormat = 'zip', caps = CAPS): Promise<Unpacked> {
  const entry = await createArchiveReader(caps).open(source, format, NAME, NEVER);
  const bytes = await collect(entry.read(NEVER));
  return { bytes, ...entry.facts() };
}

function unpack(
  object: Buffer,
  format: ObjectFormat = 'zip',
  caps = CAPS,
  behaviour: Behaviour = {},
): Promise<Unpacked> {
  return unpackSource(memorySource(object, behaviour), format, caps);
}

async function reasonFor(object: Buffer, format: ObjectFormat = 'zip', caps = CAPS): Promise<string> {
  const source = memorySource(object);
  const error: unknown = await unpackSource(source, format, caps).catch((e: unknown) => e);
  if (!(error instanceof ObjectRejectedError)) throw new Error('Expected a rejection', { cause: error });
  expect(error.message).toMatch(/^Cannot unpack "feed\/object": .*[^.]$/);
  expect(source.open).toBe(0);
  return error.reason;
}

function entry(changes: Partial<RawEntry> = {}): RawEntry {
  return { name: NAME, content: LINES, ...changes };
}

/** Bytes that do not compress, the same in every run. */
function noiseOf(sizeBytes: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
}

function streamedZip(options: object): Promise<Buffer> {
  const zip = new ZipFile();
  zip.addReadStreamLazy(NAME, options, (done) => {
    void import('node:stream').then(({ Readable }) => {
      done(null, Readable.from([Buffer.from(LINES)]));
    });
  });
  zip.end();
  return buffer(zip.outputStream);
}

describe('createArchiveReader() over good zip archives', () => {
  it.each([0, 1, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1])(
    'gives the same bytes of an entry of %i bytes, unpacked in one call or as a stream',
    async (sizeBytes) => {
      const content = noiseOf(sizeBytes).toString('hex').slice(0, sizeBytes);
      const unpacked = await unpack(await zipOf(NAME, content));
      expect(unpacked.bytes.equals(Buffer.from(content))).toBe(true);
      expect(unpacked).toMatchObject({ sizeBytes, crc32: crc32(content) });
    },
  );

  it.each([
    ['deflated', () => zipOf(NAME, LINES)],
    ['stored', () => zipOfEntries([{ name: NAME, bytes: LINES, compress: false }])],
    ['with a data descriptor', () => streamedZip({})],
    ['zip64', () => streamedZip({ forceZip64Format: true })],
    ['with a comment', () => Promise.resolve(rawZip([entry()], { comment: Buffer.from('hello') }))],
  ])('cases 27 and 28: unpacks one that is %s', async (_, make) => {
    const { bytes, ...facts } = await unpack(await make());
    expect(bytes.toString()).toBe(LINES);
    expect(facts).toEqual({ crc32: crc32(LINES), sizeBytes: LINES.length });
  });

  it('takes an empty entry: no bytes, but facts', async () => {
    expect(await unpack(await zipOf(NAME, ''))).toEqual({ bytes: Buffer.alloc(0), crc32: 0, sizeBytes: 0 });
  });

  it('reads a small object by one request', async () => {
    const source = memorySource(await zipOf(NAME, LINES));
    await unpackSource(source);
    expect(source.reads).toEqual([{ begin: 0, end: source.sizeBytes }]);
  });

  it('reads a large object by ranges: head, directory, header, then the data once', async () => {
    const content = Buffer.alloc(10 * 2 ** 20, LINES);
    const object = await zipOfEntries([{ name: NAME, bytes: content, compress: false }]);
    const source = memorySource(object, { chunkBytes: 2 ** 20 });
    const { bytes, crc32: checksum } = await unpackSource(source);
    expect(bytes.equals(content)).toBe(true);
    expect(checksum).toBe(crc32(content));
    expect(source.reads).toHaveLength(4);
    expect(source.reads.at(-1)).toEqual({ begin: 30 + NAME.length, end: 30 + NAME.length + content.length });
  });

  it('unpacks more than 4 GiB of declared zip64 sizes no differently', async () => {
    const extra = Buffer.alloc(4 + 16);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(16, 2);
    extra.writeBigUInt64LE(BigInt(LINES.length), 4);
    extra.writeBigUInt64LE(BigInt(deflateRawSync(LINES).length), 12);
    const object = rawZip([entry({ extra, sizeBytes: 0xffffffff, packedBytes: 0xffffffff })]);
    expect((await unpack(object)).bytes.toString()).toBe(LINES);
  });

  it('tells no facts before the end', async () => {
    const opened = await createArchiveReader(CAPS).open(memorySource(await zipOf(NAME, LINES)), 'zip', NAME, NEVER);
    expect(() => opened.facts()).toThrow('its end was not reached');
  });
});

describe('createArchiveReader() over bad zip archives', () => {
  it.each(hostileArchives(LINES))(
    'cases 21, 22, 24, 25, 29 to 32 and 34 to 36: rejects %s as %s',
    async (_, reason, archive) => {
      expect(await reasonFor(archive)).toBe(reason);
    },
  );

  const folder = new URL('./hostile/', import.meta.url);
  const files = readdirSync(folder);
  it.each(files)('rejects the file %s for the reason in its name', async (file) => {
    expect(await reasonFor(readFileSync(new URL(file, folder)))).toBe(file.split('--')[0]);
  });

  it('meets a file of every archive that must be rejected', () => {
    expect(files).toHaveLength(hostileArchives(LINES).length);
  });

  it('names the method that it does not support', async () => {
    await expect(unpack(rawZip([entry({ method: 12 })]))).rejects.toThrow('compression method bzip2');
  });

  it('asks for little when an archive claims many entries', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => entry({ name: `${i}.jsonl`, content: '' }));
    const source = memorySource(rawZip([...many, entry({ content: Buffer.alloc(9 * 2 ** 20), method: 0 })]), {
      chunkBytes: 2 ** 20,
    });
    await expect(unpackSource(source)).rejects.toMatchObject({ reason: 'archive-oversized' });
    expect(source.reads.reduce((sum, { begin, end }) => sum + end - begin, 0)).toBeLessThan(100_000);
  });

  it('lets out no more of a lying bomb than it declares, a buffer at most', async () => {
    const object = rawZip([entry({ packed: BOMB, sizeBytes: 1_000 })]);
    const opened = await createArchiveReader(CAPS).open(memorySource(object), 'zip', NAME, NEVER);
    let sizeBytes = 0;
    const reading = (async () => {
      for await (const chunk of opened.read(NEVER)) sizeBytes += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject({ reason: 'archive-broken' });
    expect(sizeBytes).toBeLessThanOrEqual(1_000);
  });

  it('case 20: rejects every truncation', async () => {
    const object = await zipOf(NAME, LINES.slice(0, 300));
    for (let end = 0; end < object.length; end += 1) {
      const reason = await reasonFor(object.subarray(0, end));
      expect(reason).toBe(end === 0 ? 'not-an-archive' : 'archive-broken');
    }
  });

  it('rejects a flipped bit wherever it is, or it has no effect on what comes out', async () => {
    const text = LINES.slice(0, 200);
    const object = await zipOf(NAME, text);
    for (let bit = 0; bit < object.length * 8; bit += 1) {
      const flipped = Buffer.from(object);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const outcome: unknown = await unpack(flipped).catch((e: unknown) => e);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ObjectRejectedError);
      else expect((outcome as Unpacked).bytes.toString()).toBe(text);
    }
  });

  it('rejects random bytes, whatever they look like', async () => {
    const signature = fc
      .constantFrom('PK\x03\x04', 'PK\x05\x06', 'PK\x01\x02', 'PK\x06\x06', 'PK\x06\x07', '')
      .map((text) => Buffer.from(text, 'latin1'));
    const junk = fc
      .array(fc.oneof(signature, fc.uint8Array({ maxLength: 60 })), { maxLength: 8 })
      .map((p) => Buffer.concat(p));
    await fc.assert(
      fc.asyncProperty(junk, async (object) => {
        await reasonFor(object);
      }),
      { numRuns: 300 },
    );
  });
});

describe('createArchiveReader() over what is no archive', () => {
  const formats = ['zip', 'jsonl', 'gz', 'zst'] as const;
  it.each(formats)('rejects zero bytes, HTML and XML in place of %s', async (format) => {
    const xml = '\uFEFF\n <?xml version="1.0"?><Error><Code>SlowDown</Code></Error>';
    for (const text of ['', '<!DOCTYPE html><html></html>', xml]) {
      expect(await reasonFor(Buffer.from(text), format)).toBe('not-an-archive');
    }
  });

  it('rejects a large page too', async () => {
    expect(await reasonFor(Buffer.alloc(9 * 2 ** 20, '<p>sorry</p>'))).toBe('not-an-archive');
  });

  it('takes plain lines as they are, up to the size cap', async () => {
    expect(await unpack(Buffer.from(LINES), 'jsonl')).toMatchObject({ crc32: crc32(LINES), sizeBytes: LINES.length });
    expect(await reasonFor(Buffer.from(LINES), 'jsonl', { ...CAPS, entrySizeBytes: LINES.length - 1 })).toBe(
      'archive-oversized',
    );
  });
});

describe('createArchiveReader() when its source fails', () => {
  it.each(['zip', 'jsonl'] as const)(
    'passes the error of every single chunk of %s on unchanged, then works',
    async (format) => {
      const large = Buffer.alloc(9 * 2 ** 20, LINES);
      const object = format === 'zip' ? await zipOfEntries([{ name: NAME, bytes: large, compress: false }]) : large;
      const error = new UnavailableError('Injected');
      for (let failAtChunk = 0; ; failAtChunk += 1) {
        const source = memorySource(object, { chunkBytes: 2 ** 20, failAtChunk, error });
        const outcome: unknown = await unpackSource(source, format).catch((e: unknown) => e);
        expect(source.open).toBe(0);
        if (!(outcome instanceof Error)) {
          expect((outcome as Unpacked).bytes.equals(large)).toBe(true);
          expect(failAtChunk).toBeGreaterThan(9);
          return;
        }
        expect(outcome).toBe(error);
      }
    },
  );

  it('passes it on also through inflate', async () => {
    const noise = noiseOf(9 * 2 ** 20);
    const object = await zipOf(NAME, noise);
    expect(object.length).toBeGreaterThan(8 * 2 ** 20);
    const error = new UnavailableError('Injected');
    await expect(unpack(object, 'zip', CAPS, { chunkBytes: 2 ** 18, failAtChunk: 20, error })).rejects.toBe(error);
  });

  it('ends at once when it is cancelled, with the reason, and leaves no read open', async () => {
    const large = Buffer.alloc(9 * 2 ** 20, LINES);
    const zip = await zipOfEntries([{ name: NAME, bytes: large, compress: false }]);
    for (const [format, object] of [
      ['zip', zip],
      ['jsonl', large],
    ] as const) {
      for (const stallAtChunk of [0, 1, 2, 3, 8]) {
        const source = memorySource(object, { chunkBytes: 2 ** 20, stallAtChunk });
        const abort = new AbortController();
        const reason = new Error('Stop');
        const reading = (async () => {
          const opened = await createArchiveReader(CAPS).open(source, format, NAME, abort.signal);
          await collect(opened.read(abort.signal));
        })();
        setTimeout(() => {
          abort.abort(reason);
        }, 20);
        await expect(reading).rejects.toBe(reason);
        expect(source.open).toBe(0);
      }
    }
  });

  it('closes the source when the reader loses interest', async () => {
    const noise = noiseOf(10 * 2 ** 20);
    for (const object of [
      await zipOf(NAME, noise),
      await zipOfEntries([{ name: NAME, bytes: noise, compress: false }]),
    ]) {
      const source = memorySource(object, { chunkBytes: 2 ** 16 });
      const opened = await createArchiveReader(CAPS).open(source, 'zip', NAME, NEVER);
      for await (const chunk of opened.read(NEVER)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      await expect.poll(() => source.open).toBe(0);
    }
  });
});
