/** What the embedded stack remembers between starts: its keys, made once, and the demo feed that it holds. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SetupError } from '../domain/errors.ts';
import { parseHour } from '../domain/hour.ts';
import { IMPERFECTIONS } from './demo/publications.ts';

const DEMO = z.object({
  /** First hour of the feed. */
  from: z.string().transform(parseHour),
  /** How many hours it had at the first start. */
  hours: z.number(),
  seed: z.number(),
  rowsPerHour: z.number(),
  imperfections: z.array(z.enum(IMPERFECTIONS)),
});

const STATE = z.object({
  clickhousePassword: z.string(),
  /** Missing in a folder of an earlier version; {@link loadState} then makes it. */
  clickhouseReaderPassword: z.string().default(newPassword),
  s3AccessKeyId: z.string(),
  s3SecretAccessKey: z.string(),
  demo: DEMO.optional(),
});

/** The demo feed that the stack holds. */
export type DemoState = z.output<typeof DEMO>;

/** The remembered state. Holds secrets of the embedded servers: readable by its owner only. */
export type StackState = z.output<typeof STATE>;

/**
 * Reads the state of a stack's folder, or makes a new one.
 * @throws {SetupError} when the file there is not one of ours
 */
export function loadState(dir: string): StackState {
  const file = stateFile(dir);
  if (!existsSync(file)) return newState(dir);
  try {
    const state = STATE.parse(JSON.parse(readFileSync(file, 'utf8')));
    saveState(dir, state);
    return state;
  } catch (error) {
    throw new SetupError(
      `Cannot read ${file}: it is not what clickfeed wrote; restore it, or remove ${dir} to begin anew without its data`,
      { cause: error },
    );
  }
}

/** Writes the state, whole or not at all. */
export function saveState(dir: string, state: StackState): void {
  writePrivate(stateFile(dir), `${JSON.stringify(state, null, 2)}\n`);
}

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivate(file: string, text: string): void {
  writeFileSync(`${file}.part`, text, { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

function newState(dir: string): StackState {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700); // also when it was there before
  const state = {
    clickhousePassword: newPassword(),
    clickhouseReaderPassword: newPassword(),
    s3AccessKeyId: randomBytes(10).toString('hex').toUpperCase(),
    s3SecretAccessKey: randomBytes(30).toString('base64url'),
  };
  saveState(dir, state);
  return state;
}

function newPassword(): string {
  return randomBytes(18).toString('base64url');
}

function stateFile(dir: string): string {
  return join(dir, 'stack.json');
}
