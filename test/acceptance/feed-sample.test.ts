/** The real sample of the feed, loaded as the service loads it, on a server whose time zone is not UTC. */
import { expect, onTestFinished, test } from 'vitest';
import { startClickHouse } from '../../devstack/servers/clickhouse.ts';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { onlyHour, parseHour } from '../../domain/hour.ts';
import { HAS_SAMPLE, sampleLines } from '../adapters/clickhouse/insight/fixture.ts';
import { createLoader } from '../support/loader.ts';
import { createTempDir } from '../support/own-servers.ts';
import { publishObject } from '../support/s3.ts';

const HOUR = parseHour('2022-11-28T20');

test.skipIf(!HAS_SAMPLE)(
  'loadTable() loads the feed sample with 300 rows a table, every value and microsecond as published, in Asia/Tokyo too',
  async () => {
    process.env['TZ'] = 'Asia/Tokyo'; // the embedded server takes its zone from here
    onTestFinished(() => {
      delete process.env['TZ'];
    });
    const own = await startClickHouse({ dir: await createTempDir(), user: 'clickfeed', password: 'pw' });
    onTestFinished(() => own.process.stop());
    const loader = await createLoader(own);
    expect(await loader.database.rows('SELECT serverTimezone() AS zone')).toEqual([{ zone: 'Asia/Tokyo' }]);
    for (const table of TABLE_NAMES) {
      const lines = sampleLines(table);
      await publishObject({ ...loader, table, hour: HOUR, lines });
      const window = { table, ...onlyHour(HOUR), mode: 'missing', seen: [], fillCleared: true } as const;
      expect(await loader.loadTable(window)).toMatchObject({ rows: 300, lines: 300, quarantined: 0 });
      const fields = Object.keys(JSON.parse(lines[0] ?? '{}') as object);
      const rows = await loader.database.rows<Record<string, unknown>>(
        `SELECT ${fields.join(', ')} FROM ${table}_personal ORDER BY _line`,
      );
      expect(rows.map((row) => comparable(row))).toEqual(
        lines.map((line) => comparable(JSON.parse(line) as Record<string, unknown>)),
      );
    }
  },
  120_000,
);

/** Coordinates as the numbers that they are; timestamps with all six digits. */
function comparable(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (name === 'geo_latitude' || name === 'geo_longitude') return [name, Number(value)];
      if (name === 'event_timestamp')
        return [name, String(value).padEnd(26, '.000000'.slice(String(value).length - 26))];
      return [name, value];
    }),
  );
}
