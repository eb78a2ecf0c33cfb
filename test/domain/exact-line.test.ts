import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, TABLE_NAMES, type TableName } from '../../domain/catalogue.ts';
import { exactLine, type ExactRow } from '../../domain/exact-line.ts';
import { parseHour } from '../../domain/hour.ts';
import { lineMark } from '../../domain/line-mark.ts';
import { QUARANTINE_TEXT_BYTES, type QuarantinedLine } from '../../domain/lines.ts';
import { fieldsOf } from '../support/feed-lines.ts';

const HOUR = parseHour('2024-05-01T13');

function judge(table: TableName, line: string | Buffer): ExactRow | QuarantinedLine {
  return exactLine(Buffer.from(line as string), 3, 42, CATALOGUE[table]);
}

/** Judges a valid line with some fields replaced; undefined takes a field out. */
function judgeWith(table: TableName, changes: Record<string, unknown>): ExactRow | QuarantinedLine {
  return judge(table, JSON.stringify({ ...fieldsOf(table, HOUR, 5), ...changes }));
}

function rowOf(judged: ExactRow | QuarantinedLine): Record<string, unknown> {
  if (!('row' in judged)) throw new Error(`Expected a row, found: ${judged.reason}`);
  expect(judged.row.endsWith('}\n')).toBe(true);
  return JSON.parse(judged.row) as Record<string, unknown>;
}

function reasonOf(judged: ExactRow | QuarantinedLine): string | undefined {
  return 'reason' in judged ? judged.reason : undefined;
}

describe('exactLine()', () => {
  it.each(TABLE_NAMES)('passes a valid line of %s on, field by field', (table) => {
    const fields = fieldsOf(table, HOUR, 5);
    expect(rowOf(judgeWith(table, {}))).toEqual({ _n: lineMark(3, 42), ...fields, _extra: '' });
  });

  it('keeps unknown fields exactly as written, in order, and names them', () => {
    const valid = JSON.stringify(fieldsOf('geo_events', HOUR, 1)).slice(0, -1);
    const judged = judge('geo_events', `${valid}, "n\\u0065w" : 1e400 ,"_o":9,"o":{"a": [1, 2.50]}, "t":"ü\\n"}`);
    const extra = '{"n\\u0065w":1e400,"_o":9,"o":{"a": [1, 2.50]},"t":"ü\\n"}';
    expect(rowOf(judged)).toMatchObject({ _n: lineMark(3, 42), _extra: extra });
    expect(judged).toMatchObject({ driftFields: ['new', '_o', 'o', 't'] });
  });

  it('takes our own names in a line for unknown fields', () => {
    const names = ['_o', '_n', '_extra', '_hour', '_load', '_line'];
    const judged = judgeWith('geo_events', Object.fromEntries(names.map((name) => [name, 1])));
    expect(judged).toMatchObject({ driftFields: names });
    expect(rowOf(judged)).toMatchObject({ _n: lineMark(3, 42) });
  });

  it('says null for an optional field that is missing or null, and refuses a required one', () => {
    expect(rowOf(judgeWith('geo_events', { geo_country: undefined, geo_latitude: null }))).toMatchObject({
      geo_country: null,
      geo_latitude: null,
    });
    expect(reasonOf(judgeWith('geo_events', { click_id: undefined }))).toBe('missing field: click_id');
    expect(reasonOf(judgeWith('geo_events', { click_id: null }))).toBe('missing field: click_id');
    expect(reasonOf(judgeWith('browser_events', { event_id: undefined, Event_ID: 'x' }))).toBe(
      'missing field: event_id',
    );
  });

  it('puts a UUID in lower case, and takes it in no other form', () => {
    const id = '811320F1-3bc2-42b9-a841-5a1e5a812f2d';
    expect(rowOf(judgeWith('geo_events', { click_id: id }))).toMatchObject({ click_id: id.toLowerCase() });
    for (const bad of [id.replaceAll('-', ''), `{${id}}`, ` ${id}`, '', 'g'.repeat(36), 7, true, [id]]) {
      expect(reasonOf(judgeWith('geo_events', { click_id: bad }))).toMatch(/^wrong type: click_id: /);
    }
  });

  it.each([
    '2024-02-29 23:59:59.999999',
    '2024-02-29 00:00:00',
    '2024-02-29 00:00:00.1',
    '1970-01-01 00:00:00',
    '2261-12-31 23:59:59.999999',
  ])('takes the timestamp %s as it is', (text) => {
    expect(rowOf(judgeWith('browser_events', { event_timestamp: text }))).toMatchObject({ event_timestamp: text });
  });

  it.each([
    ['an epoch number', 1_712_790_000, 'wrong type'],
    ['an epoch text', '1712790000', 'wrong type'],
    ['nothing', '', 'wrong type'],
    ['a T', '2024-04-10T23:00:00', 'wrong type'],
    ['a zone', '2024-04-10 23:00:00Z', 'wrong type'],
    ['an offset', '2024-04-10 23:00:00+03:00', 'wrong type'],
    ['seven digits', '2024-04-10 23:00:00.1234567', 'wrong type'],
    ['a bare point', '2024-04-10 23:00:00.', 'wrong type'],
    ['no seconds', '2024-04-10 23:00', 'wrong type'],
    ['month 13', '2024-13-10 23:00:00', 'out of range'],
    ['30 February', '2024-02-30 23:00:00', 'out of range'],
    ['hour 24', '2024-02-28 24:00:00', 'out of range'],
    ['a leap second', '2016-12-31 23:59:60', 'out of range'],
    ['the year 0', '0000-00-00 00:00:00', 'out of range'],
    ['1969', '1969-12-31 23:59:59', 'out of range'],
    ['2262', '2262-01-01 00:00:00', 'out of range'],
  ])('case 45: refuses %s as a timestamp', (_, value, reason) => {
    expect(reasonOf(judgeWith('browser_events', { event_timestamp: value }))).toMatch(
      new RegExp(`^${reason}: event_timestamp: `),
    );
  });

  it.each(['50.82709', '-90', '90', '0', '-0', '-0.0', '1e1', '9.0E+1', '0.1234567890123456', '12345678901234567e-16'])(
    'takes the coordinate %s, as text or as number, with its digits',
    (text) => {
      expect(rowOf(judgeWith('geo_events', { geo_latitude: text }))).toMatchObject({ geo_latitude: text });
      const line = JSON.stringify({ ...fieldsOf('geo_events', HOUR, 5), geo_latitude: 'HERE' }).replace('"HERE"', text);
      expect(rowOf(judge('geo_events', line))).toMatchObject({ geo_latitude: text });
    },
  );

  it.each([
    ['91', 'out of range'],
    ['-90.0000001', 'out of range'],
    ['1e400', 'out of range'],
    ['1e-400', 'out of range'],
    ['5e-324', 'out of range'],
    ['0.123456789012345678', 'out of range'],
    ['NaN', 'wrong type'],
    ['inf', 'wrong type'],
    ['+1', 'wrong type'],
    ['01', 'wrong type'],
    ['1.', 'wrong type'],
    ['.5', 'wrong type'],
    ['0x10', 'wrong type'],
    [' 1', 'wrong type'],
    ['1,5', 'wrong type'],
    ['', 'wrong type'],
  ])('refuses the latitude %j', (text, reason) => {
    expect(reasonOf(judgeWith('geo_events', { geo_latitude: text }))).toMatch(new RegExp(`^${reason}: geo_latitude: `));
  });

  it('takes 180 degrees of longitude and no more', () => {
    expect(rowOf(judgeWith('geo_events', { geo_longitude: '-180' }))).toMatchObject({ geo_longitude: '-180' });
    expect(reasonOf(judgeWith('geo_events', { geo_longitude: '180.5' }))).toMatch(/^out of range: geo_longitude/);
  });

  it.each([true, false, 1, 0])('takes %s as a boolean', (value) => {
    expect(rowOf(judgeWith('device_events', { device_is_mobile: value }))).toMatchObject({ device_is_mobile: value });
  });

  it.each(['true', '1', '', 2, -1, 0.5, [], {}])('refuses %j as a boolean', (value) => {
    expect(reasonOf(judgeWith('device_events', { device_is_mobile: value }))).toMatch(/^wrong type: device_is_mobile/);
  });

  it.each(['1.0', '1e0', '0.0', '-0', '10e-1'])('refuses the number %s as a boolean', (token) => {
    const line = JSON.stringify({ ...fieldsOf('device_events', HOUR, 5), device_is_mobile: 'HERE' }).replace(
      '"HERE"',
      token,
    );
    expect(reasonOf(judge('device_events', line))).toMatch(/^wrong type: device_is_mobile/);
  });

  it.each([1, true, {}, []])('refuses %j where text is declared', (value) => {
    expect(reasonOf(judgeWith('device_events', { os: value }))).toMatch(/^wrong type: os: found /);
  });

  it('keeps every text to the character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(rowOf(judgeWith('device_events', { os: text }))).toMatchObject({ os: text });
      }),
    );
  });

  it.each([
    '{"a":1}{"a":2}',
    '[{}]',
    'null',
    '{"a":1',
    '{"a":"\\ud800"}',
    `{"a":${'['.repeat(1500)}${']'.repeat(1500)}}`,
  ])('refuses what is not exactly one JSON object', (line) => {
    expect(reasonOf(judge('geo_events', line))).toMatch(/^not JSON: /);
  });

  it('keeps what it refuses, invalid UTF-8 as base64', () => {
    expect(judge('geo_events', '{"ü":')).toEqual({
      lineNumber: 42,
      text: '{"ü":',
      encoding: 'utf8',
      reason: 'not JSON: expected a value at the end',
    });
    const bytes = Buffer.from([0x7b, 0xff, 0x7d]);
    expect(judge('geo_events', bytes)).toEqual({
      lineNumber: 42,
      text: bytes.toString('base64'),
      encoding: 'base64',
      reason: 'not UTF-8',
    });
  });

  it('cuts what it keeps between two characters, and says so', () => {
    for (let shift = 0; shift < 4; shift += 1) {
      const line = 'x'.repeat(shift) + '😀'.repeat(20_000);
      const judged = judge('geo_events', line) as QuarantinedLine;
      expect(judged.encoding).toBe('utf8');
      expect(line.startsWith(judged.text)).toBe(true);
      expect(Buffer.byteLength(judged.text)).toBeGreaterThan(QUARANTINE_TEXT_BYTES - 4);
      expect(Buffer.byteLength(judged.text)).toBeLessThanOrEqual(QUARANTINE_TEXT_BYTES);
      expect(judged.reason).toContain(`text cut after ${QUARANTINE_TEXT_BYTES} of ${80_000 + shift} bytes`);
    }
  });
});
