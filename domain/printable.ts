/** Foreign text made harmless for whoever looks at it: terminals, log viewers. */

/** Control characters but tab and line feed, and those that turn the direction of writing. */
const UNPRINTABLE = /[^\P{Cc}\t\n]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text from outside (keys, reasons, messages) with its control characters shown as `\u001b`, not obeyed. In a text of JSON they stand
 * within strings only, where that form means the same.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
