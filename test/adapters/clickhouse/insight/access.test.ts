/** The reader's user, with the printed grants and nothing else, reads every panel and BI view; the worker's builds events. */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  BI_VIEWS,
  createEventsStore,
  createInsightReader,
  VIEWED_TABLES,
  DERIVED_TABLES,
} from '../../../../adapters/clickhouse/insight/index.ts';
import { createEventsActivities } from '../../../../activities/build-events.ts';
import { ClickHouseServer, createLoadIds } from '../../../../adapters/clickhouse/index.ts';
import { grantsOf, ROLES, type Role } from '../../../../adapters/clickhouse/grants.ts';
import { TABLE_NAMES } from '../../../../domain/catalogue.ts';
import { AccessError } from '../../../../domain/errors.ts';
import { onlyHour } from '../../../../domain/hour.ts';
import { startClickHouse, type ClickHouseServer as Process } from '../../../../devstack/servers/clickhouse.ts';
import { createTempDir } from '../../../support/own-servers.ts';
import { linesOf } from '../../../support/feed-lines.ts';
import { cleanUpLater } from '../../../support/cleanup.ts';
import { HOUR } from '../fixture.ts';
import { createInsightFixture, run, type InsightFixture } from './fixture.ts';

const PASSWORD = randomUUID();

/** The embedded server takes users from its file only: the printed rights go there. */
async function addUsers(dir: string, process: Process, fixture: InsightFixture): Promise<void> {
  const users = ROLES.map((role) => {
    const grants = grantsOf(role, fixture.server.name.bind(fixture.server), fixture.database.name);
    const queries = grants.map(({ rights, on }) => `<query>GRANT ${rights} ON ${on}</query>`).join('');
    return `<${role}><password>${PASSWORD}</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
      <quota>default</quota><grants>${queries}</grants></${role}>`;
  });
  const file = join(dir, 'users.xml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('</users>', `${users.join('')}</users>`));
  await process.process.restart();
}

function connectAs(role: Role, process: Process, fixture: InsightFixture): ClickHouseServer {
  const { name: database } = fixture.database;
  const server = new ClickHouseServer({ url: process.url, user: role, password: PASSWORD, database });
  cleanUpLater(() => server.close());
  return server;
}

test('the worker builds page views and the reader reads them, each with the least rights', async () => {
  const dir = await createTempDir();
  const process = await startClickHouse({ dir, user: 'clickfeed', password: randomUUID() });
  cleanUpLater(() => process.process.stop());
  const fixture = await createInsightFixture(process);
  await addUsers(dir, process, fixture);
  for (const table of TABLE_NAMES) {
    const lines = linesOf(table, HOUR, 30).map((line) =>
      line.replace('"page_url_path":"/home"', '"page_url_path":"/confirmation"'),
    );
    await fixture.load(table, HOUR, lines);
  }
  const worker = connectAs('worker', process, fixture);
  const activities = createEventsActivities({
    events: createEventsStore(worker),
    loadIds: createLoadIds(worker),
    workerName: 'w',
  });
  expect(await run(() => activities.buildEvents(onlyHour(HOUR)))).toMatchObject({
    hoursBuilt: 1,
    rows: 30,
    hoursLeft: 0,
  });

  expect(await run(() => activities.buildMonths())).toEqual({ monthsBuilt: 1, monthsLeft: 0 });

  const server = connectAs('reader', process, fixture);
  const reader = createInsightReader(server, { nowMs: () => Date.UTC(2024, 5, 1) });
  const query = { range: onlyHour(HOUR), filters: [{ dimension: 'source', value: 'facebook' }] } as const;
  expect((await reader.kpis(query, 'views')).current.page_views).toBe(30);
  expect((await reader.kpis(query, 'sessions')).current.sessions).toBe(10);
  expect((await reader.hour(HOUR)).receipts).toHaveLength(4);
  expect((await reader.extent()).firstHour).toBe(HOUR);
  const { lines, proof } = await reader.scorecard(onlyHour(HOUR));
  expect(lines.find(({ id }) => id === 'joined_events')).toMatchObject({ value: 1, verdict: 'good' });
  expect(lines.find(({ id }) => id === 'stored_bytes_per_million')!.value).toBeGreaterThan(0);
  expect(proof.map(({ rows }) => rows)).toEqual([30, 30, 30, 30]);

  for (const { name } of BI_VIEWS) {
    const rows = await server.query({ sql: `SELECT * FROM ${server.name(name)}`, doing: 'read' });
    expect([name, rows.length > 0]).toEqual([name, true]);
    expect(JSON.stringify(rows)).not.toMatch(/@example\.com|203\.0\.113\.[1-9]/);
  }
  for (const table of [...VIEWED_TABLES.map(({ view }) => view), ...DERIVED_TABLES.map(({ raw }) => raw)]) {
    const rows = await server.query({ sql: `SELECT * FROM ${server.name(table)}`, doing: 'read' });
    expect([table, rows.length > 0]).toEqual([table, true]);
    expect(JSON.stringify(rows)).not.toMatch(/@example\.com|203\.0\.113\.[1-9]/);
  }
  await expect(
    server.query({ sql: `SELECT user_custom_id FROM ${server.name('device_events_raw')}`, doing: 'read' }),
  ).rejects.toThrow(AccessError);
});
