import { describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import {
  ObjectChangedError,
  TruncatedMeanwhileError,
  UnavailableError,
  VerificationError,
} from '../../domain/errors.ts';
import { addHours, parseHour, type Hour } from '../../domain/hour.ts';
import { composeLoadId } from '../../domain/load-id.ts';
import type { LoadReport, LoadWindow } from '../../domain/loading.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createLoader, storeWith, warehouseWith, type Loader } from '../support/loader.ts';
import { deleteKey, publishObject, putBytes } from '../support/s3.ts';
import { zipOf } from '../support/zip.ts';

const HOUR = parseHour('2024-05-01T13');
const TABLE = 'browser_events';

function windowOf(from: Hour = HOUR, hours = 1, rules: Partial<LoadWindow> = {}): LoadWindow {
  return { table: TABLE, from, to: addHours(from, hours), mode: 'missing', seen: [], fillCleared: true, ...rules };
}

function outcomes(report: LoadReport): string[] {
  return report.hours.map(({ outcome }) => outcome);
}

async function visible(loader: Loader): Promise<{ rows: number; lines: number }> {
  const [counts] = await loader.database.rows<{ rows: string; lines: string }>(
    `SELECT count() AS rows, uniqExact(_hour, _line) AS lines FROM ${TABLE}`,
  );
  return { rows: Number(counts?.rows), lines: Number(counts?.lines) };
}

describe('loadTable()', () => {
  it('loads every line of an hour once, with a receipt that proves it', async () => {
    const loader = await createLoader();
    const object = await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 1000) });
    const report = await loader.loadTable(windowOf());
    expect(report).toMatchObject({ rows: 1000, lines: 1000, quarantined: 0, unchangedHours: 0 });
    expect(outcomes(report)).toEqual(['current']);
    expect(await visible(loader)).toEqual({ rows: 1000, lines: 1000 });
    const [receipt] = await loader.database.rows<Record<string, unknown>>(
      "SELECT * FROM loads WHERE event = 'committed'",
    );
    expect(receipt).toMatchObject({ object_etag: object.etag, table_name: TABLE, rows: '1000', lines: '1000' });
  });

  it('leaves a loaded hour alone in mode missing, and loads it once more in mode all, visible once', async () => {
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 50) });
    await loader.loadTable(windowOf());
    expect(await loader.loadTable(windowOf())).toMatchObject({ unchangedHours: 1, hours: [] });
    expect(outcomes(await loader.loadTable(windowOf(HOUR, 1, { mode: 'all' })))).toEqual(['current']);
    expect(await visible(loader)).toEqual({ rows: 50, lines: 50 });
  });

  it('only counts what went well in a window of more than two days', async () => {
    const loader = await createLoader();
    const from = parseHour('2024-05-02T00');
    for (const hour of [from, addHours(from, 25), addHours(from, 40)]) {
      await publishObject({ ...loader, table: TABLE, hour, lines: linesOf(TABLE, hour, 10) });
    }
    const report = await loader.loadTable(windowOf(from, 72));
    expect(report).toMatchObject({ currentHours: 3, unchangedHours: 0, rows: 30 });
    expect(outcomes(report)).toEqual(Array.from({ length: 69 }, () => 'absent'));
    expect(await loader.loadTable(windowOf(from, 72))).toMatchObject({ currentHours: 0, unchangedHours: 3 });
  });

  it('records the hours that a longer window found absent, and leaves a single one to who waits for it', async () => {
    const loader = await createLoader();
    const sighted = (): Promise<unknown[]> =>
      loader.database.rows('SELECT DISTINCT toString(hour) AS hour FROM sightings WHERE NOT present ORDER BY hour');
    await publishObject({ ...loader, table: TABLE, hour: addHours(HOUR, 1), lines: linesOf(TABLE, HOUR, 5) });
    await loader.loadTable(windowOf(HOUR));
    expect(await sighted()).toEqual([]);
    await loader.loadTable(windowOf(HOUR, 3));
    expect(await sighted()).toEqual([{ hour: '2024-05-01 13:00:00' }, { hour: '2024-05-01 15:00:00' }]);
  });

  it('shares one INSERT between the objects of a day', async () => {
    const loader = await createLoader();
    const day = parseHour('2024-05-02T00');
    for (let i = 0; i < 24; i += 1) {
      const hour = addHours(day, i);
      await publishObject({ ...loader, table: TABLE, hour, lines: linesOf(TABLE, hour, 10 + i) });
    }
    const report = await loader.loadTable(windowOf(day, 24));
    expect(report.rows).toBe(24 * 10 + (23 * 24) / 2);
    expect(new Set(outcomes(report))).toEqual(new Set(['current']));
    const parts = await loader.database.rows(
      `SELECT name FROM system.parts WHERE database = '${loader.database.name}' AND table = '${TABLE}_raw' AND level = 0`,
    );
    expect(parts.length).toBeLessThanOrEqual(1);
  });

  it('gives the objects of INSERTs that begin together ids of their own, also when all that is known is from the future', async () => {
    const loader = await createLoader();
    const day = parseHour('2024-05-02T00');
    for (let i = 0; i < 24; i += 1) {
      const hour = addHours(day, i);
      await publishObject({ ...loader, table: TABLE, hour, lines: linesOf(TABLE, hour, 3) });
    }
    // As after a server's clock went back: the greatest id of each hour is the same, tomorrow's.
    const tomorrow = composeLoadId(Date.now() + 86_400_000, 5);
    const hours = Array.from({ length: 24 }, (_, i) => ({ hour: addHours(day, i), loadId: tomorrow }));
    await loader.ports.ledger.abandon(TABLE, hours, 'attempt-failed');
    const reports = await Promise.all(hours.map(({ hour }) => loader.loadTable(windowOf(hour, 1))));
    expect(new Set(reports.flatMap(outcomes))).toEqual(new Set(['current']));
    const [ids] = await loader.database.rows(
      `SELECT uniqExact(load_id) AS n, min(load_id) > ${tomorrow} AS greater FROM loads WHERE event = 'committed'`,
    );
    expect(ids).toEqual({ n: '24', greater: 1 });
  });

  it('reports an absent object and loads it when it is there', async () => {
    const loader = await createLoader();
    expect(outcomes(await loader.loadTable(windowOf()))).toEqual(['absent']);
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 3) });
    expect(outcomes(await loader.loadTable(windowOf()))).toEqual(['current']);
  });

  it('quarantines a bad line with its number and text and keeps its neighbours', async () => {
    const loader = await createLoader();
    const lines = linesOf(TABLE, HOUR, 100);
    lines[41] = '{"event_id": "not finished';
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines });
    expect(await loader.loadTable(windowOf())).toMatchObject({ lines: 100, rows: 99, quarantined: 1 });
    expect(await visible(loader)).toEqual({ rows: 99, lines: 99 });
    const quarantine = await loader.database.rows<{ line: string; text: string; reason: string }>(
      'SELECT line_number AS line, text, reason FROM quarantine WHERE load_id IN (SELECT load_id FROM current_loads)',
    );
    expect(quarantine).toEqual([
      { line: '42', text: lines[41], reason: expect.stringContaining('not JSON') as string },
    ]);
  });

  it('quarantines a bad line of one object while the others of the window go on', async () => {
    const loader = await createLoader();
    for (let i = 0; i < 3; i += 1) {
      const hour = addHours(HOUR, i);
      const lines = linesOf(TABLE, hour, 20, (fields, number) =>
        i === 1 && number === 7 ? { ...fields, event_timestamp: '2024-13-01 00:00:00' } : fields,
      );
      await publishObject({ ...loader, table: TABLE, hour, lines });
    }
    const report = await loader.loadTable(windowOf(HOUR, 3));
    expect(report.hours.map(({ rows, quarantined }) => [rows, quarantined])).toEqual([
      [20, 0],
      [19, 1],
      [20, 0],
    ]);
    expect(await visible(loader)).toEqual({ rows: 59, lines: 59 });
  });

  it('case 42: keeps an unknown field in _extra with its exact text and reports the drift', async () => {
    const loader = await createLoader();
    const lines = linesOf(TABLE, HOUR, 5).map((line, number) =>
      number === 3 ? line.replace('{', '{"score": 1e400, ') : line,
    );
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines });
    expect(await loader.loadTable(windowOf())).toMatchObject({ rows: 5, quarantined: 0, drift: { score: 1 } });
    expect(
      await loader.database.rows(
        `SELECT _line, _extra FROM ${TABLE}_raw WHERE _extra != '' AND _load IN (SELECT load_id FROM current_loads)`,
      ),
    ).toEqual([{ _line: '4', _extra: expect.stringMatching(/^\{"score": ?1e400\}$/) as string }]);
  });

  it.each([
    ['on every line', () => true],
    ['on some lines of later objects', (hour: number, line: number) => hour > 1 && line === 3],
  ])('loads a window with an unknown field %s together, by the lifted path', async (_, hasField) => {
    const loader = await createLoader();
    const from = parseHour('2024-05-02T00');
    const hours = Array.from({ length: 6 }, (__, i) => addHours(from, i));
    for (const [i, hour] of hours.entries()) {
      const lines = linesOf(TABLE, hour, 5).map((line, number) =>
        hasField(i, number) ? `${line.slice(0, -1)}, "variant": "\\u0062"}` : line,
      );
      await publishObject({ ...loader, table: TABLE, hour, lines });
    }
    const drifting = hours.flatMap((__, i) => [0, 1, 2, 3, 4].filter((line) => hasField(i, line))).length;
    expect(await loader.loadTable(windowOf(from, 6))).toMatchObject({
      rows: 30,
      quarantined: 0,
      drift: { variant: drifting },
    });
    expect(
      await loader.database.rows(`SELECT _extra, count() AS rows FROM ${TABLE}_raw AS r
      WHERE _extra != '' AND _load IN (SELECT load_id FROM current_loads) GROUP BY _extra`),
    ).toEqual([{ _extra: '{"variant":"\\u0062"}', rows: String(drifting) }]);
    // One INSERT for all of them: what was refused left nothing, and no object was loaded alone.
    expect(await loader.database.rows(`SELECT uniqExact(_part) AS parts FROM ${TABLE}_raw`)).toEqual([{ parts: '1' }]);
  });

  it('finds the one bad line among the objects of a window', async () => {
    const loader = await createLoader();
    const from = parseHour('2024-05-02T00');
    for (let i = 0; i < 9; i += 1) {
      const hour = addHours(from, i);
      const lines = linesOf(TABLE, hour, 5).map((line, number) => (i === 7 && number === 2 ? line.slice(0, -1) : line));
      await publishObject({ ...loader, table: TABLE, hour, lines });
    }
    const report = await loader.loadTable(windowOf(from, 9));
    expect(report.hours.map(({ rows, quarantined }) => [rows, quarantined])).toEqual(
      Array.from({ length: 9 }, (_, i) => (i === 7 ? [4, 1] : [5, 0])),
    );
    expect(await visible(loader)).toEqual({ rows: 44, lines: 44 });
  });

  it('rejects an object with too many bad lines, shows nothing of it, and does not try this version again', async () => {
    const loader = await createLoader();
    const lines = linesOf(TABLE, HOUR, 50).map((line, number) => (number % 2 === 0 ? line.slice(0, -1) : line));
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines });
    expect((await loader.loadTable(windowOf())).hours).toMatchObject([
      { outcome: 'rejected', reason: 'too-many-bad-lines' },
    ]);
    expect(await visible(loader)).toEqual({ rows: 0, lines: 0 });
    expect(outcomes(await loader.loadTable(windowOf()))).toEqual(['rejected']);
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 50) });
    expect(outcomes(await loader.loadTable(windowOf()))).toEqual(['current']);
  });

  it('rejects a broken archive in a window while its neighbours load', async () => {
    const loader = await createLoader();
    const next = addHours(HOUR, 1);
    const zip = Buffer.from(await zipOf(`${TABLE}.jsonl`, Buffer.from(linesOf(TABLE, HOUR, 2000).join('\n'))));
    zip.writeUInt8(zip.readUInt8(3000) ^ 1, 3000);
    await publishObject({ ...loader, table: TABLE, hour: HOUR, body: zip });
    await publishObject({ ...loader, table: TABLE, hour: next, lines: linesOf(TABLE, next, 7) });
    const report = await loader.loadTable(windowOf(HOUR, 2));
    expect(outcomes(report)).toEqual(['rejected', 'current']);
    expect(await visible(loader)).toEqual({ rows: 7, lines: 7 });
  });

  it('replaces a republished object at once in mode changed', async () => {
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 10) });
    await loader.loadTable(windowOf());
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 12) });
    expect(await loader.loadTable(windowOf())).toMatchObject({ unchangedHours: 1 });
    expect(outcomes(await loader.loadTable(windowOf(HOUR, 1, { mode: 'changed' })))).toEqual(['current']);
    expect(await visible(loader)).toEqual({ rows: 12, lines: 12 });
  });

  it('loads neither of two objects for one hour and names both', async () => {
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 1) });
    await publishObject({ ...loader, table: TABLE, hour: HOUR, format: 'gz', lines: linesOf(TABLE, HOUR, 1) });
    const [hour] = (await loader.loadTable(windowOf())).hours;
    expect(hour).toMatchObject({ outcome: 'ambiguous', reason: 'two-objects' });
    expect(hour?.detail).toMatch(/\.zip.*\.gz|\.gz.*\.zip/);
  });

  it.each(['jsonl', 'gz', 'zst'] as const)('case 37: loads a .%s object', async (format) => {
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, format, lines: linesOf(TABLE, HOUR, 9) });
    expect(await loader.loadTable(windowOf())).toMatchObject({ rows: 9, hours: [{ outcome: 'current' }] });
  });

  it('case 33: commits an empty entry with a receipt of no lines', async () => {
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: [] });
    expect(await loader.loadTable(windowOf())).toMatchObject({ rows: 0, hours: [{ outcome: 'current', lines: 0 }] });
    expect(await loader.loadTable(windowOf())).toMatchObject({ unchangedHours: 1 });
  });

  it('counts foreign keys and ignores them', async () => {
    const loader = await createLoader();
    await putBytes(`${loader.prefix}year=2024/month=05/day=01/_SUCCESS`, '');
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 2) });
    expect(await loader.loadTable(windowOf(HOUR, 2))).toMatchObject({ rows: 2, foreignKeys: 1 });
  });

  it('keeps the rows of a deleted object', async () => {
    const loader = await createLoader();
    const { key } = await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 4) });
    await loader.loadTable(windowOf());
    await deleteKey(key);
    expect(await loader.loadTable(windowOf(HOUR, 1, { mode: 'changed' }))).toMatchObject({ unchangedHours: 1 });
    expect(await visible(loader)).toEqual({ rows: 4, lines: 4 });
  });

  it('starts over when the object changes between listing and reading', async () => {
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 4) });
    const { store } = loader.ports;
    const stale = createActivities({
      ...loader.ports,
      store: storeWith(store, { source: (object) => store.source({ ...object, etag: '"other"' }) }),
    });
    await expect(loader.run(() => stale.loadTable(windowOf()))).rejects.toThrow(ObjectChangedError);
    expect(await visible(loader)).toEqual({ rows: 0, lines: 0 });
    expect(outcomes(await loader.loadTable(windowOf()))).toEqual(['current']);
  });

  it('stores rows under new ids when the answer to the INSERT is lost, visible once', async () => {
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 40) });
    const { warehouse } = loader.ports;
    const lossy = createActivities({
      ...loader.ports,
      warehouse: warehouseWith(warehouse, {
        insertRows: async (...of) => {
          await warehouse.insertRows(...of);
          throw new UnavailableError('Cannot read the answer: connection reset');
        },
      }),
    });
    await expect(loader.run(() => lossy.loadTable(windowOf()))).rejects.toThrow(UnavailableError);
    expect(await visible(loader)).toEqual({ rows: 0, lines: 0 });
    await loader.loadTable(windowOf());
    expect(await visible(loader)).toEqual({ rows: 40, lines: 40 });
  });

  const raw = `${TABLE}_raw`;
  it.each([
    ['a row is missing', `ALTER TABLE ${raw} DELETE WHERE _line = 3`],
    ['a row is there twice', `INSERT INTO ${raw} SELECT * FROM ${raw} WHERE _line = 3`],
    ['a row stands in the place of another', `ALTER TABLE ${raw} UPDATE _line = 4 WHERE _line = 3`],
    ['a quarantined line is missing', 'ALTER TABLE quarantine DELETE WHERE 1'],
  ])('commits nothing when %s of what was read', async (_what, spoil) => {
    const loader = await createLoader();
    const lines = linesOf(TABLE, HOUR, 40);
    lines[7] = 'not a line of the feed';
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines });
    const { warehouse } = loader.ports;
    const spoiled = createActivities({
      ...loader.ports,
      warehouse: warehouseWith(warehouse, {
        countStored: async (...of) => {
          await loader.database.client.command({ query: spoil, clickhouse_settings: { mutations_sync: '1' } });
          return warehouse.countStored(...of);
        },
      }),
    });
    await expect(loader.run(() => spoiled.loadTable(windowOf()))).rejects.toThrow(VerificationError);
    expect(await visible(loader)).toEqual({ rows: 0, lines: 0 });
    const [given] = await loader.database.rows(`SELECT count() AS n FROM loads WHERE reason = 'verification-failed'`);
    expect(given).toEqual({ n: '1' });
    await loader.loadTable(windowOf());
    expect(await visible(loader)).toEqual({ rows: 39, lines: 39 });
  });

  it('shows an hour once when eight attempts load it at the same time', async () => {
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 30) });
    const reports = await Promise.all(
      Array.from({ length: 8 }, () => loader.loadTable(windowOf(HOUR, 1, { mode: 'all' }))),
    );
    expect(await visible(loader)).toEqual({ rows: 30, lines: 30 });
    for (const report of reports) expect(['current', 'superseded']).toContain(report.hours[0]?.outcome);
  });

  it('never shows a reader a partial or missing hour while the hour is loaded again and again', async () => {
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 500) });
    await loader.loadTable(windowOf());
    const seen = new Set<number>();
    let loading = true;
    const read = async (): Promise<void> => {
      while (loading) seen.add((await visible(loader)).rows);
    };
    const readers = [read(), read(), read()];
    for (let i = 0; i < 15; i += 1) await loader.loadTable(windowOf(HOUR, 1, { mode: 'all' }));
    loading = false;
    await Promise.all(readers);
    expect([...seen]).toEqual([500]);
  });

  it('stops at a truncation that its run had not seen', async () => {
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 30) });
    await loader.database.client.command({
      query: `INSERT INTO loads (event, truncation_id, tables, hour_from, hour_to) VALUES ('truncated', generateUUIDv4(), ['${TABLE}'], '2024-01-01 00:00:00', '2025-01-01 00:00:00')`,
    });
    await expect(loader.loadTable(windowOf())).rejects.toThrow(TruncatedMeanwhileError);
    const { seen } = await loader.run(() => loader.activities.beginRun());
    expect(outcomes(await loader.loadTable(windowOf(HOUR, 1, { seen, fillCleared: false })))).toEqual(['cleared']);
    expect(outcomes(await loader.loadTable(windowOf(HOUR, 1, { seen })))).toEqual(['current']);
  });
});
