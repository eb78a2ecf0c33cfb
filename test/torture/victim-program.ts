/**
 * The victim as one file with its compiled code beside it, so that a process of it starts in a tenth of a second: hundreds of them are
 * killed.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const SOURCE = fileURLToPath(new URL('./victim.ts', import.meta.url));
/** Loads the program from the code that it left when it was told to keep it. */
const STARTER = `'use strict';
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');
const [filename, cache] = [__dirname + '/victim.cjs', __dirname + '/victim.cache'];
const cachedData = existsSync(cache) ? readFileSync(cache) : undefined;
const script = new Script('(function (require, module) {' + readFileSync(filename, 'utf8') + '\\n})', { filename, cachedData });
if (script.cachedDataRejected) throw new Error('The compiled code is of another program');
script.runInThisContext()(require, module);
if (process.argv[2] === 'keep') {
  writeFileSync(cache, script.createCachedData());
  process.exit();
}
`;

/** Bundles it into the folder. @returns the path of a file that starts it */
export async function buildVictim(dir: string): Promise<string> {
  await build({
    entryPoints: [SOURCE],
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    outfile: join(dir, 'victim.cjs'),
    logLevel: 'error',
  });
  const starter = join(dir, 'start.cjs');
  writeFileSync(starter, STARTER);
  await promisify(execFile)(process.execPath, [...VICTIM_ARGS, starter, 'keep']);
  return starter;
}

/** Options of node for victims: compiled code is only good for the options under which it was kept. */
export const VICTIM_ARGS = ['--no-warnings'];
