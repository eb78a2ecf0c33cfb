/** Texts and formats of a language. */
import type { Language } from '../../../domain/metrics/text.ts';
import { Formats } from '../format.ts';
import { fill, TEXTS, type TextKey } from './texts.ts';

/** What is said in one language. */
export interface Words {
  readonly formats: Formats;
  /** The text in that language; `{name}` in it is replaced. */
  readonly t: (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;
}

/** The words of a language. */
export function wordsOf(language: Language): Words {
  return { formats: new Formats(language), t: (key, values) => fill(TEXTS[key][language], values) };
}
