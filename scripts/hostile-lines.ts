/**
 * Writes the entries with odd lines into `test/faults/hostile-lines/`, what must become of each in front of its name:
 * `npx tsx scripts/hostile-lines.ts`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileNameOf, hostileEntries } from '../test/faults/hostile-lines.ts';

const FOLDER = new URL('../test/faults/hostile-lines/', import.meta.url);

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER);
for (const entry of hostileEntries()) writeFileSync(new URL(fileNameOf(entry), FOLDER), entry.bytes);
