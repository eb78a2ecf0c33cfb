/** What the fast path takes and refuses, on the real parser: no line in doubt may pass. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TableName } from '../../../domain/catalogue.ts';
import { NeedsExactPathError } from '../../../domain/errors.ts';
import { fastLines, newLineTally } from '../../../domain/line-framer.ts';
import { lineMark } from '../../../domain/line-mark.ts';
import type { LoadId } from '../../../domain/load-id.ts';
import {
  createFixture,
  framed,
  HOUR,
  line,
  nextLoadId,
  raw,
  SAMPLE,
  SIGNAL,
  storedRows,
  type Fixture,
} from './fixture.ts';

let fixture: Fixture;

beforeAll(async () => {
  fixture = await createFixture();
});

afterAll(async () => {
  await fixture.database.drop();
  await fixture.server.close();
});

async function insert(table: TableName, lines: AsyncIterable<Buffer>): Promise<LoadId> {
  const loadId = nextLoadId();
  await fixture.warehouse.insertRows(table, [{ index: 1, loadId, hour: HOUR }], 'fast', lines, SIGNAL);
  return loadId;
}

function stored(table: TableName, loadId: LoadId): Promise<Record<string, unknown>[]> {
  return storedRows(fixture, table, loadId);
}

async function collect(buffers: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const buffer of buffers) all.push(buffer);
  return all;
}

describe('insertRows() by the fast path', () => {
  const geo = 'geo_events';
  const device = 'device_events';
  const browser = 'browser_events';

  test.each([
    ['true', true],
    ['false', false],
    ['1', true],
    ['0', false],
  ])('takes %s as a boolean', async (token, value) => {
    const text = line(device).replace('"device_is_mobile":true', `"device_is_mobile":${token}`);
    expect((await stored(device, await insert(device, framed([text]))))[0]?.['device_is_mobile']).toBe(value);
  });

  test.each(['geo_latitude', 'geo_country'])('takes null and nothing at all for the optional %s', async (field) => {
    const lines = [line(geo, { [field]: null }), line(geo, { [field]: undefined })];
    const rows = await stored(geo, await insert(geo, framed(lines)));
    expect(rows.map((row) => row[field])).toEqual([null, null]);
  });

  test.each([
    ['an escape that JSON does not have', line(geo).replace('Wesseling', 'Wess\\qeling')],
    ['a raw control character', line(geo).replace('Wesseling', 'Wess\u0001eling')],
  ])('does not notice %s, so the framer does', async (_what, text) => {
    expect(await stored(geo, await insert(geo, framed([text])))).toHaveLength(1);
    const framing = collect(fastLines(raw(`${text}\n`), 1, newLineTally()));
    await expect(framing).rejects.toThrow(NeedsExactPathError);
  });

  const refused: [string, TableName, string][] = [
    ['an unknown field', geo, line(geo, { extra: 1 })],
    ['a field whose case differs', geo, line(geo, { click_id: undefined, Click_Id: SAMPLE.geo_events['click_id'] })],
    ['a field twice', geo, line(geo).replace('{', '{"geo_country":"DE",')],
    ['_n twice', geo, line(geo, { _n: lineMark(1, 1) })],
    ['a required field missing', geo, line(geo, { ip_address: undefined })],
    ['null for a required field', geo, line(geo, { ip_address: null })],
    ['null for a required boolean', device, line(device, { device_is_mobile: null })],
    ['a comma before the end of the object', geo, `${line(geo).slice(0, -1)},}`],
    ['two objects on a line', geo, `${line(geo)}${line(geo)}`],
    ['two objects with a space between', geo, `${line(geo)} ${line(geo)}`],
    ['an object cut short', geo, line(geo).slice(0, -10)],
    ['a number where text is declared', geo, line(geo, { geo_country: 49 })],
    ['a boolean where text is declared', geo, line(geo, { geo_country: true })],
    ['an object where text is declared', geo, line(geo, { geo_country: {} })],
    ['an array where text is declared', geo, line(geo, { geo_country: [] })],
    ['text where a boolean is declared', device, line(device, { device_is_mobile: 'true' })],
    ['2 where a boolean is declared', device, line(device, { device_is_mobile: 2 })],
    ['a lone surrogate', geo, line(geo).replace('Wesseling', '\\ud800')],
    ['a coordinate that is a number, not text', geo, line(geo, { geo_latitude: 50.5 })],
    ['a latitude of 91', geo, line(geo, { geo_latitude: '91' })],
    ['a longitude of -180.1', geo, line(geo, { geo_longitude: '-180.1' })],
    ['a coordinate NaN', geo, line(geo, { geo_latitude: 'NaN' })],
    ['a coordinate with an exponent', geo, line(geo, { geo_latitude: '1e1' })],
    ['a coordinate of 15 digits behind the point', geo, line(geo, { geo_latitude: '1.123456789012345' })],
    ['an empty coordinate', geo, line(geo, { geo_latitude: '' })],
    ['a UUID in upper case', geo, line(geo, { click_id: '811320F1-3BC2-42B9-A841-5A1E5A812F2D' })],
    ['a UUID without dashes', geo, line(geo, { click_id: '811320f13bc242b9a8415a1e5a812f2d' })],
    ['no UUID', geo, line(geo, { click_id: 'x' })],
    ['an empty UUID', geo, line(geo, { click_id: '' })],
    ['month 13', browser, line(browser, { event_timestamp: '2024-13-01 00:00:00' })],
    ['30 February', browser, line(browser, { event_timestamp: '2024-02-30 00:00:00' })],
    ['hour 24', browser, line(browser, { event_timestamp: '2024-02-03 24:00:00' })],
    ['a time with a zone', browser, line(browser, { event_timestamp: '2024-02-03 10:00:00+01' })],
    ['a time with Z', browser, line(browser, { event_timestamp: '2024-02-03 10:00:00Z' })],
    ['a time with T', browser, line(browser, { event_timestamp: '2024-02-03T10:00:00' })],
    ['a time with 7 digits of fraction', browser, line(browser, { event_timestamp: '2024-02-03 10:00:00.1234567' })],
    ['a time with a point and no fraction', browser, line(browser, { event_timestamp: '2024-02-03 10:00:00.' })],
    ['a date without time', browser, line(browser, { event_timestamp: '2024-02-03' })],
    ['seconds since 1970 as text', browser, line(browser, { event_timestamp: '1712790000' })],
    ['seconds since 1970', browser, line(browser, { event_timestamp: 1712790000 })],
    ['an empty time', browser, line(browser, { event_timestamp: '' })],
    ['a time before 1970', browser, line(browser, { event_timestamp: '1969-12-31 23:59:59' })],
    ['a time after 2261', browser, line(browser, { event_timestamp: '2262-01-01 00:00:00' })],
    ['text that is no object', geo, '{ab'],
  ];
  test.each(refused)('refuses %s', async (_what, table, text) => {
    const loadId = nextLoadId();
    const load = { index: 1, loadId, hour: HOUR };
    const call = fixture.warehouse.insertRows(table, [load], 'fast', framed([line(table), text]), SIGNAL);
    await expect(call).rejects.toThrow(NeedsExactPathError);
    expect(await stored(table, loadId)).toEqual([]);
  });

  test.each([
    ['no mark', '{'],
    ['a mark beyond the loads', `{"_n":${lineMark(2, 1)},`],
    ['a mark of object 0', '{"_n":1,'],
    ['a mark of line 0', `{"_n":${lineMark(1, 0)},`],
    ['the mark 0', '{"_n":0,'],
    ['null as its mark', '{"_n":null,'],
  ])('refuses a line with %s', async (_what, prefix) => {
    await expect(insert(geo, raw(`${prefix}${line(geo).slice(1)}\n`))).rejects.toThrow(NeedsExactPathError);
  });

  test('says nothing of a line’s content in its error', async () => {
    const secret = 'someone@example.com';
    const failure = await insert(
      device,
      framed([line(device, { user_custom_id: secret, device_is_mobile: secret })]),
    ).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NeedsExactPathError);
    expect(`${(failure as Error).message}${(failure as Error).stack}`).not.toContain(secret);
    expect((failure as Error).cause).toBeUndefined();
  });
});
