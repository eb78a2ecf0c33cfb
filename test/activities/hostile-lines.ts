/** Lines of a table as a careless or hostile publisher might write them: mostly valid, changed at one or two places. */
import fc from 'fast-check';
import { CATALOGUE, type FieldKind, type TableName } from '../../domain/catalogue.ts';
import { parseHour } from '../../domain/hour.ts';
import { fieldsOf } from '../support/feed-lines.ts';

const HOUR = parseHour('2024-05-01T13');

/** JSON tokens worth trying for a kind of field; right and wrong ones. */
const TOKENS: Readonly<Record<FieldKind, readonly string[]>> = {
  uuid: [
    '"811320f1-3bc2-42b9-a841-5a1e5a812f2d"',
    '"811320F1-3BC2-42B9-A841-5A1E5A812F2D"',
    '"\\u0038cca1c7d-b0cc-4738-be92-c644101e3fff"',
    '"00000000-0000-0000-0000-000000000000"',
    '"811320f13bc242b9a8415a1e5a812f2d"',
    '"811320f1-3bc2-42b9-a841-5a1e5a812f2"',
    '"811320f1-3bc2-42b9-a841-5a1e5a812f2d0"',
    '"811320g1-3bc2-42b9-a841-5a1e5a812f2d"',
    '"{811320f1-3bc2-42b9-a841-5a1e5a812f2d}"',
    '"811320f1-3bc2-42b9-a841-5a1e5a812f2d\\u0000"',
  ],
  timestamp: [
    '"2024-04-10 23:00:00"',
    '"2024-04-10 23:00:00.1"',
    '"2024-04-10 23:00:00.120000"',
    '"2024-04-10 23:00:00.1234567"',
    '"2024-04-10 23:00:00."',
    '"2024-02-30 23:00:00"',
    '"2023-02-29 23:00:00.5"',
    '"2024-13-10 23:00:00"',
    '"2024-04-10 24:00:00"',
    '"2024-04-10 23:59:60"',
    '"2024-04-10T23:00:00"',
    '"2024-04-10 23:00:00Z"',
    '"2024-04-10 23:00:00+03:00"',
    '"2024-04-10 23:00"',
    '"2024-4-10 23:00:00"',
    '"1970-01-01 00:00:00"',
    '"1969-12-31 23:59:59.999999"',
    '"2261-12-31 23:59:59.999999"',
    '"2262-01-01 00:00:00"',
    '"2299-12-31 23:59:59"',
    '"0000-00-00 00:00:00"',
    '"1900-01-01 00:00:00"',
    '"9999-12-31 23:59:59"',
    '"1712790000"',
    '"1712790000.123"',
    '1712790000',
    '1712790000.5',
    '"2024-04-10 23:00:00\\u0000"',
    '" 2024-04-10 23:00:00"',
  ],
  text: ['"\\u0000"', '"\\ud83d\\ude00"', '"\\/\\b\\f\\n\\r\\t\\"\\\\"', '"ü😀\u00a0\u2028"', '"{\\"a\\":1}"', '"null"', '"\u007f"'],
  category: ['"null"', '"NULL"', '"\\\\N"', '"\\u0000"', '"a\\u0000b"', '"\\ud83d\\ude00"', '"ключ"', '"\ufeff"', '"\ufffd"'],
  latitude: [
    '"50.82709"', '"-90"', '"90.00000000000001"', '"0"', '"-0"', '"00"', '"1e1"', '"+1"', '".5"', '"5."', '"0x10"', '"nan"',
    '"inf"', '"1_0"', '"12345678901234567e-16"', '"0.12345678901234"', '"0.123456789012345"', '"0.1234567890123456789"',
    '"1e-400"', '"5e-324"', '" 1"', '"1 "', '50.5', '-0.0', '1e1', '91', '1e400', 'NaN', 'inf', '-inf', '1.', '.5', '01', '+1',
  ],
  longitude: [
    '"180"', '"-180.0"', '"180.00000000000001"', '"179.99999999999999"', '"181"', '"1E+2"', '"8.9884656743115795e+307"', '180',
    '-6.9747', '1e2', 'Infinity', '"-0.00000000000001"',
  ],
  boolean: [
    'true', 'false', '1', '0', 'True', 'TRUE', 't', 'T', 'yes', 'on', 'tru', 'truee', '"true"', '"1"', '"t"', '2', '-1', '01', '1.0',
    '0.0', '1e0', '10', '+1', '-0', '""', 'null', 'NULL',
  ],
}; // prettier-ignore

const ANY_TOKENS = [
  'null', 'NULL', 'Null', 'true', '1', '-1', '1.5', '1e400', '""', '"x"', '[]', '["x"]', '{}', '{"a":1}', '{"a":1,"a":2}', '[1,]', '',
  'undefined', "'x'", '"\\q"', '"\\u12G4"', '"\\ud800"', '"\\udc00"', '"\\ud800\\ud800"', '"unterminated', '"a\tb"', '"a\u0001b"',
  '"x" "y"', '"x",', ',"x"', '/*c*/1', '1//c', `${'['.repeat(300)}${']'.repeat(300)}`, 'nan', '0x1', '"\\x41"', '"\\0"', '"\\\'"', 'nul',
]; // prettier-ignore

const NOISE = [
  ...Array.from('{}[]",:\\/ueE+-.0123456789tfnN_ '), '\t', '\r', '\f', '\v', '\0', '\u001f', '\u007f', '\u00a0', '\u2028', '\ufeff', "'", '/**/', '//', '#',
  '""', '\\"', '\\u0000', ',,', '}{', '}\r\r', '},', '} ', '\\', '\n', '"\n"', '\n\n',
]; // prettier-ignore

interface Part {
  readonly name: string;
  readonly token: string;
}

/** One change to the fields of a line. */
type Change = (parts: readonly Part[]) => Part[];

function fieldChange(table: TableName): fc.Arbitrary<Change> {
  const fields = CATALOGUE[table].fields;
  const position = fc.nat({ max: fields.length - 1 });
  const at =
    (i: number, change: (part: Part) => Part[]): Change =>
    (parts) =>
      parts.flatMap((part, j) => (j === i % parts.length ? change(part) : [part]));
  const token = position.chain((i) =>
    fc
      .oneof(
        { weight: 3, arbitrary: fc.constantFrom(...TOKENS[fields[i]?.kind ?? 'text']) },
        fc.constantFrom(...ANY_TOKENS),
        fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
        fc.double().map(String),
        fc.double({ noNaN: true, min: -200, max: 200 }).map((number) => `"${number}"`),
        fc.json(),
      )
      .map((value) => at(i, ({ name }) => [{ name, token: value }])),
  );
  const name = fc.oneof(
    fc.constantFrom(
      'new',
      '_o',
      '_n',
      '_extra',
      '_hour',
      '_load',
      '_line',
      '',
      '__proto__',
      'Click_ID',
      'click_id ',
      'event_id\\u0000',
    ),
    fc.string(),
  );
  const unknown = fc.tuple(position, name, fc.oneof(fc.json(), fc.constantFrom(...ANY_TOKENS)));
  return fc.oneof(
    { weight: 6, arbitrary: token },
    position.map((i) => at(i, () => [])),
    position.map((i) => at(i, (part) => [part, part])),
    position.map((i) => at(i, (part) => [part, { ...part, token: 'null' }])),
    position.map((i) => at(i, (part) => [{ ...part, name: part.name.toUpperCase() }])),
    position.map((i) =>
      at(i, (part) => [{ ...part, name: `\\u00${part.name.charCodeAt(0).toString(16)}${part.name.slice(1)}` }]),
    ),
    unknown.map(([i, key, value]) => at(i, (part) => [part, { name: JSON.stringify(key).slice(1, -1), token: value }])),
    fc.constant((parts: readonly Part[]) => parts.toReversed()),
  );
}

function textChange(): fc.Arbitrary<(text: string) => string> {
  const cut = fc.tuple(fc.nat({ max: 10_000 }), fc.nat({ max: 3 }), fc.constantFrom(...NOISE, '', ''));
  const splice = cut.map(([position, removed, added]) => (text: string) => {
    const begin = position % (text.length + 1);
    return text.slice(0, begin) + added + text.slice(begin + removed);
  });
  const ends = fc.constantFrom<(text: string) => string>(
    (text) => `${text} `,
    (text) => ` ${text}`,
    (text) => `${text},`,
    (text) => `[${text}]`,
    (text) => text + text,
    (text) => `${text}\r`,
    (text) => text.replace('{', '{ '),
    (text) => text.replace('{', '{,'),
    (text) => text.replace(/\}$/, ',}'),
    (text) => text.replace(/\}$/, ' }'),
    (text) => text.replaceAll('": ', '"\t:\r'),
    (text) => text.replaceAll('": ', '":'),
    (text) => text.slice(0, -1),
    (text) => text.replace(/"\}$/, '}'),
  );
  return fc.oneof({ weight: 2, arbitrary: splice }, ends);
}

function line(table: TableName): fc.Arbitrary<Buffer> {
  const changes = fc.oneof(
    fc.array(fieldChange(table), { maxLength: 2 }),
    fc.array(fieldChange(table), { maxLength: 1 }),
  );
  const edits = fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(textChange(), { maxLength: 2 }));
  const byte = fc.tuple(fc.nat(), fc.integer({ min: 0x80, max: 0xff }));
  const rawBytes = fc.oneof({ weight: 30, arbitrary: fc.constant(null) }, byte);
  return fc.tuple(fc.nat({ max: 99 }), changes, edits, rawBytes).map(([number, fieldChanges, textEdits, raw]) => {
    let parts: Part[] = Object.entries(fieldsOf(table, HOUR, number)).map(([name, value]) => {
      return { name, token: JSON.stringify(value) };
    });
    for (const change of fieldChanges) parts = change(parts);
    let text = `{${parts.map(({ name, token }) => `"${name}": ${token}`).join(', ')}}`;
    for (const edit of textEdits) text = edit(text);
    const bytes = Buffer.from(text.replaceAll(/\p{Cs}/gu, '?'));
    if (raw !== null && bytes.length > 0) bytes.writeUInt8(raw[1], raw[0] % bytes.length);
    return bytes;
  });
}

/** Small files of one to three such lines, so that what goes wrong in one can reach into the next. */
export function hostileFiles(table: TableName): fc.Arbitrary<Buffer> {
  const lines = fc.oneof(
    { weight: 3, arbitrary: line(table).map((only) => [only]) },
    fc.array(line(table), { minLength: 1, maxLength: 3 }),
  );
  return fc
    .tuple(lines, fc.constantFrom('\n', '\n', '\r\n'), fc.boolean())
    .map(([parts, end, last]) =>
      Buffer.concat(parts.flatMap((part, i) => (i < parts.length - 1 || last ? [part, Buffer.from(end)] : [part]))),
    );
}
