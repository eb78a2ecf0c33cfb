/**
 * Real clients of BI tools (clickhouse-connect, its SQLAlchemy dialect, clickhouse-driver) as the reader: they read every BI
 * view, and nothing that they can say gives away an e-mail, an IP address or a quarantined line.
 */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { BI_VIEWS } from '../../adapters/clickhouse/insight/index.ts';
import { createWarehouse, printGrants } from '../../adapters/clickhouse/index.ts';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { onlyHour } from '../../domain/hour.ts';
import { startClickHouse } from '../../devstack/servers/clickhouse.ts';
import { createInsightFixture } from '../adapters/clickhouse/insight/fixture.ts';
import { HOUR, nextLoadId, SIGNAL } from '../adapters/clickhouse/fixture.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { addRoleUsers } from '../support/clickhouse-roles.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createTempDir } from '../support/own-servers.ts';
import { attempts, type Attempt } from './attempts.ts';
import { PYTHON_VERSION, runClients } from './python.ts';

const LINES = 30;
const SECRETS = /@example|203\.0\.113\.[1-9]|quarantined-secret/;
const CLIENTS = ['http', 'sqlalchemy', 'native'] as const;

interface Answer {
  readonly views: Record<string, Record<string, { columns: string[]; rows: (string | null)[][] }>>;
  readonly attempts: Record<'http' | 'native', { answer?: string; error?: string }[]>;
}

/** A server with loaded, quarantined and deleted lines, asked by the clients. */
async function askAsReader(): Promise<{ answer: Answer; tried: readonly Attempt[] }> {
  const dir = await createTempDir();
  const process = await startClickHouse({ dir, user: 'clickfeed', password: randomUUID() });
  cleanUpLater(() => process.process.stop());
  const fixture = await createInsightFixture(process);
  const { name } = fixture.database;
  const password = randomUUID();
  await addRoleUsers({ dir, process }, { name, password });
  for (const table of TABLE_NAMES) {
    const lines = linesOf(table, HOUR, LINES).map((line) =>
      line.replace('"page_url_path":"/home"', '"page_url_path":"/confirmation"'),
    );
    await fixture.load(table, HOUR, lines);
  }
  await fixture.build(onlyHour(HOUR));
  const object = {
    table: 'geo_events',
    hour: HOUR,
    format: 'zip',
    key: 'k',
    etag: 'e',
    sizeBytes: 1,
    modifiedMs: 1,
  } as const;
  const bad = [{ lineNumber: 1, text: 'quarantined-secret', encoding: 'utf8', reason: 'broken' }] as const;
  await createWarehouse(fixture.server).insertQuarantine(object, nextLoadId(), bad, SIGNAL);
  // What an operator may have done: the server remembers statements, and e-mails in them.
  await fixture.database.client.command({
    query: `ALTER TABLE device_events_raw UPDATE user_custom_id = '', user_custom_id_hash = ''
      WHERE user_custom_id = 'user1@example.com' SETTINGS mutations_sync = 1`,
  });
  await fixture.database.client.command({ query: 'SYSTEM FLUSH LOGS' });
  // There is something to find.
  for (const table of ['device_events_personal', 'geo_events_personal', 'quarantine', 'system.mutations']) {
    expect([table, JSON.stringify(await fixture.database.rows(`SELECT * FROM ${table}`))]).toEqual([
      table,
      expect.stringMatching(SECRETS),
    ]);
  }
  // The server parses what an administrator of a server of one's own runs.
  const printed = printGrants((table) => `\`${name}\`.\`${table}\``, name);
  for (const statement of printed.split(/;\n/).filter((text) => /^\s*\w/.test(text))) {
    await fixture.database.rows('SELECT formatQuery({statement:String})', { statement });
  }
  const tried = attempts(name, { tcpPort: process.tcpPort, password });
  const place = { host: '127.0.0.1', httpPort: Number(new URL(process.url).port), tcpPort: process.tcpPort };
  const answer = await runClients({
    place: { ...place, user: 'reader', password, database: name },
    views: BI_VIEWS.map((view) => view.name),
    attempts: tried.map(({ sql }) => sql),
  });
  return { answer: answer as Answer, tried };
}

test.skipIf(PYTHON_VERSION === undefined)(
  'BI clients read every view as the reader, and no personal value by any path (skipped without Python 3 and pip)',
  async () => {
    const { answer, tried } = await askAsReader();
    for (const view of BI_VIEWS) {
      const [first, ...others] = CLIENTS.map((client) => answer.views[client]![view.name]!);
      expect([view.name, first!.columns]).toEqual([view.name, view.columns.map((column) => column.name)]);
      expect([view.name, first!.rows.length > 0]).toEqual([view.name, true]);
      const sorted = ({ rows }: typeof first & object): string[] => rows.map((row) => JSON.stringify(row)).sort();
      for (const other of others) {
        expect(other.columns).toEqual(first!.columns);
        // The drivers write instants and numbers differently; keys and counts must be the same.
        expect(other.rows.length).toBe(first!.rows.length);
      }
      expect(sorted(answer.views['sqlalchemy']![view.name]!)).toEqual(sorted(first!));
    }
    expect(answer.views['native']!['bi_page_views']!.rows).toHaveLength(LINES);
    expect(JSON.stringify(answer.views)).not.toMatch(SECRETS);

    const gaveAway: unknown[] = [];
    for (const client of ['http', 'native'] as const) {
      tried.forEach(({ sql, must }, index) => {
        const { answer: said, error } = answer.attempts[client][index]!;
        const isRefused = error !== undefined && /Code: (497|164|291|452|392)|code 497|ACCESS_DENIED/i.test(error);
        const isHarmless = !SECRETS.test(`${said}${error}`);
        if (!isHarmless || (must === 'be refused' && !isRefused))
          gaveAway.push([client, sql, (said ?? error)?.slice(0, 300)]);
      });
    }
    expect(gaveAway).toEqual([]);
  },
  180_000,
);
