/** A smoke run on the Node that runs it: help, the domain, and a small real load over the embedded servers. Ends with status 0 or 1. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Manifest } from '../devstack/demo/manifest.ts';
import { manifestFile } from '../devstack/demo/live.ts';
import { parseHour } from '../domain/hour.ts';
import { isolatedEnvironment, readStatus, runCommand, startUp } from '../test/support/up-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'clickfeed-smoke-'));
try {
  assert.equal(parseHour('2024-04-10 23:00Z'), '2024-04-10T23');
  const env = await isolatedEnvironment();
  assert.match(await runCommand(folder, env, ['--help']), /Usage: clickfeed/);
  await loadDemo(env);
  console.log(`Smoke run on Node ${process.version}: right`);
} catch (error) {
  console.error(`Smoke run on Node ${process.version}: failed`, error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function loadDemo(env: Record<string, string>): Promise<void> {
  const up = startUp(folder, env, ['--hours', '2', '--rows-per-hour', '50']);
  try {
    await up.says(/Published \d+ objects/);
    const manifest = new Manifest(manifestFile(join(folder, '.clickfeed')));
    const objects = manifest.entries.size;
    await up.says(new RegExp(`Loaded ${objects} of ${objects} objects`));
    for (const { table, rows, quarantinedLines } of await readStatus(folder, env)) {
      const expected = manifest.expectations()[table];
      assert.deepEqual([rows, quarantinedLines], [expected?.rows ?? 0, expected?.quarantinedLines ?? 0], table);
    }
    assert.equal(await up.stop('SIGINT'), 0);
  } finally {
    await up.stop('SIGKILL');
  }
}
