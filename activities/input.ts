/** Checks what workflows hand over: history is data from outside, whoever started the run. */
import { isTableName, TABLE_NAMES } from '../domain/catalogue.ts';
import { InputError } from '../domain/errors.ts';
import { countHours, parseHour } from '../domain/hour.ts';
import { LOAD_MODES, type LoadWindow } from '../domain/loading.ts';

/** A window holds at most this many hours, so that reports stay far below Temporal's payload limit. */
const WINDOW_HOURS_MAX = 24 * 31;

/**
 * The window, proven.
 * @throws {InputError} naming the field that cannot be meant
 */
export function checkWindow(input: LoadWindow): LoadWindow {
  const { table, mode } = input;
  if (!isTableName(table)) {
    throw new InputError(`Cannot load table ${JSON.stringify(table)}: expected one of ${TABLE_NAMES.join(', ')}`);
  }
  if (!LOAD_MODES.includes(mode)) {
    throw new InputError(`Cannot load in mode ${JSON.stringify(mode)}: expected one of ${LOAD_MODES.join(', ')}`);
  }
  const window = { ...input, from: parseHour(input.from), to: parseHour(input.to) };
  const hours = countHours(window);
  if (hours < 1 || hours > WINDOW_HOURS_MAX) {
    throw new InputError(
      `Cannot load from ${window.from} to ${window.to}: found ${hours} hours, expected 1 to ${WINDOW_HOURS_MAX}`,
    );
  }
  return window;
}
