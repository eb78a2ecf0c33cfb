import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InsertLoad } from '../../../activities/ports.ts';
import { TABLE_NAMES, type TableName } from '../../../domain/catalogue.ts';
import { NeedsExactPathError, ObjectRejectedError, SetupError } from '../../../domain/errors.ts';
import { linesOf } from '../../support/feed-lines.ts';
import { addHours, type Hour } from '../../../domain/hour.ts';
import { fastLines, newLineTally } from '../../../domain/line-framer.ts';
import type { LoadId } from '../../../domain/load-id.ts';
import {
  createFixture,
  framed,
  HOUR,
  line,
  loadLines,
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

/** Inserts lines under a new load; returns its id. */
async function insert(
  table: TableName,
  lines: AsyncIterable<Buffer>,
  path: 'fast' | 'exact' = 'fast',
  hour: Hour = HOUR,
): Promise<LoadId> {
  const loadId = nextLoadId();
  await fixture.warehouse.insertRows(table, [{ index: 1, loadId, hour }], path, lines, SIGNAL);
  return loadId;
}

function stored(table: TableName, loadId: LoadId): Promise<Record<string, unknown>[]> {
  return storedRows(fixture, table, loadId);
}

describe('insertRows()', () => {
  test.each(TABLE_NAMES)(
    'stores every field of a line of %s, and the view shows it once it is committed',
    async (table) => {
      const loadId = await loadLines(fixture, table, HOUR, [line(table)]);
      const service = { _hour: '2024-04-10 23:00:00', _load: loadId, _line: '1', _extra: '' };
      const numbers = table === 'geo_events' ? { geo_latitude: 50.82709, geo_longitude: -6.9747 } : {};
      const rows = await fixture.database.rows(`SELECT * FROM ${table}_personal`);
      expect(rows).toEqual([{ ...SAMPLE[table], ...numbers, ...service }]);
    },
  );

  test.each(TABLE_NAMES)('takes framed lines of %s by the fast path', async (table) => {
    const tally = newLineTally();
    const text = `${linesOf(table, HOUR, 300).join('\n')}\n`;
    const loadId = await insert(table, fastLines(raw(text), 1, tally));
    expect(tally.lines).toBe(300);
    const load = { index: 1, loadId, hour: HOUR };
    const counts = await fixture.warehouse.countStored(table, [load], SIGNAL);
    expect(counts.get(loadId)).toMatchObject({ rows: 300, distinctLines: 300, quarantined: 0 });
  });

  test('stores many objects of a window under their own loads and hours', async () => {
    const loads = [0, 1, 2].map((position): InsertLoad => {
      return { index: position + 1, loadId: nextLoadId(), hour: addHours(HOUR, position) };
    });
    async function* lines(): AsyncGenerator<Buffer> {
      for (const { index } of loads) yield* framed(Array(index).fill(line('geo_events')) as string[], index);
    }
    await fixture.warehouse.insertRows('geo_events', loads, 'fast', lines(), SIGNAL);
    const counts = await fixture.warehouse.countStored('geo_events', loads, SIGNAL);
    expect(loads.map(({ loadId }) => counts.get(loadId)?.rows)).toEqual([1, 2, 3]);
    for (const { loadId, hour } of loads) {
      const rows = await stored('geo_events', loadId);
      expect(rows.every((row) => row['_hour'] === `${hour.replace('T', ' ')}:00:00`)).toBe(true);
    }
  });

  test('stores each line of a large object once, and writes it by two threads', async () => {
    const loadId = nextLoadId();
    const load: InsertLoad = { index: 1, loadId, hour: HOUR, object: { sizeBytes: 64 * 2 ** 20 } };
    const text = linesOf('geo_events', HOUR, 1_000).join('\n') + '\n';
    const tally = newLineTally();
    const lines = fastLines(raw(text.repeat(150)), 1, tally);
    await fixture.warehouse.insertRows('geo_events', [load], 'fast', lines, SIGNAL);
    const counts = await fixture.warehouse.countStored('geo_events', [load], SIGNAL);
    expect(counts.get(loadId)).toMatchObject({ rows: 150_000, distinctLines: 150_000, quarantined: 0 });
    await fixture.database.client.command({ query: 'SYSTEM FLUSH LOGS query_log' });
    const statements = await fixture.database.rows(
      `SELECT Settings['max_insert_threads'] AS threads FROM system.query_log
        WHERE type = 'QueryFinish' AND query LIKE '%${fixture.database.name}%' AND written_rows = 150000`,
    );
    expect(statements).toEqual([{ threads: '2' }]);
  });

  test('stores nothing of no lines, without an error', async () => {
    expect(await stored('geo_events', await insert('geo_events', raw('')))).toEqual([]);
  });

  test('keeps identical lines, all of them, also when inserted again', async () => {
    const lines = Array(500).fill(line('geo_events')) as string[];
    const [first, second] = [await insert('geo_events', framed(lines)), await insert('geo_events', framed(lines))];
    expect(await stored('geo_events', first)).toHaveLength(500);
    expect(await stored('geo_events', second)).toHaveLength(500);
  });

  test('case 46: keeps event times to the microsecond, with and without fraction', async () => {
    const times = [
      '2024-04-10 23:00:00',
      '2024-04-10 23:59:59.999999',
      '2024-04-10 23:59:59.1',
      '2024-02-29 00:00:00.000001',
    ];
    const lines = times.map((event_timestamp) => line('browser_events', { event_timestamp }));
    const rows = await stored('browser_events', await insert('browser_events', framed(lines)));
    expect(rows.map((row) => row['event_timestamp'])).toEqual([
      '2024-04-10 23:00:00.000000',
      '2024-04-10 23:59:59.999999',
      '2024-04-10 23:59:59.100000',
      '2024-02-29 00:00:00.000001',
    ]);
  });

  test('stores coordinates as JavaScript reads them, digit for digit', async () => {
    const texts = [
      '-48.67028',
      '0',
      '-0.1',
      '89.99999999999999',
      '12.34567890123456',
      '0.1',
      '5.0000000000001',
      '7.10',
    ];
    const lines = texts.map((geo_latitude) => line('geo_events', { geo_latitude }));
    for (const path of ['fast', 'exact'] as const) {
      const body = path === 'fast' ? lines : lines.map((text) => `${text.slice(0, -1)},"_extra":""}`);
      const rows = await stored('geo_events', await insert('geo_events', framed(body), path));
      expect(rows.map((row) => row['geo_latitude'])).toEqual(texts.map(Number));
    }
  });

  test('lets what the lines throw pass as it is', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield* framed([line('geo_events')]);
      throw new ObjectRejectedError('crc-mismatch', 'Cannot go on');
    }
    await expect(insert('geo_events', broken())).rejects.toThrow(ObjectRejectedError);
  });

  test('ends with the signal’s reason when it is aborted, and lets go of the lines', async () => {
    const controller = new AbortController();
    let isReleased = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (let i = 0; ; i += 1) {
          if (i === 1_000) controller.abort(new Error('cancelled'));
          yield* framed([line('geo_events')]);
        }
      } finally {
        isReleased = true;
      }
    }
    const load = { index: 1, loadId: nextLoadId(), hour: HOUR };
    const call = fixture.warehouse.insertRows('geo_events', [load], 'fast', endless(), controller.signal);
    await expect(call).rejects.toThrow('cancelled');
    expect(isReleased).toBe(true);
    await expect(
      fixture.warehouse.insertRows('geo_events', [load], 'fast', raw(''), controller.signal),
    ).rejects.toThrow('cancelled');
  });

  test('case 68: refuses with SetupError when the raw table is missing or lacks a column', async () => {
    const own = await createFixture();
    await own.database.client.command({ query: 'ALTER TABLE geo_events_raw DROP COLUMN geo_region_name' });
    const load = { index: 1, loadId: nextLoadId(), hour: HOUR };
    const call = (): Promise<void> =>
      own.warehouse.insertRows('geo_events', [load], 'fast', framed([line('geo_events')]), SIGNAL);
    await expect(call()).rejects.toThrow(SetupError);
    await own.database.client.command({ query: 'DROP TABLE geo_events_raw SYNC' });
    await expect(call()).rejects.toThrow(SetupError);
  });
});

describe('insertRows() by the exact path', () => {
  test('keeps unknown fields in _extra, which only the personal view shows', async () => {
    const extra = '{"new_field":"someone@example.com","n":1.50}';
    const body = `${line('location_events').slice(0, -1)},"_extra":${JSON.stringify(extra)}}`;
    const rows = await stored('location_events', await insert('location_events', framed([body]), 'exact'));
    expect(rows[0]?.['_extra']).toBe(extra);
    const columns = await fixture.database.rows<{ table: string }>(
      `SELECT table FROM system.columns WHERE database = currentDatabase() AND name = '_extra' AND table LIKE 'location%' ORDER BY table`,
    );
    expect(columns.map(({ table }) => table)).toEqual(['location_events_personal', 'location_events_raw']);
  });

  test('takes coordinates with exponents and every other number that Node has proven', async () => {
    const body = `${line('geo_events', { geo_latitude: '5.5e1', geo_longitude: '-0.5E-2' }).slice(0, -1)},"_extra":""}`;
    const rows = await stored('geo_events', await insert('geo_events', framed([body]), 'exact'));
    expect(rows[0]).toMatchObject({ geo_latitude: 55, geo_longitude: -0.005 });
  });

  test('refuses what does not convert after all', async () => {
    const body = `${line('geo_events', { click_id: 'x' }).slice(0, -1)},"_extra":""}`;
    await expect(insert('geo_events', framed([body]), 'exact')).rejects.toThrow(NeedsExactPathError);
  });
});

describe('the twins of personal fields', () => {
  test('are the hash with the key of the database, the same for the same value', async () => {
    const lines = ['a@example.com', 'b@example.com', 'a@example.com'].map((user_custom_id) =>
      line('device_events', { user_custom_id }),
    );
    const rows = await stored('device_events', await insert('device_events', framed(lines)));
    const [{ key }] = (await fixture.database.rows<{ key: string }>('SELECT key FROM personal_key')) as [
      { key: string },
    ];
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    const hash = (text: string): string =>
      createHash('sha256')
        .update(key + text)
        .digest('hex')
        .toUpperCase();
    expect(rows.map((row) => row['user_custom_id_hash'])).toEqual(
      ['a', 'b', 'a'].map((name) => hash(`${name}@example.com`)),
    );
  });

  test.each([
    ['206.227.30.186', '206.227.30.0'],
    ['2001:db8:85a3:8d3:1319:8a2e:370:7348', '2001:db8:85a3::'],
    ['::ffff:1.2.3.4', '::'],
    ['not an address', ''],
    ['1.2.3', ''],
    ['', ''],
  ])('are of the address %j the network %j', async (ip_address, network) => {
    const rows = await stored('geo_events', await insert('geo_events', framed([line('geo_events', { ip_address })])));
    expect(rows[0]).toMatchObject({ ip_address, ip_address_network: network });
  });

  test('stand in the reader’s view in place of the originals', async () => {
    const loadId = await loadLines(fixture, 'geo_events', addHours(HOUR, 50), [line('geo_events')]);
    const rows = await fixture.database.rows<Record<string, unknown>>(
      'SELECT * FROM geo_events WHERE _load = {load:UInt64}',
      {
        load: loadId,
      },
    );
    expect(rows[0]?.['ip_address']).toBe('206.227.30.0');
    expect(Object.keys(rows[0] ?? {})).not.toContain('_extra');
  });
});

describe('insertQuarantine() and countStored()', () => {
  const object = {
    table: 'geo_events',
    hour: HOUR,
    format: 'zip',
    key: 'k.zip',
    etag: '"e"',
    sizeBytes: 1,
    modifiedMs: 1,
  } as const;

  test('keep the lines as they came and count them beside the rows and their NULLs', async () => {
    const lines = [
      line('geo_events', { geo_country: null }),
      line('geo_events', { geo_country: null, geo_latitude: null }),
    ];
    const loadId = await insert('geo_events', framed(lines));
    const bad = [
      { lineNumber: 3, text: `it's "bad" \\ \u0000 \n ü 😀`, encoding: 'utf8', reason: 'not JSON: why' },
      { lineNumber: 4, text: '//8=', encoding: 'base64', reason: 'not UTF-8' },
    ] as const;
    await fixture.warehouse.insertQuarantine(object, loadId, bad, SIGNAL);
    const rows = await fixture.database.rows(
      `SELECT table_name, toString(hour) AS hour, line_number, object_key, object_etag, text, encoding, reason FROM quarantine
       WHERE load_id = {load:UInt64} ORDER BY line_number`,
      { load: loadId },
    );
    const place = { table_name: 'geo_events', hour: '2024-04-10 23:00:00', object_key: 'k.zip', object_etag: '"e"' };
    expect(rows).toEqual(
      bad.map(({ lineNumber, ...rest }) => ({ ...place, line_number: String(lineNumber), ...rest })),
    );
    const empty = nextLoadId();
    const loads = [
      { index: 1, loadId, hour: HOUR },
      { index: 2, loadId: empty, hour: HOUR },
    ];
    expect(await fixture.warehouse.countStored('geo_events', loads, SIGNAL)).toEqual(
      new Map([
        [loadId, { rows: 2, distinctLines: 2, quarantined: 2, nulls: { geo_country: 2, geo_latitude: 1 } }],
        [empty, { rows: 0, distinctLines: 0, quarantined: 0, nulls: {} }],
      ]),
    );
  });

  test('tell lines that were stored twice', async () => {
    const loadId = nextLoadId();
    const load = { index: 1, loadId, hour: HOUR };
    for (let i = 0; i < 2; i += 1) {
      await fixture.warehouse.insertRows('geo_events', [load], 'fast', framed([line('geo_events')]), SIGNAL);
    }
    const counts = await fixture.warehouse.countStored('geo_events', [load], SIGNAL);
    expect(counts.get(loadId)).toMatchObject({ rows: 2, distinctLines: 1 });
  });
});
