/** Reads workflow inputs, which anyone may have typed into the Web UI. Wrong input fails the run at once, in one sentence. */
import { ApplicationFailure } from '@temporalio/workflow';
import { isTableName, TABLE_NAMES, type TableName } from '../domain/catalogue.ts';
import { InputError } from '../domain/errors.ts';
import { parseHour, type Hour } from '../domain/hour.ts';
import { LOAD_MODES } from '../domain/loading.ts';

/** Reads the value of one field. @throws {InputError} */
type Reader<T> = (value: unknown) => T;

/** What the readers make of an input: every field optional. */
type Fields<R> = { readonly [K in keyof R]?: R[K] extends Reader<infer T> ? T : never };

/**
 * Reads an input object; nothing, null and {} all mean the defaults, and so does a field that is null.
 * @throws {ApplicationFailure} non-retryable, of type InputError
 */
export function readInput<R extends Record<string, Reader<unknown>>>(
  workflow: string,
  input: unknown,
  readers: R,
): Fields<R> {
  try {
    return readFields(input, readers);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw inputFailure(`Cannot start ${workflow}: ${error.message}`);
  }
}

/** The failure of a run that was asked for something that cannot be meant. */
export function inputFailure(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, InputError.name);
}

function readFields<R extends Record<string, Reader<unknown>>>(input: unknown, readers: R): Fields<R> {
  if (input === undefined || input === null) return {};
  if (typeof input !== 'object' || Array.isArray(input)) {
    throw new InputError(`found ${show(input)} as input, expected an object such as {} or nothing`);
  }
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(input)) {
    const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (reader === undefined) {
      throw new InputError(`found the unknown field ${show(key)}, expected ${Object.keys(readers).join(', ')}`);
    }
    if (value !== null && value !== undefined) fields[key] = readField(key, value, reader);
  }
  return fields as Fields<R>;
}

function readField(key: string, value: unknown, reader: Reader<unknown>): unknown {
  try {
    return reader(value);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`field "${key}": ${error.message}`);
    throw error;
  }
}

/** An hour such as "2024-04-10T23". */
export function hourField(value: unknown): Hour {
  if (typeof value !== 'string') throw new InputError(`found ${show(value)}, expected an hour such as "2024-04-10T23"`);
  return parseHour(value);
}

/** Tables of the catalogue: a list, or a text with commas; each once. */
export function tablesField(value: unknown): TableName[] {
  const names: unknown[] = typeof value === 'string' ? value.split(',').map((name) => name.trim()) : asList(value);
  const tables = names.map((name) => {
    if (typeof name === 'string' && isTableName(name)) return name;
    throw new InputError(`found ${show(name)}, expected one or more of ${TABLE_NAMES.join(', ')}`);
  });
  if (tables.length === 0) throw new InputError(`found no table, expected one or more of ${TABLE_NAMES.join(', ')}`);
  return [...new Set(tables)];
}

function asList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  throw new InputError(`found ${show(value)}, expected a list of ${TABLE_NAMES.join(', ')}`);
}

/** One of the texts. */
export function choiceField<const T extends string>(choices: readonly T[]): Reader<T> {
  return (value) => {
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) throw new InputError(`found ${show(value)}, expected ${choices.join(', ')}`);
    return choice;
  };
}

/** true or false. */
export function booleanField(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new InputError(`found ${show(value)}, expected true or false`);
}

/** A load mode. */
export const modeField = choiceField(LOAD_MODES);

/** A whole number in [least, most]. */
export function numberField(least: number, most: number): Reader<number> {
  return (value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InputError(`found ${show(value)}, expected a whole number from ${least} to ${most}`);
  };
}

/** Whatever was found, short enough for a sentence. */
function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
