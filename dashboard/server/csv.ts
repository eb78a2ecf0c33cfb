/** CSV as spreadsheets take it: RFC 4180, with a byte order mark so that Excel reads UTF-8. */

export type CsvCell = string | number | boolean | null | undefined;

/** A table to export. */
export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly CsvCell[])[];
}

const BYTE_ORDER_MARK = '\u{feff}';
/** A spreadsheet would run a text that begins so as a formula. */
const FORMULA_START = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** The table as CSV. A text that a spreadsheet would take for a formula gets an apostrophe in front. */
export function writeCsv({ header, rows }: CsvTable): string {
  return BYTE_ORDER_MARK + [header, ...rows].map((row) => `${row.map(writeCell).join(',')}\r\n`).join('');
}

function writeCell(cell: CsvCell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = FORMULA_START.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
