import { describe, expect, test } from 'vitest';
import { printable } from '../../domain/printable.ts';
import { textTable } from '../../client/cli/text.ts';

describe('printable()', () => {
  test('printable() shows control characters and turned writing instead of obeying them', () => {
    expect(printable('key\u001b[2J\u0007\r\u009b\u202egpj')).toBe('key\\u001b[2J\\u0007\\u000d\\u009b\\u202egpj');
  });

  test('printable() leaves letters of all languages, tabs and line feeds', () => {
    expect(printable('Zürich\tМосква\n東京 🙂')).toBe('Zürich\tМосква\n東京 🙂');
  });
});

describe('textTable()', () => {
  test('textTable() sets numbers to the right and text to the left', () => {
    expect(
      textTable(
        ['table', 'rows', 'note'],
        [
          ['geo', 1234, 'a'],
          ['browser', 5, ''],
        ],
      ).split('\n'),
    ).toEqual(['table     rows  note', 'geo      1 234  a', 'browser      5']);
  });

  test('textTable() has only its header without rows', () => {
    expect(textTable(['table', 'rows'], [])).toBe('table  rows');
  });
});
