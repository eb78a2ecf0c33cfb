import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { packLines } from '../../devstack/demo/archive.ts';
import { Manifest } from '../../devstack/demo/manifest.ts';
import {
  DEFAULT_FEED,
  flawOf,
  generatePublication,
  IMPERFECTIONS,
  publicationsOf,
  type Imperfection,
} from '../../devstack/demo/publications.ts';
import { Publisher } from '../../devstack/demo/publisher.ts';
import { CATALOGUE, TABLE_NAMES, type TableName } from '../../domain/catalogue.ts';
import { exactLine } from '../../domain/exact-line.ts';
import { entryName } from '../../domain/feed-object.ts';
import { addHours, HOUR_MS, hourStartMs, parseHour, type Hour } from '../../domain/hour.ts';
import { createTempDir } from '../support/own-servers.ts';
import { createFeedPrefix, rawS3 } from '../support/s3.ts';
import { unzip } from '../support/zip.ts';

const START = parseHour('2024-04-10T23');
const FEED = { ...DEFAULT_FEED, rowsPerHour: 40 };
const MINUTE_MS = 60_000;

function hourWith(imperfection: Imperfection): { hour: Hour; table: TableName } {
  for (let i = 0; i < 200; i++) {
    const hour = addHours(START, i);
    const flaw = flawOf(FEED, hour);
    if (flaw?.imperfection === imperfection) return { hour, table: flaw.table };
  }
  throw new Error(`No hour with ${imperfection}`);
}

function judge(table: TableName, lines: readonly string[]): { rows: number; bad: number; drift: number } {
  const verdicts = lines.map((line, i) => exactLine(Buffer.from(line), 1, i + 1, CATALOGUE[table]));
  const rows = verdicts.filter((verdict) => 'row' in verdict);
  const drift = rows.filter((row) => row.driftFields.length > 0).length;
  return { rows: rows.length, bad: verdicts.length - rows.length, drift };
}

describe('publicationsOf()', () => {
  test('meets every imperfection within two days', () => {
    const seen = new Set(Array.from({ length: 48 }, (_, i) => flawOf(FEED, addHours(START, i))?.imperfection));
    expect([...seen].filter((one) => one !== undefined).sort()).toEqual([...IMPERFECTIONS].sort());
  });

  test('publishes four objects at once without imperfections', () => {
    for (let i = 0; i < 48; i++) {
      const publications = publicationsOf({ ...FEED, imperfections: [] }, addHours(START, i));
      expect(publications.map(({ table, version, delayMs }) => [table, version, delayMs])).toEqual(
        TABLE_NAMES.map((table) => [table, 1, 0]),
      );
    }
  });

  test('leaves one table out of an hour with "absent"', () => {
    const { hour, table } = hourWith('absent');
    const tables = publicationsOf(FEED, hour).map((publication) => publication.table);
    expect(tables).toHaveLength(3);
    expect(tables).not.toContain(table);
  });

  test('publishes a cut object first and the whole one later with "republished"', () => {
    const { hour, table } = hourWith('republished');
    const versions = publicationsOf(FEED, hour).filter((publication) => publication.table === table);
    const [first = [], second = []] = versions.map((version) => generatePublication(FEED, version).lines);
    expect(versions.map(({ version }) => version)).toEqual([1, 2]);
    expect(first.length).toBeLessThan(second.length);
    expect(second.slice(0, first.length)).toEqual(first);
  });

  test('counts bad lines as the exact path does', () => {
    const { hour, table } = hourWith('bad-lines');
    const publication = publicationsOf(FEED, hour).find((one) => one.table === table);
    const { lines, badLines } = generatePublication(FEED, publication!);
    expect(badLines).toBe(3);
    expect(judge(table, lines)).toEqual({ rows: lines.length - 3, bad: 3, drift: 0 });
  });

  test('adds a field to every line with "new-field"', () => {
    const { hour, table } = hourWith('new-field');
    const publication = publicationsOf(FEED, hour).find((one) => one.table === table);
    const { lines } = generatePublication(FEED, publication!);
    expect(judge(table, lines)).toEqual({ rows: lines.length, bad: 0, drift: lines.length });
  });
});

describe('packLines()', () => {
  test('gives the same bytes in every time zone', async () => {
    const before = process.env['TZ'];
    onTestFinished(() => {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    });
    const archives: string[] = [];
    for (const zone of ['UTC', 'Asia/Kolkata', 'America/Los_Angeles']) {
      process.env['TZ'] = zone;
      archives.push((await packLines('geo_events', ['{}', '{}'])).toString('hex'));
    }
    expect(new Set(archives).size).toBe(1);
  });
});

describe('Publisher', () => {
  async function setUp(hours: number) {
    const file = join(await createTempDir(), 'manifest.jsonl');
    const prefix = createFeedPrefix();
    const { bucket } = inject('stack').s3;
    const clock = { nowMs: hourStartMs(addHours(START, hours)) + 2 * MINUTE_MS };
    const open = (): { publisher: Publisher; manifest: Manifest } => {
      const manifest = new Manifest(file);
      const options = { feed: FEED, from: START, client: rawS3(), bucket, prefix, manifest, now: () => clock.nowMs };
      return { publisher: new Publisher(options), manifest };
    };
    const bucketLines = async (): Promise<Record<string, { lines: number; rows: number }>> => {
      const found: Record<string, { lines: number; rows: number }> = {};
      const { Contents = [] } = await rawS3().send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
      for (const { Key = '' } of Contents) {
        const { Body } = await rawS3().send(new GetObjectCommand({ Bucket: bucket, Key }));
        const table = TABLE_NAMES.find((name) => Key.endsWith(`/${name}.jsonl.zip`))!;
        const text = await unzip(Buffer.from(await Body!.transformToByteArray()), entryName(table));
        const lines = text.trimEnd().split('\n');
        found[Key] = { lines: lines.length, rows: judge(table, lines).rows };
      }
      return found;
    };
    const manifestLines = (manifest: Manifest): Record<string, { lines: number; rows: number }> =>
      Object.fromEntries([...manifest.entries].map(([key, { lines, rows }]) => [key, { lines, rows }]));
    return { file, clock, open, bucketLines, manifestLines };
  }

  test('publishes two days with every flaw, and its manifest agrees with the bucket to the line', async () => {
    const { open, bucketLines, manifestLines, clock } = await setUp(48);
    const { publisher, manifest } = open();
    await publisher.publishDue();
    expect(manifestLines(manifest)).toEqual(await bucketLines());
    expect(manifest.entries.size).toBeLessThan(4 * 48);

    clock.nowMs += 20 * MINUTE_MS; // now the late objects and the second versions come
    expect(await publisher.publishDue()).toBeGreaterThan(1);
    expect(manifestLines(manifest)).toEqual(await bucketLines());
    expect(await publisher.publishDue()).toBe(0);
    const sums = manifest.expectations();
    const rows = Object.values(await bucketLines()).reduce((sum, object) => sum + object.rows, 0);
    expect(Object.values(sums).reduce((sum, table) => sum + table.rows, 0)).toBe(rows);
  });

  test('publishes the hour that has ended one minute after its end', async () => {
    const { open, clock } = await setUp(3);
    const { publisher, manifest } = open();
    await publisher.publishDue();
    const before = manifest.entries.size;
    clock.nowMs = hourStartMs(addHours(START, 4)) + 59_000;
    expect(await publisher.publishDue()).toBe(0);
    clock.nowMs += 1_000;
    expect(await publisher.publishDue()).toBeGreaterThan(0);
    expect(manifest.entries.size).toBeGreaterThan(before);
    expect(Math.max(...[...manifest.entries.values()].map(({ hour }) => hourStartMs(hour)))).toBe(
      hourStartMs(START) + 3 * HOUR_MS,
    );
  });

  test('goes on where it was stopped, also with a manifest that a crash cut short', async () => {
    const { open, file, bucketLines, manifestLines, clock } = await setUp(10);
    await open().publisher.publishDue();
    const second = open();
    expect(await second.publisher.publishDue()).toBe(0);

    const text = await readFile(file, 'utf8');
    await writeFile(file, text.slice(0, -40));
    clock.nowMs += HOUR_MS;
    const third = open();
    await third.publisher.publishDue();
    clock.nowMs += 20 * MINUTE_MS;
    await third.publisher.publishDue();
    expect(manifestLines(third.manifest)).toEqual(await bucketLines());
    expect(manifestLines(new Manifest(file))).toEqual(manifestLines(third.manifest));
  });

  test('leaves only the later version when both are due at once', async () => {
    const { open, clock } = await setUp(1);
    const { publisher, manifest } = open();
    clock.nowMs += 72 * HOUR_MS; // the machine slept for three days
    await publisher.publishDue();
    const republished = [...manifest.entries.values()].filter((entry) => entry.imperfection === 'republished');
    expect(republished.length).toBeGreaterThan(0);
    for (const { version, table, hour, lines } of republished) {
      expect(version).toBe(2);
      const whole = generatePublication(
        FEED,
        publicationsOf(FEED, hour).find((one) => one.table === table && one.version === 2)!,
      );
      expect(lines).toBe(whole.lines.length);
    }
  });

  test('run() tries again after a failed upload and ends with its signal', async () => {
    const { open, clock } = await setUp(1);
    const { manifest } = open();
    const { bucket } = inject('stack').s3;
    const options = {
      feed: FEED,
      from: START,
      client: rawS3(),
      bucket: 'not a bucket',
      prefix: createFeedPrefix(),
      manifest,
    };
    const failures: unknown[] = [];
    const ending = new AbortController();
    const publisher = new Publisher({ ...options, now: () => clock.nowMs });
    await publisher.run(
      () => undefined,
      (error) => {
        failures.push(error);
        ending.abort();
      },
      ending.signal,
    );
    expect(failures).toHaveLength(1);
    expect(manifest.entries.size).toBe(0);
    const healed = new Publisher({ ...options, bucket, now: () => clock.nowMs });
    expect(await healed.publishDue()).toBeGreaterThan(0);
  });
});
