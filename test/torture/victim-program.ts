/** The victim as one file, so that a process of it starts in a fifth of a second: thousands of them are killed. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SOURCE = fileURLToPath(new URL('./victim.ts', import.meta.url));
/** What CommonJS modules inside an ES module miss. */
const BANNER = `import { createRequire } from 'node:module';
import { fileURLToPath as pathOf } from 'node:url';
import { dirname as folderOf } from 'node:path';
const require = createRequire(import.meta.url);
const __filename = pathOf(import.meta.url);
const __dirname = folderOf(__filename);`;

/** Bundles it into the folder and returns its path. */
export async function buildVictim(dir: string): Promise<string> {
  const outfile = join(dir, 'victim.mjs');
  await build({
    entryPoints: [SOURCE],
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
    banner: { js: BANNER },
    logLevel: 'error',
  });
  return outfile;
}
