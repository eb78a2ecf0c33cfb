/** All texts of the page, in its languages. Names and meanings of metrics and dimensions are the domain's. */
import { COMMON } from './common.ts';
import { COVERAGE } from './coverage.ts';
import { OVERVIEW } from './overview.ts';
import { SCORECARD } from './scorecard.ts';

export const TEXTS = { ...COMMON, ...OVERVIEW, ...COVERAGE, ...SCORECARD };

/** Name of a text. */
export type TextKey = keyof typeof TEXTS;

/** Puts values in place of `{name}`; a name without a value becomes a dash. */
export function fill(text: string, values: Readonly<Record<string, string | number>> = {}): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : '–'));
}
