import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseDemo } from '../../devstack/demo/choice.ts';
import { plainView, Speedometer } from '../../devstack/progress.ts';
import { startStack } from '../../devstack/stack.ts';
import { loadState } from '../../devstack/state.ts';
import { stackSettings } from '../../config/stack-settings.ts';
import { type ConfigError, InputError, SetupError } from '../../domain/errors.ts';
import { createTempDir } from '../support/own-servers.ts';

const NOW_MS = Date.parse('2024-05-01T13:30:00Z');
const EXTERNAL = { S3_BUCKET: 'mine', CLICKHOUSE_URL: 'http://db:8123', TEMPORAL_ADDRESS: 'temporal:7233' };

describe('startStack()', () => {
  test('starts nothing when the settings name all servers', async () => {
    const stack = await startStack({ dir: await createTempDir(), settings: EXTERNAL, say: () => undefined });
    expect(stack).toMatchObject({ started: [], settings: {}, addresses: [] });
    await stack.stop();
  });

  test('refuses what is no port, all at once', async () => {
    const settings = { ...EXTERNAL, S3_PORT: 'x', TEMPORAL_PORT: '70000' };
    const error = await startStack({ dir: await createTempDir(), settings, say: () => undefined }).catch(
      (caught: unknown) => caught,
    );
    expect((error as ConfigError).problems).toEqual([
      'Set TEMPORAL_PORT: found "70000", expected a port from 1 to 65535',
      'Set S3_PORT: found "x", expected a port from 1 to 65535',
    ]);
  });
});

describe('loadState()', () => {
  test('makes keys once, and other ones for every folder', async () => {
    const [a, b] = [await createTempDir(), await createTempDir()];
    expect(loadState(a)).toEqual(loadState(a));
    expect(loadState(a).clickhousePassword).not.toBe(loadState(b).clickhousePassword);
  });

  test('refuses a file that is not its own without showing it', async () => {
    const dir = await createTempDir();
    await writeFile(join(dir, 'stack.json'), '{"clickhousePassword": "hunter2"');
    expect(() => loadState(dir)).toThrow(SetupError);
    expect(() => loadState(dir)).not.toThrow(/hunter2/);
  });
});

describe('chooseDemo()', () => {
  test('begins so many hours ago, and keeps that start', async () => {
    const dir = await createTempDir();
    const demo = chooseDemo(dir, loadState(dir), { hours: 24 }, NOW_MS);
    expect(demo).toMatchObject({ from: '2024-04-30T13', rowsPerHour: 1000 });
    expect(chooseDemo(dir, loadState(dir), {}, NOW_MS + 86_400_000)).toEqual(demo);
    expect(chooseDemo(dir, loadState(dir), { hours: 24 }, NOW_MS)).toEqual(demo);
  });

  test('refuses to mix two feeds in one folder', async () => {
    const dir = await createTempDir();
    chooseDemo(dir, loadState(dir), { seed: 1 }, NOW_MS);
    expect(() => chooseDemo(dir, loadState(dir), { seed: 2 }, NOW_MS)).toThrow(InputError);
    expect(() => chooseDemo(dir, loadState(dir), { seed: 2 }, NOW_MS)).toThrow(/holds one with seed 1, found 2/);
  });
});

describe('stackSettings()', () => {
  async function folderWith(env: string): Promise<string> {
    const folder = await createTempDir();
    await mkdir(join(folder, '.clickfeed'));
    await writeFile(join(folder, '.clickfeed', 'env'), env);
    return folder;
  }

  test('gives nothing when no stack runs', async () => {
    expect(stackSettings(await createTempDir(), {})).toEqual({});
  });

  test('leaves out the servers that the user names, keys included', async () => {
    const env =
      'S3_BUCKET=feed\nAWS_SECRET_ACCESS_KEY=s\nFEED_START=2024-05-01T13\nCLICKHOUSE_URL=http://127.0.0.1:1\nCLICKHOUSE_PASSWORD=p\nTEMPORAL_ADDRESS=127.0.0.1:2\n';
    const folder = await folderWith(env);
    expect(Object.keys(stackSettings(folder, {}))).toHaveLength(6);
    expect(stackSettings(folder, { CLICKHOUSE_URL: 'http://db:8123', S3_ENDPOINT: 'http://s3' })).toEqual({
      TEMPORAL_ADDRESS: '127.0.0.1:2',
    });
    expect(stackSettings(folder, EXTERNAL)).toEqual({});
  });
});

describe('plainView()', () => {
  const progress = { loadedObjects: 3, objects: 12, rows: 4500, quarantinedLines: 2, running: ['backfill/first'] };

  test('writes a line when something has changed, and none else', () => {
    const lines: string[] = [];
    const view = plainView((line) => lines.push(line));
    view.show(progress);
    view.show(progress);
    expect(lines).toEqual(['Loaded 3 of 12 objects, 4 500 rows, 2 lines quarantined, running: backfill/first']);
    view.show({ ...progress, loadedObjects: 4, running: [] });
    expect(lines[1]).toMatch(/^Loaded 4 of 12 objects/);
  });
});

describe('Speedometer', () => {
  test('measures rows a second between two calls, never less than none', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e9), fc.integer({ min: 1, max: 1e6 }), (before, after, elapsedMs) => {
        let nowMs = 0;
        const speed = new Speedometer(() => nowMs);
        expect(speed.measure(before)).toBe(0);
        nowMs += elapsedMs;
        expect(speed.measure(after)).toBeCloseTo((Math.max(0, after - before) / elapsedMs) * 1000, 3);
      }),
    );
  });
});

describe('the settings file', () => {
  test('is ignored by git', async () => {
    expect(await readFile(new URL('../../.gitignore', import.meta.url), 'utf8')).toContain('.clickfeed/');
  });
});
