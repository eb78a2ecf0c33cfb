/** Reads arguments and options of commands; what cannot be meant is refused before anything is started. */
import { isTableName, TABLE_NAMES, type TableName } from '../../domain/catalogue.ts';
import { InputError } from '../../domain/errors.ts';
import { parseHour, type Hour } from '../../domain/hour.ts';

/** An hour such as 2024-05-01T13. @throws {InputError} */
export function hourArgument(text: string): Hour {
  return parseHour(text);
}

/** Tables separated by commas, each once. @throws {InputError} */
export function tablesArgument(text: string): readonly TableName[] {
  const names = text.split(',').map((name) => name.trim());
  const known = names.filter(isTableName);
  if (known.length === names.length) return [...new Set(known)];
  throw new InputError(
    `Cannot read ${JSON.stringify(text)} as tables: expected one or more of ${TABLE_NAMES.join(', ')}`,
  );
}

/** A whole number in [least, most]. @throws {InputError} */
export function numberArgument(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InputError(
      `Cannot read ${JSON.stringify(text)} as a number: expected a whole one from ${least} to ${most}`,
    );
  };
}
