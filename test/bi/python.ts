/** A Python with the BI clients, in a virtual environment that is made once and kept. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defaultCacheDir } from '../../devstack/binaries/fetch.ts';

const run = promisify(execFile);
const REQUIREMENTS = fileURLToPath(new URL('./requirements.txt', import.meta.url));
const SCRIPT = fileURLToPath(new URL('./clients.py', import.meta.url));

/** "3.11" of python3, or undefined when there is none. */
export const PYTHON_VERSION = pythonVersion();

function pythonVersion(): string | undefined {
  try {
    const print = 'import sys, pip; print("%d.%d" % sys.version_info[:2])';
    return execFileSync('python3', ['-c', print], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

/** Runs clients.py with a document and reads its answer. */
export async function runClients(task: unknown): Promise<unknown> {
  const site = await clientsFolder();
  const python = spawn('python3', [SCRIPT], {
    env: { ...process.env, PYTHONPATH: site, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(python, 'close');
  python.stdin.end(JSON.stringify(task));
  const [answer, problems] = await Promise.all([text(python.stdout), text(python.stderr)]);
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`clients.py ended with ${code}:\n${problems}`);
  return JSON.parse(answer);
}

/** The folder with the pinned packages: of this Python and these requirements. Whoever is first makes it. */
async function clientsFolder(): Promise<string> {
  const requirements = await readFile(REQUIREMENTS);
  const digest = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  const cacheDir = defaultCacheDir();
  const home = join(cacheDir, `bi-clients-${PYTHON_VERSION}-${process.platform}-${process.arch}-${digest}`);
  if (existsSync(join(home, '.complete'))) return home;
  await mkdir(cacheDir, { recursive: true });
  const part = await mkdtemp(join(cacheDir, '.bi-clients-'));
  try {
    const options = [
      '--quiet',
      '--disable-pip-version-check',
      '--no-compile',
      '--only-binary=:all:',
      '--require-hashes',
    ];
    const pip = ['-m', 'pip', 'install', ...options, '--target', part, '-r', REQUIREMENTS];
    await run('python3', pip, { env: { ...process.env, PIP_USER: '0' } });
    await writeFile(join(part, '.complete'), '');
    await rename(part, home).catch((error: unknown) => {
      if (!existsSync(join(home, '.complete'))) throw error; // else another process was first
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return home;
}
