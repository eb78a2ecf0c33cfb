/** Cases 90 and 94: keys and personal values are planted, then searched for in all that comes out. */
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { createInsightReader } from '../../adapters/clickhouse/insight/index.ts';
import { startDashboard } from '../../dashboard/server.ts';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { addHours, parseHour } from '../../domain/hour.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { execute } from '../support/runs.ts';
import { createService, runCli, type Service } from '../support/service.ts';
import { publishObject } from '../support/s3.ts';
import { canaryArchive, canaryLines, CONTROL, historiesOf, newPersons, OBEYED, type Persons } from './canaries.ts';

const HOUR = parseHour('2024-05-01T13');
const NEXT = addHours(HOUR, 1);
const RANGE = `from=${HOUR}&to=${addHours(HOUR, 2)}`;
const COMMANDS = [
  ['coverage', HOUR.slice(0, 10)],
  ['coverage', HOUR.slice(0, 10), '--json'],
  ['quarantine', 'list'],
  ['setup', '--print'],
];
/** Every answer of the dashboard that holds values of the feed, exports among them. */
const PANELS = [
  ...['extent', 'surroundings', `funnel?${RANGE}`, `products?${RANGE}`, `map?${RANGE}&limit=100`, `hour?hour=${HOUR}`],
  ...[`kpis?${RANGE}&family=views`, `coverage?${RANGE}`, `coverage-days?${RANGE}`, `scorecard?${RANGE}`],
  ...['country', 'region', 'source', 'page', 'browser', 'device'].flatMap((dimension) => [
    `breakdown?${RANGE}&family=views&limit=1000&dimension=${dimension}`,
    `breakdown.csv?${RANGE}&family=views&limit=1000&dimension=${dimension}`,
  ]),
  ...[`series.csv?${RANGE}&family=views&grain=hour`, `scorecard.csv?${RANGE}`, `scorecard.json?${RANGE}`],
];

/** A worker without the right key: what its failure says. Then the right one, over a broken archive and odd lines. */
async function runAll(service: Service, persons: Persons, wrongKey: string): Promise<string> {
  const denied = await service.startWorker({ env: { AWS_SECRET_ACCESS_KEY: wrongKey, LOG_LEVEL: 'debug' } });
  const input = { hour: HOUR, waitForObjectMinutes: 0 };
  await execute(service, 'hourlyLoad', 'denied', input).catch(() => undefined);
  await denied.kill('SIGTERM');
  const worker = await service.startWorker({ env: { LOG_LEVEL: 'debug' } });
  for (const table of TABLE_NAMES)
    await publishObject({ ...service, table, hour: HOUR, lines: canaryLines(table, HOUR, persons) });
  await publishObject({ ...service, table: 'geo_events', hour: NEXT, body: canaryArchive() });
  await execute(service, 'hourlyLoad', 'loaded', input);
  await execute(service, 'hourlyLoad', 'rejected', { hour: NEXT, tables: ['geo_events'], waitForObjectMinutes: 0 });
  await execute(service, 'reconcile', 'reconciled', { from: HOUR, to: addHours(NEXT, 1) });
  return denied.said() + worker.said();
}

async function commandsOf(service: Service, wrongKey: string): Promise<string> {
  const said: string[] = [];
  for (const command of COMMANDS) {
    const { stdout, stderr } = await service.clickfeed(...command);
    said.push(`$ ${command.join(' ')}\n${stdout}${stderr}`);
  }
  const keys = { AWS_SECRET_ACCESS_KEY: wrongKey, CLICKHOUSE_PASSWORD: wrongKey };
  const { code, stdout, stderr } = await runCli({ ...service.env, ...keys }, ['doctor']);
  expect(code).toBe(1);
  return [...said, stdout, stderr].join('\n');
}

async function pagesOf({ server }: Service): Promise<string> {
  const reader = createInsightReader(server, { nowMs: Date.now });
  const dashboard = await startDashboard({ reader, page: [], version: '0', port: 0, now: Date.now });
  cleanUpLater(() => dashboard.close());
  const answers = [];
  for (const path of PANELS) {
    const response = await fetch(`${dashboard.url}/api/${path}`);
    const text = await response.text();
    expect(response.status, `${path}: ${text}`).toBe(200);
    answers.push(`${path}\n${text}`);
  }
  return answers.join('\n');
}

/** All rows of all views but those for operators. */
async function viewsOf({ database }: Service): Promise<string> {
  const views = await database.rows<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View' AND NOT endsWith(name, '_personal')`,
  );
  expect(views.map(({ name }) => name)).toEqual(expect.arrayContaining(['device_events', 'events', 'bi_page_views']));
  const answers = [];
  for (const { name } of views) answers.push(name, JSON.stringify(await database.rows(`SELECT * FROM ${name}`)));
  return answers.join('\n');
}

async function queryLogOf({ database }: Service): Promise<string> {
  await database.client.command({ query: 'SYSTEM FLUSH LOGS' });
  const queries = await database.rows(
    'SELECT * EXCEPT ProfileEvents FROM system.query_log WHERE has(databases, currentDatabase()) OR position(query, currentDatabase()) > 0',
  );
  return JSON.stringify(queries);
}

describe('the service, with canaries for keys and persons in it', () => {
  it('cases 90 and 94: lets none of them out by logs, histories, commands, pages, exports, views and the query log, nor a control character to a terminal', async () => {
    const service = await createService();
    const persons = newPersons();
    const wrongKey = `wrong-${randomUUID()}`;
    const logs = await runAll(service, persons, wrongKey);
    const [stored] = await service.database.rows<{ key: string }>('SELECT key FROM personal_key');
    const outputs = {
      logs,
      histories: await historiesOf(service),
      commands: await commandsOf(service, wrongKey),
      pages: await pagesOf(service),
      views: await viewsOf(service),
      queryLog: await queryLogOf(service),
    };
    const { s3, clickhouse } = inject('stack');
    const canaries = {
      ...persons,
      wrongKey,
      s3Secret: s3.secretAccessKey,
      clickhousePassword: clickhouse.password,
      hashKey: stored?.key ?? '',
    };
    // The canaries are where they belong, and the outputs are those of these runs.
    const [{ seen } = { seen: '' }] = await service.database.rows<{ seen: string }>(
      `SELECT concat((SELECT toString(groupArray(user_custom_id)) FROM device_events_personal),
        (SELECT toString(groupArray((ip_address, _extra))) FROM geo_events_personal),
        (SELECT toString(groupArray(text)) FROM quarantine)) AS seen`,
    );
    for (const person of Object.values(persons)) expect(seen).toContain(person);
    for (const text of [outputs.logs, outputs.histories, outputs.commands, outputs.queryLog])
      expect(text).toContain('geo_events');
    expect(outputs.histories).toContain('entry-unsafe-name');
    expect(outputs.histories).toContain('AccessError');
    for (const [where, text] of Object.entries(outputs)) {
      for (const [what, canary] of Object.entries(canaries)) {
        expect(canary, what).not.toBe('');
        expect(text.includes(canary), `${what} in ${where}`).toBe(false);
      }
    }
    expect(OBEYED.test(CONTROL)).toBe(true);
    for (const where of ['logs', 'commands'] as const) {
      const found = OBEYED.exec(outputs[where]);
      const around = outputs[where].slice(Math.max(0, (found?.index ?? 0) - 80), (found?.index ?? 0) + 80);
      expect(found, `a control character in ${where}: ${JSON.stringify(around)}`).toBeNull();
    }
  }, 240_000);
});
