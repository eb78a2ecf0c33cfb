/**
 * The hour: a UTC hour named by its start, "2024-04-10T23". It is the partition of the feed and the unit of coverage.
 */
import { InputError } from './errors.ts';

/** A UTC hour such as "2024-04-10T23". Only {@link parseHour} and {@link hourAt} make one. Hours compare as strings. */
export type Hour = string & { readonly __brand: 'Hour' };

/** A range of hours, `from` included and `to` excluded. */
export interface HourRange {
  readonly from: Hour;
  readonly to: Hour;
}

export const HOUR_MS = 3_600_000;

const HOUR_TEXT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2})(?::00(?::00(?:\.0+)?)?)?(?:Z|\+00:?00)?$/;

/**
 * Reads an hour: "2024-04-10T23", also with ":00", ":00:00" and "Z" behind it.
 * @throws {InputError} when the text names no hour of the calendar.
 */
export function parseHour(text: string): Hour {
  const match = HOUR_TEXT.exec(text);
  const ms = match ? Date.parse(`${match[1]}T${match[2]}:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms) || hourAt(ms) !== `${match?.[1]}T${match?.[2]}`) {
    throw new InputError(`Cannot read ${JSON.stringify(text)} as an hour: expected UTC such as "2024-04-10T23"`);
  }
  return hourAt(ms);
}

/** The hour that holds an instant, `ms` being milliseconds since 1970 UTC. */
export function hourAt(ms: number): Hour {
  return new Date(ms).toISOString().slice(0, 13) as Hour;
}

/** The start of the hour, in milliseconds since 1970 UTC. */
export function hourStartMs(hour: Hour): number {
  return Date.parse(`${hour}:00:00Z`);
}

/** The hour `count` hours later; earlier when negative. */
export function addHours(hour: Hour, count: number): Hour {
  return hourAt(hourStartMs(hour) + count * HOUR_MS);
}

/** How many hours lie in the range; 0 when `to` is not after `from`. */
export function countHours(range: HourRange): number {
  return Math.max(0, (hourStartMs(range.to) - hourStartMs(range.from)) / HOUR_MS);
}

/** The hours of the range, oldest first. */
export function* hoursOf(range: HourRange): Generator<Hour> {
  for (let hour = range.from; hour < range.to; hour = addHours(hour, 1)) yield hour;
}

/** The range of one hour. */
export function onlyHour(hour: Hour): HourRange {
  return { from: hour, to: addHours(hour, 1) };
}

/** The newest hour that has ended at the instant `ms`. */
export function lastCompleteHour(ms: number): Hour {
  return hourAt(ms - HOUR_MS);
}

/** Cuts a range at the UTC days, oldest first. */
export function* daysOf(range: HourRange): Generator<HourRange> {
  let from = range.from;
  while (from < range.to) {
    const nextDay = addHours(parseHour(`${from.slice(0, 10)}T00`), 24);
    const to = nextDay < range.to ? nextDay : range.to;
    yield { from, to };
    from = to;
  }
}
