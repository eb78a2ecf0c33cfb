/**
 * Writes the archives that must be rejected into `test/adapters/archive/hostile/`, the reason in front of each name:
 * `npx tsx scripts/hostile-archives.ts`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostileArchives } from '../test/adapters/archive/hostile-archives.ts';

const FOLDER = new URL('../test/adapters/archive/hostile/', import.meta.url);
const LINES = Array.from({ length: 60 }, (_, i) => `{"id": ${i}, "text": "${(i * 7919) % 1_000}"}\n`).join('');

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER);
for (const [what, reason, archive] of hostileArchives(LINES)) {
  const name = what.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  writeFileSync(new URL(`${reason}--${name}.zip`, FOLDER), archive);
}
