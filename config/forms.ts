/** The forms that values of the configuration have: each reads the text of an environment variable. */
import { z } from 'zod';
import { isTableName, type TableName } from '../domain/catalogue.ts';
import { parseHour, type Hour } from '../domain/hour.ts';
import { readThresholds, type Thresholds } from '../domain/metrics/thresholds.ts';

/** Any text but blanks. */
export const text = z.string().trim().min(1);

/** An http or https URL without credentials, which would end up in logs; its trailing slash is dropped. */
export const httpUrl = z
  .string()
  .trim()
  .transform((value, context) => {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    const usable = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
    if (usable) return value.replace(/\/$/, '');
    context.addIssue('no usable URL');
    return z.NEVER;
  });

/** A whole number in [least, most]. */
export function wholeNumber(least: number, most: number): z.ZodType<number, string> {
  return z
    .string()
    .trim()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most));
}

/** One of the texts. */
export function choice<const T extends readonly string[]>(choices: T): z.ZodType<T[number], string> {
  return z.string().trim().toLowerCase().pipe(z.enum(choices));
}

/** Host names separated by commas, in lower case. */
export const hostNames = z
  .string()
  .transform((value): readonly string[] => value.split(',').map((name) => name.trim().toLowerCase()))
  .pipe(z.array(z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/)).readonly());

/** An hour of the feed. */
export const hour = z.string().transform((value, context): Hour => {
  try {
    return parseHour(value.trim());
  } catch {
    context.addIssue('no hour');
    return z.NEVER;
  }
});

/** Tables of the catalogue separated by commas, each once. */
export const tables = z.string().transform((value, context): readonly TableName[] => {
  const names = value.split(',').map((name) => name.trim());
  const known = names.filter(isTableName);
  if (known.length === names.length && known.length > 0) return [...new Set(known)];
  context.addIssue('not all tables');
  return z.NEVER;
});

/** Thresholds of the scorecard, such as `coverage=0.99/0.95,gaps=0/5`. */
export const thresholds = z.string().transform((value, context): Thresholds => {
  const read = readThresholds(value);
  if (typeof read !== 'string') return read;
  context.addIssue(read);
  return z.NEVER;
});
