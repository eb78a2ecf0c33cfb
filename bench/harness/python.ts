/** The Python of the peers: a virtual environment in the cache, made once for each list of requirements. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defaultCacheDir } from '../../devstack/binaries/fetch.ts';

const run = promisify(execFile);
const REQUIREMENTS = fileURLToPath(new URL('../peers/requirements.txt', import.meta.url));
const INSTALL_TIMEOUT_MS = 600_000;

/** Path of the interpreter with all requirements installed. @throws {Error} when Python 3 or pip is missing */
export async function findPython(say: (line: string) => void): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const dir = path.join(defaultCacheDir(), `bench-${hash}`);
  const python = path.join(dir, 'bin', 'python');
  const done = path.join(dir, 'installed');
  if (existsSync(done)) return python;
  say(`Installing what the peers need into ${dir}`);
  rmSync(dir, { recursive: true, force: true });
  const options = { timeout: INSTALL_TIMEOUT_MS };
  await run('python3', ['-m', 'venv', dir], options);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS];
  await run(python, pip, options);
  writeFileSync(`${done}.part`, '');
  renameSync(`${done}.part`, done);
  return python;
}
