/**
 * Entries with odd lines between good ones, each with what must become of it. `scripts/hostile-lines.ts` writes them into
 * `test/faults/hostile-lines/`: `<outcome>--<case>-<what>.<table>.jsonl`.
 *
 * - `loaded`: every line that is not blank becomes a row
 * - `drift`: so does every line, and the unknown fields are reported
 * - `quarantined-<reason>`: the good lines become rows, all others are kept aside with that reason
 * - `rejected-<reason>`: the object is refused whole
 */
import type { TableName } from '../../domain/catalogue.ts';
import { parseHour } from '../../domain/hour.ts';
import { linesOf } from '../support/feed-lines.ts';

const HOUR = parseHour('2024-05-01T13');
const GOOD_LINES = 12;

/** The lines of an entry that are as they should be. */
export function goodLines(table: TableName): string[] {
  return linesOf(table, HOUR, GOOD_LINES);
}

/** A file. */
export interface HostileEntry {
  readonly outcome: string;
  readonly caseNumber: number;
  readonly what: string;
  readonly table: TableName;
  readonly bytes: Buffer;
}

/** How the file is called; everything that a test must know is in the name. */
export function fileNameOf({ outcome, caseNumber, what, table }: HostileEntry): string {
  return `${outcome}--${caseNumber}-${what.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.${table}.jsonl`;
}

/** All of them. */
export function hostileEntries(): HostileEntry[] {
  return [...quarantined(), ...loaded(), ...rejected()];
}

type Odd = readonly [caseNumber: number, what: string, reason: string, table: TableName, line: string | Buffer];

/** A good line with one piece of its text replaced. */
function lineWith(table: TableName, from: string | RegExp, to: string): string {
  const line = linesOf(table, HOUR, GOOD_LINES + 1).at(-1) ?? '';
  const changed = line.replace(from, () => to);
  if (changed === line) throw new Error(`Expected ${String(from)} in the line`);
  return changed;
}

const GEO = 'geo_events';
const BROWSER = 'browser_events';
const DEVICE = 'device_events';
const LATITUDE = '"geo_latitude":"50.82709"';
const TIME = /"event_timestamp":"[^"]*"/;

function timestamp(value: string): string {
  return lineWith(BROWSER, TIME, `"event_timestamp":${value}`);
}

function oddLines(): Odd[] {
  const plain = lineWith(GEO, 'DE', 'FR');
  const pretty = JSON.stringify(JSON.parse(plain), undefined, 2);
  const invalidUtf8 = Buffer.from(lineWith(GEO, 'Köln', 'K\u0001ln'), 'latin1');
  invalidUtf8[invalidUtf8.indexOf(1)] = 0xf6;
  return [
    [41, 'two objects on a line', 'not-json', GEO, `${plain}{"a":1}`],
    [41, 'two whole lines on one', 'not-json', GEO, plain + plain],
    [41, 'a comma behind the object', 'not-json', GEO, `${plain},`],
    [41, 'an array', 'not-json', GEO, '[{"a":1}]'],
    [41, 'an array of a whole line', 'not-json', GEO, `[${plain}]`],
    [41, 'a pretty-printed object', 'not-json', GEO, pretty],
    [41, 'a text, a number, null', 'not-json', GEO, '"text"\n12\nnull'],
    [41, 'a line of another format', 'not-json', GEO, 'click_id,geo_latitude'],
    [43, 'null for a required field', 'missing-field', GEO, lineWith(GEO, /"click_id":"[^"]*"/, '"click_id":null')],
    [43, 'a required field left out', 'missing-field', GEO, lineWith(GEO, /"click_id":"[^"]*",/, '')],
    [43, 'an empty object', 'missing-field', GEO, '{}'],
    [44, 'a number where text is declared', 'wrong-type', GEO, lineWith(GEO, '"DE"', '49')],
    [44, 'an object where text is declared', 'wrong-type', GEO, lineWith(GEO, '"DE"', '{"a":"DE"}')],
    [44, 'an array where text is declared', 'wrong-type', GEO, lineWith(GEO, '"DE"', '["DE"]')],
    [
      44,
      'a boolean as text',
      'wrong-type',
      DEVICE,
      lineWith(DEVICE, /"device_is_mobile":\w+/, '"device_is_mobile":"true"'),
    ],
    [44, 'a boolean as 2', 'wrong-type', DEVICE, lineWith(DEVICE, /"device_is_mobile":\w+/, '"device_is_mobile":2')],
    [45, 'an epoch number', 'wrong-type', BROWSER, timestamp('1712790000')],
    [45, 'an epoch number as text', 'wrong-type', BROWSER, timestamp('"1712790000"')],
    [45, 'month 13', 'out-of-range', BROWSER, timestamp('"2024-13-01 00:00:00"')],
    [45, '30 February', 'out-of-range', BROWSER, timestamp('"2024-02-30 00:00:00"')],
    [45, 'an empty time', 'wrong-type', BROWSER, timestamp('""')],
    [45, 'a zone behind the time', 'wrong-type', BROWSER, timestamp('"2024-05-01 13:00:00Z"')],
    [45, 'seven digits of a fraction', 'wrong-type', BROWSER, timestamp('"2024-05-01 13:00:00.1234567"')],
    [47, 'invalid UTF-8', 'not-utf-8', GEO, invalidUtf8],
    [47, 'a lone surrogate', 'not-json', GEO, lineWith(GEO, 'Köln', '\\ud800')],
    [47, 'a bad escape', 'not-json', GEO, lineWith(GEO, 'Köln', '\\q')],
    [47, 'a control character', 'not-json', GEO, lineWith(GEO, 'Köln', 'K\u0007ln')],
    [47, 'a NUL', 'not-json', GEO, lineWith(GEO, 'Köln', 'K\u0000ln')],
    [49, 'nesting of 1500', 'not-json', GEO, lineWith(GEO, '{', `{"x":${'['.repeat(1500)}${']'.repeat(1500)},`)],
    [50, 'a duplicate key', 'not-json', GEO, lineWith(GEO, '{', '{"geo_country":"DE",')],
    [54, 'another case of a key', 'missing-field', GEO, lineWith(GEO, '"click_id"', '"Click_ID"')],
    [55, 'NaN', 'wrong-type', GEO, lineWith(GEO, LATITUDE, '"geo_latitude":"NaN"')],
    [55, 'NaN without quotes', 'not-json', GEO, lineWith(GEO, LATITUDE, '"geo_latitude":NaN')],
    [55, '1e400', 'out-of-range', GEO, lineWith(GEO, LATITUDE, '"geo_latitude":1e400')],
    [55, 'Infinity as text', 'wrong-type', GEO, lineWith(GEO, LATITUDE, '"geo_latitude":"Infinity"')],
    [55, 'latitude 91', 'out-of-range', GEO, lineWith(GEO, LATITUDE, '"geo_latitude":"91"')],
  ];
}

/** The odd line in the middle; one that was cut short at the end, without a line feed. */
function quarantined(): HostileEntry[] {
  const entries = oddLines().map(([caseNumber, what, reason, table, line]): HostileEntry => {
    const good = goodLines(table).map((each) => `${each}\n`);
    const pieces = [...good.slice(0, 5), line, '\n', ...good.slice(5)];
    const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
    return { outcome: `quarantined-${reason}`, caseNumber, what, table, bytes };
  });
  const cut = [...goodLines(GEO), lineWith(GEO, /.{20}$/, '')].join('\n');
  const last = { outcome: 'quarantined-not-json', caseNumber: 39, what: 'a last line cut short', table: GEO } as const;
  return [...entries, { ...last, bytes: Buffer.from(cut) }];
}

function loaded(): HostileEntry[] {
  const lines = goodLines(GEO);
  const withLine = (table: TableName, line: string): string => [...goodLines(table), line, ''].join('\n');
  const entries: readonly (readonly [string, number, string, TableName, string])[] = [
    ['loaded', 40, 'no final newline', GEO, lines.join('\n')],
    ['loaded', 40, 'CRLF', GEO, lines.map((line) => `${line}\r\n`).join('')],
    ['loaded', 40, 'a BOM', GEO, `\uFEFF${lines.join('\n')}\n`],
    ['loaded', 40, 'blank lines', GEO, `\n \n${lines.join('\n\n')}\n\t\r\n\n`],
    ['loaded', 40, 'spaces around an object', GEO, withLine(GEO, `  ${lineWith(GEO, 'DE', 'FR')}\t `)],
    ['drift', 42, 'an unknown field', GEO, withLine(GEO, lineWith(GEO, '{', '{"fresh":{"a":[1,2]},'))],
    [
      'drift',
      42,
      'a field named like what objects have',
      GEO,
      withLine(GEO, lineWith(GEO, '{', '{"__proto__":{"a":1},')),
    ],
    ['loaded', 44, 'a coordinate as a number', GEO, withLine(GEO, lineWith(GEO, LATITUDE, '"geo_latitude":50.82709'))],
    ['loaded', 46, 'a time without fraction', BROWSER, withLine(BROWSER, timestamp('"2024-05-01 13:00:00"'))],
    ['loaded', 46, 'one digit of a fraction', BROWSER, withLine(BROWSER, timestamp('"2024-05-01 13:00:00.5"'))],
    ['loaded', 52, 'a time outside its hour', BROWSER, withLine(BROWSER, timestamp('"2024-05-01 11:59:59.999999"'))],
    [
      'loaded',
      47,
      'escapes and every kind of character',
      GEO,
      withLine(GEO, lineWith(GEO, 'Köln', '\\u00e9\\n\\ud83d\\ude00 \u202e中')),
    ],
  ];
  return entries.map(([outcome, caseNumber, what, table, text]) => {
    return { outcome, caseNumber, what, table, bytes: Buffer.from(text) };
  });
}

function rejected(): HostileEntry[] {
  const parsed: unknown[] = goodLines(GEO).map((line) => JSON.parse(line) as unknown);
  const entries = [
    [41, 'everything in one pretty-printed array', JSON.stringify(parsed, undefined, 2)],
    [41, 'every object pretty-printed', parsed.map((each) => JSON.stringify(each, undefined, 2)).join('\n')],
    [53, 'every line bad', 'no JSON\n'.repeat(11)],
    [53, 'CSV with a header', `click_id,geo_country\n${'a,DE\n'.repeat(20)}`],
  ] as const;
  return entries.map(([caseNumber, what, text]) => {
    return { outcome: 'rejected-too-many-bad-lines', caseNumber, what, table: GEO, bytes: Buffer.from(text) };
  });
}
