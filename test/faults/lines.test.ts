/** Cases 38 to 55, end to end: every odd line in one object beside good ones, over the real servers. */
import { describe, expect, it } from 'vitest';
import { entryName } from '../../domain/feed-object.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createLoader } from '../support/loader.ts';
import { publishObject } from '../support/s3.ts';
import { zipOf } from '../support/zip.ts';
import { expectExact, HOUR, windowOf } from './support.ts';

const GEO = 'geo_events';
const GOOD = 400;

/** A valid line of geo_events with one piece of its text replaced. */
function lineWith(from: string | RegExp, to: string): string {
  const [line = ''] = linesOf(GEO, HOUR, 1);
  const changed = line.replace(from, () => to);
  if (changed === line) throw new Error(`Expected ${String(from)} in the line`);
  return changed;
}

const LATITUDE = '"geo_latitude":"50.82709"';
const ODD: readonly (readonly [what: string, line: string, reason: RegExp])[] = [
  ['41: two objects on a line', lineWith(/\}$/, '}{"a":1}'), /^not JSON/],
  ['41: an array', '[{"a":1}]', /^not JSON/],
  ['43: null for a required field', lineWith(/"click_id":"[^"]*"/, '"click_id":null'), /^missing field: click_id/],
  ['44: a number where text is declared', lineWith('"DE"', '49'), /^wrong type: geo_country/],
  ['47: a lone surrogate', lineWith('Köln', '\\ud800'), /^not JSON/],
  ['49: nesting of 1,500', lineWith('{', `{"x":${'['.repeat(1500)}${']'.repeat(1500)},`), /^not JSON/],
  ['50: a duplicate key', lineWith('{', '{"geo_country":"DE",'), /duplicate|twice|not JSON/],
  ['54: another case of a key', lineWith('"click_id"', '"Click_ID"'), /^missing field: click_id/],
  ['55: NaN', lineWith(LATITUDE, '"geo_latitude":"NaN"'), /^wrong type: geo_latitude/],
  ['55: NaN without quotes', lineWith(LATITUDE, '"geo_latitude":NaN'), /^not JSON/],
  ['55: 1e400', lineWith(LATITUDE, '"geo_latitude":1e400'), /^out of range: geo_latitude/],
  ['55: latitude 91', lineWith(LATITUDE, '"geo_latitude":"91"'), /^out of range: geo_latitude/],
  ['39: a last line cut short', lineWith(/.{20}$/, ''), /^not JSON/],
];

describe('loadTable() of an object with odd lines', () => {
  it('cases 39, 41, 43, 44, 47, 49, 50, 54, 55: quarantines each with its number, text and reason, and keeps all others', async () => {
    const loader = await createLoader();
    const lines = linesOf(GEO, HOUR, GOOD);
    const numbers = ODD.map((_, i) => (i === ODD.length - 1 ? GOOD + ODD.length : 7 + i * 20));
    for (const [i, [, line]] of ODD.entries()) lines.splice((numbers[i] ?? 0) - 1, 0, line);
    const body = await zipOf(entryName(GEO), lines.join('\n')); // without a final newline
    await publishObject({ ...loader, table: GEO, hour: HOUR, body });
    const report = await loader.loadTable(windowOf(1, { table: GEO }));
    expect(report).toMatchObject({ lines: GOOD + ODD.length, rows: GOOD, quarantined: ODD.length });
    const found = await loader.database.rows<{ n: string; text: string; reason: string }>(
      'SELECT line_number AS n, text, reason FROM quarantine ORDER BY line_number',
    );
    expect(found.map(({ n, text }) => [Number(n), text])).toEqual(ODD.map(([, line], i) => [numbers[i], line]));
    for (const [i, [what, , reason]] of ODD.entries()) expect(found[i]?.reason, what).toMatch(reason);
    await expectExact(loader, { [HOUR]: GOOD }, GEO);
  });

  it.each([
    ['no final newline', (lines: readonly string[]) => lines.join('\n')],
    ['CRLF', (lines: readonly string[]) => lines.map((line) => `${line}\r\n`).join('')],
    ['a BOM', (lines: readonly string[]) => `\uFEFF${lines.join('\n')}\n`],
    ['blank lines', (lines: readonly string[]) => `\n\n${lines.join('\n\n')}\n\n`],
  ])('case 40: loads every line of an entry with %s', async (_what, join) => {
    const loader = await createLoader();
    const body = await zipOf(entryName(GEO), join(linesOf(GEO, HOUR, 30)));
    await publishObject({ ...loader, table: GEO, hour: HOUR, body });
    const report = await loader.loadTable(windowOf(1, { table: GEO }));
    expect(report).toMatchObject({ lines: 30, rows: 30, quarantined: 0 });
    await expectExact(loader, { [HOUR]: 30 }, GEO);
  });

  it('case 51: keeps 200,000 identical lines, all of them', async () => {
    const loader = await createLoader();
    const [line = ''] = linesOf(GEO, HOUR, 1);
    // Not packed: zipped, one repeated line exceeds the ratio of 200 that the loader of tests allows.
    const body = Buffer.from(`${line}\n`.repeat(200_000));
    await publishObject({ ...loader, table: GEO, hour: HOUR, format: 'jsonl', body });
    expect((await loader.loadTable(windowOf(1, { table: GEO }))).hours).toMatchObject([{ outcome: 'current' }]);
    await expectExact(loader, { [HOUR]: 200_000 }, GEO);
  }, 120_000);
});
