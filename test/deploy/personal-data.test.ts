/** The SQL of docs/deploy/personal-data.md, as it stands there. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createWarehouse } from '../../adapters/clickhouse/index.ts';
import { createAuditor } from '../../adapters/clickhouse/operations/index.ts';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { onlyHour } from '../../domain/hour.ts';
import { createInsightFixture } from '../adapters/clickhouse/insight/fixture.ts';
import { HOUR, nextLoadId, SIGNAL } from '../adapters/clickhouse/fixture.ts';
import { linesOf } from '../support/feed-lines.ts';

const PAGE = readFileSync(new URL('../../docs/deploy/personal-data.md', import.meta.url), 'utf8');
const PERSON = 'user1@example.com';

test('a request for deletion: the documented SQL takes the person out of every table and leaves all counts as they were', async () => {
  const fixture = await createInsightFixture();
  const { database, server } = fixture;
  for (const table of TABLE_NAMES) await fixture.load(table, HOUR, linesOf(table, HOUR, 30));
  await fixture.build(onlyHour(HOUR));
  const object = {
    table: 'device_events',
    hour: HOUR,
    format: 'zip',
    key: 'k',
    etag: 'e',
    sizeBytes: 1,
    modifiedMs: 1,
  } as const;
  const bad = ['utf8', 'base64'] as const;
  const lines = bad.map((encoding, index) => {
    const text = `{"user_custom_id":"${PERSON}"`;
    return { lineNumber: index + 1, text: encoding === 'utf8' ? text : btoa(text), encoding, reason: `near ${PERSON}` };
  });
  await createWarehouse(server).insertQuarantine(object, nextLoadId(), lines, SIGNAL);

  const [hash] = await database.rows<{ hash: string }>(
    'SELECT any(user_custom_id_hash) AS hash FROM device_events_raw WHERE user_custom_id = {person:String}',
    { person: PERSON },
  );
  const addresses = await database.rows<{ ip: string }>('SELECT ip_address AS ip FROM geo_events_personal');
  const everything = async (): Promise<string> => {
    const tables = [...TABLE_NAMES.map((table) => `${table}_raw`), 'events_raw', 'session_parts_raw', 'quarantine'];
    const rows = await Promise.all(tables.map((table) => database.rows(`SELECT * FROM ${table}`)));
    return JSON.stringify(rows);
  };
  const counts = (): Promise<unknown> =>
    database.rows(`SELECT (SELECT count() FROM events) AS events, (SELECT count() FROM device_events) AS devices,
      (SELECT count() FROM geo_events) AS geos, (SELECT count() FROM quarantine) AS quarantined, (SELECT countIf(fresh) FROM events_state) AS fresh`);
  const before = await counts();
  expect(await everything()).toContain(hash!.hash);

  const sql = /```sql\n(ALTER TABLE[\s\S]+?)```/.exec(PAGE)![1]!;
  const statements = sql.split(/;\n/).filter((text) => text.trim() !== '');
  expect(statements).toHaveLength(4);
  for (const statement of statements) {
    const query = statement.replaceAll('clickfeed.', `${database.name}.`).replaceAll('person@example.com', PERSON);
    await database.client.command({ query });
  }

  const left = await everything();
  expect(left).not.toContain(PERSON);
  expect(left).not.toContain(btoa(`{"user_custom_id":"${PERSON}"`));
  expect(left).not.toContain(hash!.hash);
  expect(left).toContain('user0@example.com');
  expect(left).toContain('user2@example.com');
  const kept = await database.rows<{ ip: string }>(
    `SELECT ip_address AS ip FROM geo_events_personal WHERE ip_address != ''`,
  );
  expect(kept).toHaveLength(addresses.length - 3); // three lines of each click
  expect(await counts()).toEqual(before);
  for (const table of TABLE_NAMES)
    expect(await createAuditor(server).mismatches(table, onlyHour(HOUR), SIGNAL)).toEqual([]);
});
