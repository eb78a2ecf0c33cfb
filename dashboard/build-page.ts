/**
 * Bundles the page with esbuild: in development at every start (a second), in `npm run build` once into dist/.
 * esbuild is a development dependency; a production installation serves the built files.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import type { PageFile } from './server/assets.ts';

const PAGE = fileURLToPath(new URL('./page/', import.meta.url));
/** Browsers of the last years: what `popover` and `dialog` need. */
const TARGETS = ['chrome114', 'firefox125', 'safari17'];

/**
 * Builds the page: one script, one style sheet, the parts that load later, the document and the licences.
 * @param sources folder of the page's sources, ending in a slash
 */
export async function buildPage(sources = PAGE): Promise<PageFile[]> {
  const result = await build({
    entryPoints: [`${sources}main.tsx`],
    outdir: '/',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: TARGETS,
    minify: true,
    write: false,
    metafile: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'linked',
    logLevel: 'silent',
  });
  const files = result.outputFiles.map(({ path, contents }) => ({ name: basename(path), bytes: contents }));
  const icon = { name: 'icon.svg', bytes: await readFile(`${sources}icon.svg`) };
  const template = await readFile(`${sources}index.html`, 'utf8');
  const script = entryName(files, '.js');
  const document = template
    .replace('main.css', entryName(files, '.css'))
    .replace('main.js', script)
    .replace('</title>', `</title>${importsOf(script, result.metafile).map(preloadOf).join('')}`);
  return [...files, icon, { name: 'index.html', bytes: Buffer.from(document) }];
}

function entryName(files: readonly PageFile[], extension: string): string {
  return files.find(({ name }) => name.startsWith('main-') && name.endsWith(extension))?.name ?? `main${extension}`;
}

/** The scripts that a script cannot begin without: the browser would find them only once that one is there. */
function importsOf(script: string, { outputs }: Metafile): string[] {
  const output = Object.entries(outputs).find(([path]) => basename(path) === script)?.[1];
  return (output?.imports ?? []).filter(({ kind }) => kind === 'import-statement').map(({ path }) => basename(path));
}

function preloadOf(script: string): string {
  return `\n    <link rel="modulepreload" href="/${script}" />`;
}
