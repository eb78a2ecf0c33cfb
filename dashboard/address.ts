/**
 * How what a panel is asked stands in an address, for the page's own addresses and the server's: `f=source:google` keeps
 * one value, `f=source` what has none. Pure; shared by server and page.
 */
import { isDimensionId } from '../domain/metrics/dimensions.ts';
import { InputError } from '../domain/errors.ts';
import type { Filter, PanelQuery } from './reader.ts';

/** A filter as the value of the parameter `f`. */
export function writeFilter({ dimension, value }: Filter): string {
  return value === null ? dimension : `${dimension}:${value}`;
}

/**
 * Reads what {@link writeFilter} wrote; the value is all that follows the first colon.
 * @throws {InputError} when it names no dimension
 */
export function readFilter(text: string): Filter {
  const colon = text.indexOf(':');
  const dimension = colon < 0 ? text : text.slice(0, colon);
  if (!isDimensionId(dimension)) {
    throw new InputError(`Cannot filter by ${JSON.stringify(dimension)}: expected a dimension such as "source"`);
  }
  return { dimension, value: colon < 0 ? null : text.slice(colon + 1) };
}

/** The parameters of a panel's question, with those of its own behind them. */
export function writePanelQuery(
  { range, filters }: PanelQuery,
  own: Readonly<Record<string, string | number>> = {},
): URLSearchParams {
  const params = new URLSearchParams({ from: range.from, to: range.to });
  for (const filter of filters) params.append('f', writeFilter(filter));
  for (const [name, value] of Object.entries(own)) params.set(name, String(value));
  return params;
}
