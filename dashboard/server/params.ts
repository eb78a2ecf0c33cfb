/** Reads the parameters of a request: everything is checked before the reader is asked. */
import { z } from 'zod';
import { InputError } from '../../domain/errors.ts';
import { countHours, parseHour, type Hour } from '../../domain/hour.ts';
import { DIMENSION_IDS } from '../../domain/metrics/dimensions.ts';
import { METRIC_IDS } from '../../domain/metrics/metrics.ts';
import { readFilter } from '../address.ts';
import { GRAINS, type PanelQuery } from '../reader.ts';

/** So many filters at once are a mistake. */
const FILTERS_MOST = 20;
const FILTER_LENGTH_MOST = 2048;
/** Twenty years: bounds what a chart or a grid may ask for. */
const RANGE_HOURS_MOST = 20 * 366 * 24;

const hour = z.string().transform((text, context): Hour => {
  try {
    return parseHour(text);
  } catch {
    context.addIssue('expected an hour such as 2024-04-10T23');
    return z.NEVER;
  }
});

const filters = z.array(z.string().max(FILTER_LENGTH_MOST, 'expected at most 2048 characters')).max(FILTERS_MOST);
const family = z.enum(['views', 'sessions']);

/** The forms of all parameters; each panel picks those that it takes. */
export const PARAMS = {
  from: hour,
  to: hour,
  hour,
  f: filters,
  family,
  grain: z.enum(GRAINS),
  dimension: z.enum(DIMENSION_IDS),
  orderBy: z.enum(METRIC_IDS).optional(),
  limit: z.coerce.number().int().min(1).max(1000),
  name: z.string().max(80).optional(),
};

/**
 * Reads the parameters that a panel takes.
 * @throws {InputError} naming every parameter that is missing, wrong or unknown
 */
export function readParams<S extends z.ZodRawShape>(shape: S, search: URLSearchParams): z.infer<z.ZodObject<S>> {
  const raw: Record<string, unknown> = {};
  for (const key of new Set(search.keys())) raw[key] = key === 'f' ? search.getAll('f') : search.get(key);
  if ('f' in shape) raw['f'] ??= [];
  const result = z.strictObject(shape).safeParse(raw);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`.trim());
  throw new InputError(`Cannot read the address: found ${problems.join('; ')}`);
}

/**
 * The question of a panel.
 * @throws {InputError} when the range is empty or too long, or a filter names no dimension
 */
export function panelQuery(params: { from: Hour; to: Hour; f: readonly string[] }): PanelQuery {
  return { range: range(params), filters: params.f.map(readFilter) };
}

/**
 * The range.
 * @throws {InputError} when it is empty or longer than `hoursMost`
 */
export function range({ from, to }: { from: Hour; to: Hour }, hoursMost = RANGE_HOURS_MOST): PanelQuery['range'] {
  const hours = countHours({ from, to });
  if (hours === 0) throw new InputError(`Cannot use the range ${from} to ${to}: expected "from" before "to"`);
  if (hours > hoursMost) {
    throw new InputError(`Cannot use the range ${from} to ${to}: found ${hours} hours, expected at most ${hoursMost}`);
  }
  return { from, to };
}
