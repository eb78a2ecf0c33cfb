/** The settings of the stack that runs, for commands in other terminals: `.clickfeed/env`, there while `up` runs. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from './state.ts';

/** Writes the settings, which hold the keys of the embedded servers; readable by its owner only. */
export function writeEnvFile(dir: string, settings: Readonly<Record<string, string>>): void {
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writePrivate(envFile(dir), `# Written by clickfeed up: the servers that it runs, and their keys.\n${lines.join('')}`);
}

/** Removes them when the stack is stopped. */
export function removeEnvFile(dir: string): void {
  rmSync(envFile(dir), { force: true });
}

function envFile(dir: string): string {
  return join(dir, 'env');
}
