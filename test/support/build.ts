/**
 * The compiled program, for tests that start it as a process: what is deployed, and no loader or bundler runs in every one of them.
 * It is built at the start of a run while the first tests go on, unless dist/ holds these very sources already.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { eventually } from './eventually.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Says which sources dist/ was built from; written last. */
const STAMP = join(ROOT, 'dist/.built-from');
/** All that goes into dist/. */
const SOURCES = [
  ...['activities', 'adapters', 'client', 'config', 'dashboard', 'devstack', 'domain', 'workflows'],
  ...['worker.ts', 'scripts/build.js', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
];
const BUILD_MS = 240_000;

/** A build of today's sources, wherever it stands. */
export interface Build {
  readonly sources: string;
  /** Holds what the build said, once it has failed. */
  readonly failurePath: string;
}

/** Begins the build unless dist/ is of today. */
export function startBuild(dir: string): Build & { readonly stop: () => Promise<void> } {
  const build: Build = { sources: hashOfSources(), failurePath: join(dir, 'build-failed') };
  if (builtFrom() === build.sources) return { ...build, stop: () => Promise.resolve() };
  rmSync(STAMP, { force: true });
  const args = ['scripts/build.js', '--noCheck'];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.on('close', (code) => {
    if (code === 0) writeFileSync(STAMP, build.sources);
    else writeFileSync(build.failurePath, `The build ended with ${code}:\n${said}`);
  });
  return {
    ...build,
    stop: async () => {
      child.kill();
      await closed;
    },
  };
}

/** Waits for the build. @returns the path of the compiled program @throws {Error} with what the build said when it failed */
export async function builtProgram(): Promise<string> {
  const { sources, failurePath } = inject('stack').build;
  await eventually(() => {
    if (existsSync(failurePath)) throw new Error(readFileSync(failurePath, 'utf8'));
    return builtFrom() === sources;
  }, BUILD_MS);
  return join(ROOT, 'dist/client/main.js');
}

function builtFrom(): string | undefined {
  return existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : undefined;
}

function hashOfSources(): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const path of filesOf(join(ROOT, source))) hash.update(path).update('\0').update(readFileSync(path));
  }
  return hash.digest('hex');
}

function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
