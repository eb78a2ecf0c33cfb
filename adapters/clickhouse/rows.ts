/** What goes into ClickHouse in our own words: rows as lines of JSON, hours and ranges as parameters. */

import { hourStartMs, type Hour, type HourRange } from '../../domain/hour.ts';

/** Lines go out in buffers of about this size. */
const BUFFER_BYTES = 256 * 1024;

/** One row as a line of JSONEachRow. */
export function jsonLine(row: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(`${JSON.stringify(row)}\n`, 'utf8');
}

/** Rows as a stream of lines, put together into buffers. */
export function* jsonLines(rows: Iterable<Readonly<Record<string, unknown>>>): Generator<Buffer, void, undefined> {
  let text = '';
  for (const row of rows) {
    text += `${JSON.stringify(row)}\n`;
    if (text.length >= BUFFER_BYTES) {
      yield Buffer.from(text, 'utf8');
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text, 'utf8');
}

/** Start of the hour, seconds since 1970: how hours go into ClickHouse. */
export function hourSeconds(hour: Hour): number {
  return hourStartMs(hour) / 1000;
}

/**
 * SQL: whether a column of hours lies within a range, whose ends are the parameters of {@link rangeParameters}. They are numbers there:
 * as a DateTime, ClickHouse takes one of few digits for a year.
 */
export function hourInRange(column = 'hour'): string {
  return `${column} >= toDateTime({from:UInt32}, 'UTC') AND ${column} < toDateTime({to:UInt32}, 'UTC')`;
}

/** The ends of a range as parameters of a statement, seconds since 1970. */
export function rangeParameters({ from, to }: HourRange): { readonly from: number; readonly to: number } {
  return { from: hourSeconds(from), to: hourSeconds(to) };
}
