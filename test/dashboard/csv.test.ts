/** CSV: what a spreadsheet reads back is what was written, and nothing in it runs. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { writeCsv } from '../../dashboard/server/csv.ts';

/** A plain reader of RFC 4180. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index]!;
    if (quoted && char === '"' && text[index + 1] === '"') {
      cell += '"';
      index += 1;
    } else if (char === '"') quoted = !quoted;
    else if (!quoted && (char === ',' || char === '\r')) {
      rows.at(-1)!.push(cell);
      cell = '';
      if (char === '\r') {
        index += 1;
        rows.push([]);
      }
    } else cell += char;
  }
  return rows.slice(0, -1);
}

it('writeCsv() writes what an RFC 4180 reader reads back, texts that look like formulas with an apostrophe', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', '=', '+', '-', '@', '\t', 'я', ' ') });
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 2 })), (rows) => {
      const [header, ...read] = readCsv(writeCsv({ header: ['a', 'b'], rows }).replace('\u{feff}', ''));
      expect(header).toEqual(['a', 'b']);
      expect(read).toEqual(rows.map((row) => row.map((text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text))));
    }),
  );
});

it('writeCsv() leaves numbers bare and what is not known empty', () => {
  expect(writeCsv({ header: ['x'], rows: [[-1.5], [null], [undefined]] })).toBe('\u{feff}x\r\n-1.5\r\n\r\n\r\n');
});
