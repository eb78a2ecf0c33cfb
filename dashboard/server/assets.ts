/** The built page: files in memory, by address. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SetupError } from '../../domain/errors.ts';

/** One file of the page as the bundler made it. */
export interface PageFile {
  /** Such as main-ABC123.js; index.html is the page itself. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file ready to be sent. */
export interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** Compresses the files once. Files of unknown kinds are left out. */
export function prepareAssets(files: readonly PageFile[]): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  for (const { name, bytes } of files) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const plain = Buffer.from(bytes);
    assets.set(name, { type, plain, gzip: gzipSync(plain) });
  }
  return assets;
}

/**
 * Reads the page that `npm run build` left in a folder.
 * @throws {SetupError} when there is none
 */
export async function readPageFiles(folder: string): Promise<PageFile[]> {
  const names = await readdir(folder).catch((): string[] => []);
  if (!names.includes('index.html')) {
    throw new SetupError('Cannot serve the dashboard: found no built page, expected one of "npm run build"');
  }
  return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })));
}
