import { describe, expect, inject, test } from 'vitest';
import { checkServer, ClickHouseServer, printDdl, SCHEMA_VERSION, setup } from '../../../adapters/clickhouse/index.ts';
import { checksum, MIGRATIONS } from '../../../adapters/clickhouse/migrations.ts';
import {
  pinProblem,
  requireUsable,
  versionProblem,
  type ServerFacts,
} from '../../../adapters/clickhouse/server-check.ts';
import { addHours } from '../../../domain/hour.ts';
import { AccessError, ConfigError, InputError, SetupError, UnavailableError } from '../../../domain/errors.ts';
import { createDatabase } from '../../support/clickhouse.ts';
import { connect, createFixture, HOUR, line, loadLines } from './fixture.ts';

describe('setup()', () => {
  test('makes the database when it is missing, and has nothing to do the second time', async () => {
    const database = await createDatabase();
    await database.client.command({ query: `DROP DATABASE ${database.name} SYNC` });
    const server = connect(database.name);
    expect(await setup(server)).toEqual({ applied: MIGRATIONS.map(({ name }) => name), mended: [] });
    expect(await setup(server)).toEqual({ applied: [], mended: [] });
    const rows = await server.query<{ version: number }>({
      sql: `SELECT version FROM ${server.name('migrations')} ORDER BY version`,
      doing: 'look',
    });
    expect(rows.map(({ version }) => version)).toEqual(MIGRATIONS.map(({ version }) => version));
  });

  test('may be run several times at once: all succeed, and one key counts', async () => {
    for (let round = 0; round < 3; round += 1) {
      const database = await createDatabase();
      await database.client.command({ query: `DROP DATABASE ${database.name} SYNC` });
      const servers = [0, 1, 2, 3].map(() => connect(database.name));
      const reports = await Promise.all(servers.map((server) => setup(server)));
      expect(reports.every(({ mended }) => mended.length === 0)).toBe(true);
      expect((await checkServer(servers[0]!, 'worker', Date.now)).filter(({ ok }) => !ok)).toEqual([]);
    }
  });

  test('keeps data and the key when it is run again', async () => {
    const fixture = await createFixture();
    await loadLines(fixture, 'device_events', HOUR, [line('device_events')]);
    const before = await fixture.database.rows('SELECT * FROM device_events');
    const key = await fixture.database.rows('SELECT key FROM personal_key');
    await setup(fixture.server);
    expect(await fixture.database.rows('SELECT * FROM device_events')).toEqual(before);
    expect(await fixture.database.rows('SELECT key FROM personal_key')).toEqual(key);
    expect(key).toHaveLength(1);
  });

  test('makes tables that keep no statistics of columns, which would be held against the loads that a query may see', async () => {
    const fixture = await createFixture();
    const { database } = fixture;
    for (const hour of [HOUR, addHours(HOUR, 1)])
      await loadLines(fixture, 'device_events', hour, [line('device_events')]);
    await database.client.command({ query: 'OPTIMIZE TABLE device_events_raw FINAL' });
    const parts = await database.rows<{ statistics: string[] }>(
      `SELECT DISTINCT statistics FROM system.parts_columns
      WHERE database = currentDatabase() AND table = 'device_events_raw' AND active AND level > 0`,
    );
    expect(parts).toEqual([{ statistics: [] }]);
    const tables = `FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'`;
    const [all] = await database.rows(`SELECT count() AS n ${tables}`);
    expect(
      await database.rows(`SELECT count() AS n ${tables} AND engine_full LIKE '%auto_statistics_types = ''''%'`),
    ).toEqual([all]);
  });

  test('mends a missing table and a view that someone replaced', async () => {
    const { database, server } = await createFixture();
    await database.client.command({ query: 'DROP TABLE quarantine SYNC' });
    await database.client.command({ query: 'CREATE OR REPLACE VIEW geo_events AS SELECT * FROM geo_events_raw' });
    expect((await setup(server)).mended).toEqual(['table quarantine is missing', 'view geo_events is altered']);
    expect(await setup(server)).toEqual({ applied: [], mended: [] });
  });

  test('refuses an altered table, naming it and the column', async () => {
    const { database, server } = await createFixture();
    await database.client.command({ query: 'ALTER TABLE geo_events_raw MODIFY COLUMN ip_address Nullable(String)' });
    await expect(setup(server)).rejects.toThrow(SetupError);
    await expect(setup(server)).rejects.toThrow(
      'table geo_events_raw is altered: column ip_address is Nullable(String), expected String',
    );
  });

  test('refuses a database that is newer than the program', async () => {
    const { database, server } = await createFixture();
    const newer = SCHEMA_VERSION + 1;
    await database.client.command({ query: `INSERT INTO migrations (version, name) VALUES (${newer}, 'future')` });
    await expect(setup(server)).rejects.toThrow(SetupError);
    await expect(setup(server)).rejects.toThrow(`found migration ${newer}, expected at most ${SCHEMA_VERSION}`);
  });

  test('refuses a migration of another build', async () => {
    const { database, server } = await createFixture();
    await database.client.command({
      query: "INSERT INTO migrations (version, name, checksum) VALUES (1, 'x', 'other')",
    });
    await expect(setup(server)).rejects.toThrow(
      /found migration 1 of another build .*start anew: another CLICKHOUSE_DATABASE, or another --dir/,
    );
  });
});

describe('requireUsable()', () => {
  const good: ServerFacts = { version: '25.12.1.1', pinSetting: '1', nowMs: 0 };

  test.each(['25.12.1.1', '26.1.2.3', '26.7.2.1', '100.1'])('takes version %s', (version) => {
    expect(() => { requireUsable({ ...good, version }); }).not.toThrow(); // prettier-ignore
  });

  test.each(['25.11.9.9', '24.12.1.1', '3.25'])('refuses version %s', (version) => {
    expect(() => { requireUsable({ ...good, version }); }).toThrow(SetupError); // prettier-ignore
    expect(versionProblem({ ...good, version })).toContain(version);
  });

  test('refuses a server without the snapshot setting, or with it switched off', () => {
    expect(pinProblem({ ...good, pinSetting: undefined })).toContain('found no setting');
    expect(pinProblem({ ...good, pinSetting: '0' })).toContain('= 0, expected 1');
    expect(() => { requireUsable({ ...good, pinSetting: '0' }); }).toThrow(SetupError); // prettier-ignore
  });
});

describe('MIGRATIONS', () => {
  test('are numbered from 1 without gaps', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });

  test('have statements whose checksum does not depend on the database’s name', () => {
    for (const migration of MIGRATIONS) {
      expect(checksum(migration)).toMatch(/^[0-9a-f]{64}$/);
      expect(migration.statements((table) => table).join()).not.toMatch(/undefined|\[object/);
    }
  });

  test('are printed whole, and what is printed makes the same database', async () => {
    const database = await createDatabase();
    const server = connect(database.name);
    const script = printDdl(server.name.bind(server), database.name);
    for (const statement of script.split(/;\n/).map((text) => text.replace(/^\s*(--.*\n)*/, '').trim())) {
      if (statement !== '' && !statement.startsWith('--')) await database.client.command({ query: statement });
    }
    const checks = await checkServer(server, 'operator', Date.now);
    expect(checks.filter(({ ok }) => !ok).map(({ found }) => found)).toEqual([
      `migration 0, expected ${SCHEMA_VERSION}`,
    ]);
  });
});

describe('ClickHouseServer', () => {
  test('refuses credentials in the URL, and what is no URL, before it connects', () => {
    const config = { user: 'u', password: 'p', database: 'd' };
    expect(() => new ClickHouseServer({ ...config, url: 'http://u:topsecret@h:1' })).toThrow(ConfigError);
    expect(() => new ClickHouseServer({ ...config, url: 'http://u:topsecret@h:1' })).not.toThrow(/topsecret/);
    expect(() => new ClickHouseServer({ ...config, url: 'h:8123' })).toThrow(ConfigError);
  });

  test.each(['a b', 'a`b', 'a;DROP', '', "a'b"])('refuses the database name %j', (database) => {
    expect(() => new ClickHouseServer({ url: 'http://h:1', user: 'u', password: 'p', database })).toThrow(InputError);
  });

  test('case 67: says AccessError of a wrong password, without it', async () => {
    const server = connect('default', { ...inject('stack').clickhouse, password: 'topsecret' });
    const failure = await setup(server).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AccessError);
    expect(String((failure as Error).stack)).not.toContain('topsecret');
  });

  test('says UnavailableError of a server that is not there', async () => {
    const server = connect('default', { ...inject('stack').clickhouse, url: 'http://127.0.0.1:1' });
    await expect(setup(server)).rejects.toThrow(UnavailableError);
    expect(await checkServer(server, 'worker', Date.now)).toEqual([
      expect.objectContaining({ subject: 'ClickHouse: reach and credentials', ok: false }),
    ]);
  });
});
