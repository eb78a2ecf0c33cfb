/** Text for terminals: tables, numbers, and foreign text made harmless. */

const DIGIT_GROUP_SEPARATOR = ' ';

/** Control characters but tab and line feed, and those that turn the direction of writing. */
const UNPRINTABLE = /[^\P{Cc}\t\n]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text from outside (keys, reasons, messages) with its control characters shown, not obeyed. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

/** 1234567 as "1 234 567". */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, DIGIT_GROUP_SEPARATOR);
}

/** "1 minute", "2 minutes". */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A table with aligned columns: numbers to the right, everything else to the left. */
export function textTable(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [header, ...rows.map((row) => row.map(cellText))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const isNumber = header.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          isNumber[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cellText(cell: string | number): string {
  return typeof cell === 'number' ? grouped(cell) : printable(cell);
}
