/** The printed grants, given to real users: they suffice, and nothing more is possible. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  checkServer,
  ClickHouseServer,
  createLoadPorts,
  createStatusReader,
  ROLES,
  setup,
  type Role,
} from '../../../adapters/clickhouse/index.ts';
import { createAuditor, createSweeper, createTruncations } from '../../../adapters/clickhouse/operations/index.ts';
import { CATALOGUE, TABLE_NAMES } from '../../../domain/catalogue.ts';
import { AccessError } from '../../../domain/errors.ts';
import { addHours, onlyHour } from '../../../domain/hour.ts';
import { startClickHouse, type ClickHouseServer as Process } from '../../../devstack/servers/clickhouse.ts';
import { HOUR, line, loadLines, nextLoadId, SIGNAL } from './fixture.ts';
import { addRoleUsers } from '../../support/clickhouse-roles.ts';
import { createDatabase, type TestDatabase } from '../../support/clickhouse.ts';

const PASSWORD = randomUUID();
let dir: string;
let process: Process;
let database: TestDatabase;
let readerClient: ClickHouseClient;
const servers = new Map<Role | 'admin', ClickHouseServer>();

function as(role: Role | 'admin'): ClickHouseServer {
  const server = servers.get(role);
  if (server === undefined) throw new RangeError(`No server for ${role}`);
  return server;
}

function connectAs(role: Role | 'admin'): void {
  const credentials =
    role === 'admin' ? { user: process.user, password: process.password } : { user: role, password: PASSWORD };
  servers.set(role, new ClickHouseServer({ url: process.url, database: database.name, ...credentials }));
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clickfeed-test-'));
  process = await startClickHouse({ dir, user: 'clickfeed', password: randomUUID() });
  database = await createDatabase(process);
  connectAs('admin');
  for (const role of ROLES) connectAs(role);
  await addRoleUsers({ dir, process }, { name: database.name, password: PASSWORD });
  await setup(as('admin'));
  readerClient = createClient({ url: process.url, username: 'reader', password: PASSWORD });
});

afterAll(async () => {
  for (const server of servers.values()) await server.close();
  await readerClient.close();
  await database.drop();
  await process.process.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Runs a SELECT as the role; undefined when it may not. */
async function select(role: Role, sql: string): Promise<unknown[] | undefined> {
  try {
    return await as(role).query({ sql: sql.replaceAll('@', `${database.name}.`), doing: 'try', signal: SIGNAL });
  } catch (error) {
    if (error instanceof AccessError) return undefined;
    throw error;
  }
}

async function command(role: Role, sql: string): Promise<void> {
  await as(role).command({ sql: sql.replaceAll('@', `${database.name}.`), doing: 'try', signal: SIGNAL });
}

describe('the worker', () => {
  test('can do all that a load needs, and status', async () => {
    const server = as('worker');
    const ports = { ...createLoadPorts(server), server, database };
    for (const table of TABLE_NAMES) {
      const loadId = await loadLines(ports, table, HOUR, [line(table)]);
      const counts = await ports.warehouse.countStored(table, [{ index: 1, loadId, hour: HOUR }], SIGNAL);
      expect(counts.get(loadId)?.rows).toBe(1);
      const object = { table, hour: HOUR, format: 'zip', key: 'k', etag: 'e', sizeBytes: 1, modifiedMs: 1 } as const;
      const bad = [{ lineNumber: 1, text: 'x', encoding: 'utf8', reason: 'y' }] as const;
      await ports.warehouse.insertQuarantine(object, nextLoadId(), bad, SIGNAL);
      await ports.ledger.recordSightings([{ table, hour: HOUR }], SIGNAL);
      await ports.ledger.abandon(table, [{ hour: addHours(HOUR, 1), loadId: nextLoadId() }], 'attempt-failed');
      await ports.ledger.reject({
        table,
        hour: HOUR,
        loadId: nextLoadId(),
        object,
        reason: 'crc-mismatch',
        detail: '',
      });
      expect((await ports.ledger.state(table, onlyHour(HOUR), SIGNAL)).hours.get(HOUR)?.current?.loadId).toBe(loadId);
    }
    expect(await ports.ledger.truncationsInForce(SIGNAL)).toEqual([]);
    const status = createStatusReader(server);
    expect((await status.status(TABLE_NAMES, onlyHour(HOUR))).map(({ rows }) => rows)).toEqual([1, 1, 1, 1]);
    expect([...(await status.countVisibleRows(TABLE_NAMES)).values()]).toEqual([1, 1, 1, 1]);
  });

  test('can do all that the operator asks of it: truncate, restore, purge, sweep, count', async () => {
    const server = as('worker');
    const hour = addHours(HOUR, 5);
    const ports = { ...createLoadPorts(server), server, database };
    await loadLines(ports, 'geo_events', hour, [line('geo_events')]);
    const place = { tables: ['geo_events'], ...onlyHour(hour) } as const;
    const truncations = createTruncations(server);
    expect(await truncations.truncate({ ...place, truncationId: 'truncation-a' }, SIGNAL)).toMatchObject({ loads: 1 });
    expect(await truncations.restore('truncation-a', SIGNAL)).toMatchObject({ loads: 1 });
    const auditor = createAuditor(server);
    expect(await auditor.mismatches('geo_events', onlyHour(hour), SIGNAL)).toEqual([]);
    const facts = await auditor.storageFacts(place, SIGNAL);
    expect(facts.freeDiskBytes).toBeGreaterThan(0);
    expect(facts.tables.geo_events?.storedRows).toBeGreaterThan(0);
    await truncations.truncate({ ...place, truncationId: 'truncation-b' }, SIGNAL);
    expect(await truncations.purge('truncation-b', SIGNAL)).toMatchObject({ outcome: 'purged', loads: 1 });
    const rules = { attemptMs: 1, settleMs: 1, purgeSettleMs: 1, loadsMax: 10 };
    expect(await createSweeper(server).sweep('geo_events', rules, SIGNAL)).toMatchObject({ deletedRows: 1 });
    expect(await createSweeper(server).sweep('events', rules, SIGNAL)).toMatchObject({ deletedRows: 0 });
  });

  test.each([
    'SELECT user_custom_id FROM @device_events_raw',
    'SELECT ip_address FROM @geo_events_raw',
    'SELECT _extra FROM @geo_events_raw',
    'SELECT * FROM @geo_events_personal',
    'SELECT text FROM @quarantine',
  ])('cannot %s', async (sql) => {
    expect(await select('worker', sql)).toBeUndefined();
  });

  test.each([
    'DROP TABLE @loads',
    'TRUNCATE TABLE @geo_events_raw',
    'ALTER TABLE @loads DELETE WHERE 1',
    'TRUNCATE TABLE @geo_events_raw',
    'ALTER TABLE @loads DROP COLUMN detail',
    'CREATE TABLE @mine (a UInt8) ENGINE = Memory',
    'INSERT INTO @personal_key (key) VALUES (1)',
    'INSERT INTO @migrations (version) VALUES (9)',
  ])('cannot %s', async (sql) => {
    await expect(command('worker', sql)).rejects.toThrow(AccessError);
  });
});

describe('the reader', () => {
  test.each(TABLE_NAMES)('can select everything that the view %s shows', async (table) => {
    expect(await select('reader', `SELECT * FROM @${table}`)).toHaveLength(1);
    for (const { name } of CATALOGUE[table].fields) {
      expect(await select('reader', `SELECT ${name} FROM @${table} WHERE _hour < now()`)).toHaveLength(1);
    }
  });

  test.each([
    'SELECT table_name, rows, reason FROM @loads',
    'SELECT * FROM @current_loads',
    'SELECT * FROM @sightings',
  ])('can %s', async (sql) => {
    expect((await select('reader', sql))?.length).toBeGreaterThan(0);
  });

  test.each([
    ...TABLE_NAMES.map((table) => `SELECT count() FROM @${table}_personal`),
    ...TABLE_NAMES.map((table) => `SELECT _extra FROM @${table}_raw`),
    'SELECT user_custom_id FROM @device_events_raw',
    'SELECT ip_address FROM @geo_events_raw',
    'SELECT _load FROM @geo_events_raw WHERE ip_address != 0',
    'SELECT * FROM @quarantine',
    'SELECT count() FROM @quarantine',
    'SELECT * FROM @personal_key',
    'SELECT detail FROM @loads',
  ])('cannot %s', async (sql) => {
    expect(await select('reader', sql)).toBeUndefined();
  });

  test.each([
    'INSERT INTO @loads (load_id) VALUES (1)',
    'INSERT INTO @geo_events_raw (_load) VALUES (1)',
    'DROP VIEW @geo_events',
    'CREATE OR REPLACE VIEW @geo_events AS SELECT 1',
  ])('cannot %s', async (sql) => {
    await expect(command('reader', sql)).rejects.toThrow(AccessError);
  });

  test('cannot switch off the pin', async () => {
    const sql = 'SELECT count() AS n FROM @geo_events'.replaceAll('@', `${database.name}.`);
    const settings = { enable_shared_storage_snapshot_in_query: 0 } as const;
    await expect(as('reader').query({ sql, doing: 'try', settings })).rejects.toThrow(/SETTING_CONSTRAINT_VIOLATION/);
  });
});

describe('the operator', () => {
  test('sees originals and quarantined lines', async () => {
    expect(await select('operator', 'SELECT ip_address FROM @geo_events_personal')).toEqual([
      { ip_address: '206.227.30.186' },
    ]);
    expect((await select('operator', 'SELECT text FROM @quarantine'))?.length).toBeGreaterThan(0);
  });

  test('can run setup, which mends a view that was dropped', async () => {
    await database.client.command({ query: 'DROP VIEW geo_events' });
    expect((await setup(as('operator'))).mended).toEqual(['view geo_events is missing']);
    expect(await select('reader', 'SELECT * FROM @geo_events')).toHaveLength(1);
  });

  test.each(['INSERT INTO @geo_events_raw (_load) VALUES (1)', 'INSERT INTO @loads (load_id) VALUES (1)'])(
    'cannot %s',
    async (sql) => {
      await expect(command('operator', sql)).rejects.toThrow(AccessError);
    },
  );
});

describe('checkServer()', () => {
  test.each(ROLES)('finds the rights of the %s sufficient, and the tables by them', async (role) => {
    const checks = await checkServer(as(role), role, Date.now);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks).toHaveLength(6);
  });

  test('names what a role lacks', async () => {
    const checks = await checkServer(as('reader'), 'worker', Date.now);
    const rights = checks.find(({ ok }) => !ok);
    expect(rights?.subject).toBe('ClickHouse: rights of the worker');
    expect(rights?.found).toContain(`INSERT ON \`${database.name}\`.\`loads\``);
  });
});
