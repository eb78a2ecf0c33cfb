/**
 * Fuzzes what reads foreign bytes: the zip reader, the line splitter, the exact path, the configuration parser. Each input ends in a result or
 * in an error of ours, in bounded time and memory. `npm run fuzz` tries a thousand times as many, with a seed of its own.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createArchiveReader } from '../../adapters/archive/index.ts';
import { loadConfig } from '../../config/load.ts';
import { CATALOGUE } from '../../domain/catalogue.ts';
import { ConfigError, NeedsExactPathError, ObjectRejectedError } from '../../domain/errors.ts';
import { exactLines, newExactTally } from '../../domain/exact-object.ts';
import { fastLines, newLineTally } from '../../domain/line-framer.ts';
import { memorySource } from '../adapters/archive/memory-source.ts';
import { chunksOf, collect } from '../support/bytes.ts';
import { zipOf } from '../support/zip.ts';

const LONG_RUNS = 1_000;
const isLong = process.env['FUZZ'] === 'long';
const RULES = isLong ? {} : { seed: 20_240_410 };
const runs = (short: number): { numRuns: number; seed?: number } => ({
  ...RULES,
  numRuns: isLong ? short * LONG_RUNS : short,
});
const LIMIT_MS = isLong ? 4 * 3_600_000 : 60_000;

const CORPUS = new URL('./corpus/', import.meta.url);
const corpus = readdirSync(CORPUS)
  .sort()
  .map((name) => [name, readFileSync(new URL(name, CORPUS))] as const);
const NAME = 'geo_events.jsonl';
const CAPS = { entrySizeBytes: 2 ** 20, ratio: 200, entries: 10 };
/** What a result may hold beyond what came in: a line's frame, a row's missing fields. */
const LINE_LIMIT_BYTES = 4_096;
const NEVER = new AbortController().signal;

/** One of the corpus, or noise, with some bytes replaced, cut out or repeated. */
function mutated(seeds: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const begin = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...seeds) }, fc.uint8Array({ maxLength: 400 }));
  const edit = fc.record({
    at: fc.nat(),
    removed: fc.oneof(fc.constant(0), fc.nat({ max: 40 })),
    added: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom('\n', '"', '{', '\\', '\r\n', '\ufeff', 'PK\u0003\u0004'),
    ),
    copies: fc.constantFrom(1, 1, 1, 300),
  });
  return fc.tuple(begin, fc.array(edit, { maxLength: 6 })).map(([seed, edits]) => {
    let bytes = Buffer.from(seed);
    for (const { at, removed, added, copies } of edits) {
      const position = at % (bytes.length + 1);
      const piece = Buffer.concat(Array.from({ length: copies }, () => Buffer.from(added as Uint8Array)));
      bytes = Buffer.concat([bytes.subarray(0, position), piece, bytes.subarray(position + removed)]);
    }
    return bytes;
  });
}

async function outcomeOf(
  work: () => Promise<unknown>,
  ...expected: (abstract new (...of: never[]) => Error)[]
): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (expected.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}

async function unpack(bytes: Buffer): Promise<void> {
  const entry = await createArchiveReader(CAPS).open(memorySource(bytes), 'zip', NAME, NEVER);
  let sizeBytes = 0;
  for await (const chunk of entry.read(NEVER)) {
    sizeBytes += chunk.length;
    expect(sizeBytes).toBeLessThanOrEqual(CAPS.entrySizeBytes);
  }
}

async function readLines(bytes: Buffer, chunkBytes: number): Promise<void> {
  const count = bytes.toString('latin1').split('\n').length;
  const fast = newLineTally();
  await outcomeOf(
    () => collect(fastLines(chunksOf(bytes, chunkBytes), 1, fast, LINE_LIMIT_BYTES)),
    NeedsExactPathError,
    ObjectRejectedError,
  );
  expect(fast.lines).toBeLessThanOrEqual(count);
  const tally = newExactTally();
  let quarantined = 0;
  const reading = async (): Promise<Buffer> =>
    collect(
      exactLines(
        chunksOf(bytes, chunkBytes),
        1,
        CATALOGUE.geo_events,
        tally,
        (lines) => {
          quarantined += lines.length;
          return Promise.resolve();
        },
        LINE_LIMIT_BYTES,
      ),
    );
  const rows = await outcomeOf(reading, ObjectRejectedError);
  expect(tally.lines).toBeLessThanOrEqual(count);
  if (!Buffer.isBuffer(rows)) return;
  // Nothing silent: every line that is not blank is a row or quarantined, and a row is one line of JSON.
  const written = rows.toString().split('\n').slice(0, -1);
  expect(written.length + quarantined).toBe(tally.lines);
  for (const row of written) expect(Object.keys(JSON.parse(row) as object)).toContain('click_id');
}

const zipSeeds = [...corpus.filter(([name]) => name.endsWith('.zip')).map(([, bytes]) => bytes)];
const lineSeeds = corpus.filter(([name]) => name.endsWith('.jsonl')).map(([, bytes]) => bytes);
const configSeeds = corpus.filter(([name]) => name.endsWith('.json')).map(([, bytes]) => bytes);

describe('fuzzing', () => {
  it(
    'the zip reader: an entry within the caps, or a rejection',
    async () => {
      const seeds = [...zipSeeds, ...(await Promise.all(lineSeeds.map((bytes) => zipOf(NAME, bytes))))];
      const property = fc.asyncProperty(mutated(seeds), async (bytes) => {
        await outcomeOf(() => unpack(bytes), ObjectRejectedError);
      });
      await fc.assert(property, runs(1_000));
    },
    LIMIT_MS,
  );

  it(
    'the line splitter and the exact path: every line a row or quarantined, however the bytes are cut',
    async () => {
      const property = fc.asyncProperty(mutated(lineSeeds), fc.integer({ min: 1, max: 3_000 }), readLines);
      await fc.assert(property, runs(1_500));
    },
    LIMIT_MS,
  );

  const folder = mkdtempSync(join(tmpdir(), 'clickfeed-fuzz-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    'the configuration parser: a configuration, or a list of problems',
    () => {
      const property = fc.property(mutated(configSeeds), mutated(configSeeds), (file, dotenv) => {
        writeFileSync(join(folder, 'clickfeed.json'), file);
        writeFileSync(join(folder, '.env'), dotenv);
        try {
          loadConfig({ env: {}, folder, file: 'clickfeed.json' });
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      });
      fc.assert(property, runs(400));
    },
    LIMIT_MS,
  );
});
