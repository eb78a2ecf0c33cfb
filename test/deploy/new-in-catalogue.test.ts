import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { MIGRATIONS } from '../../adapters/clickhouse/migrations.ts';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { objectKey } from '../../domain/feed-object.ts';
import { addHours, onlyHour, parseHour } from '../../domain/hour.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createLoader, type Loader } from '../support/loader.ts';
import { createTempDir } from '../support/own-servers.ts';
import { publishObject, putBytes } from '../support/s3.ts';
import { zipOf } from '../support/zip.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HOUR = parseHour('2024-05-01T13');

/** Replaces a text that must be there once. */
function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  expect(text.split(from).length, `${from} in ${file}`).toBe(2);
  writeFileSync(
    file,
    text.replace(from, () => to),
  );
}

/** The blocks of TypeScript of docs/deploy/tables-and-columns.md, in order. */
function blocks(): string[] {
  const page = readFileSync(join(ROOT, 'docs/deploy/tables-and-columns.md'), 'utf8');
  return [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);
}

/** A copy of the project, to be changed as the page says. */
async function copyOfProject(): Promise<string> {
  const copy = await createTempDir();
  for (const name of ['domain', 'activities', 'adapters', 'package.json', 'tsconfig.json', 'test/deploy']) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Adds the migration to a copy. */
function addMigration(copy: string, migration: string): void {
  // The released migrations, written out.
  const released = MIGRATIONS.map(({ version, name, statements }) => {
    const texts = statements((table) => `@@${table}@@`);
    return { version, name, texts };
  });
  writeFileSync(join(copy, 'adapters/clickhouse/released.json'), JSON.stringify(released));
  const file = join(copy, 'adapters/clickhouse/migrations.ts');
  const begin = 'export const MIGRATIONS: readonly Migration[] = [';
  const text = readFileSync(file, 'utf8');
  const end = text.indexOf('\n];', text.indexOf(begin));
  const list = text.slice(text.indexOf(begin), end);
  const next = migration.replace(/version: \d+/, `version: ${MIGRATIONS.length + 1}`);
  edit(
    file,
    list,
    `import released from './released.json' with { type: 'json' };
const RELEASED = released.map(({ version, name, texts }) => ({
  version,
  name,
  statements: (of: Namer) => texts.map((text) => text.replace(/@@(\\w+)@@/g, (_, table: string) => of(table))),
}));
${begin}
  ...RELEASED,
  ${next}`,
  );
}

/** Runs walk.ts in the copy. */
async function walk(copy: string, loader: Loader, tables: readonly string[]): Promise<unknown> {
  const { clickhouse, s3 } = inject('stack');
  const places = {
    clickhouse: { ...clickhouse, database: loader.database.name },
    s3: { ...s3, prefix: loader.prefix },
    tables,
    hour: HOUR,
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'test/deploy/walk.ts'], {
    cwd: copy,
    env: { ...process.env, WALK: JSON.stringify(places) },
  });
  return JSON.parse(stdout);
}

it('tables-and-columns.md leads to a column that old hours lack and hours loaded again have', async () => {
  const loader = await createLoader();
  const withTerm = (fields: Record<string, unknown>, number: number): Record<string, unknown> => ({
    ...fields,
    utm_term: `term ${number % 2}`,
  });
  const hours = [HOUR, addHours(HOUR, 1)] as const;
  for (const hour of hours) {
    const lines = linesOf('location_events', hour, 50, withTerm);
    await publishObject({ ...loader, table: 'location_events', hour, lines });
  }
  const window = { table: 'location_events', from: HOUR, to: addHours(HOUR, 2), mode: 'missing' } as const;
  const before = await loader.loadTable({ ...window, seen: [], fillCleared: true });
  expect(before).toMatchObject({ rows: 100, drift: { utm_term: 100 } });

  const [entry = '', migration = ''] = blocks();
  const copy = await copyOfProject();
  edit(
    join(copy, 'domain/catalogue.ts'),
    "    optional('utm_campaign', 'category', 'Marketing campaign'),\n",
    `    optional('utm_campaign', 'category', 'Marketing campaign'),\n${entry}`,
  );
  addMigration(copy, migration);
  expect(await walk(copy, loader, ['location_events'])).toMatchObject({
    applied: ['location_events: utm_term'],
    loads: [{ drift: {}, outcome: 'current' }],
  });

  const rows = await loader.database.rows(
    `SELECT _hour = {first:DateTime('UTC')} AS is_first, utm_term, count() AS n FROM location_events
     GROUP BY ALL ORDER BY ALL`,
    { first: '2024-05-01 13:00:00' },
  );
  expect(rows).toEqual([
    { is_first: 0, utm_term: null, n: '50' },
    { is_first: 1, utm_term: 'term 0', n: '25' },
    { is_first: 1, utm_term: 'term 1', n: '25' },
  ]);
  const kept = await loader.database.rows(
    "SELECT _extra = '' AS is_empty, count() AS n FROM location_events_personal GROUP BY ALL ORDER BY ALL",
  );
  expect(kept).toEqual([
    { is_empty: 0, n: '50' },
    { is_empty: 1, n: '50' },
  ]);
}, 90_000);

it('tables-and-columns.md leads to a table that is loaded beside the others, whose page views stay as they are', async () => {
  const loader = await createLoader();
  for (const table of TABLE_NAMES) {
    await publishObject({ ...loader, table, hour: HOUR, lines: linesOf(table, HOUR, 20) });
    await loader.loadTable({ table, ...onlyHour(HOUR), mode: 'missing', seen: [], fillCleared: true });
  }
  await loader.run(() => loader.activities.buildEvents(onlyHour(HOUR)));
  const pageViews = (): Promise<unknown> =>
    loader.database.rows('SELECT count() AS n, uniqExact(_load) AS loads FROM events');
  expect(await pageViews()).toEqual([{ n: '20', loads: '1' }]);
  const lines = Array.from({ length: 30 }, () => JSON.stringify({ event_id: randomUUID(), load_seconds: '0.4' }));
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const key = objectKey('browser_events', HOUR).replace('browser_events', 'page_timings');
  await putBytes(loader.prefix + key, await zipOf('page_timings.jsonl', bytes));

  const [, , entry = '', migration = ''] = blocks();
  const copy = await copyOfProject();
  const catalogue = join(copy, 'domain/catalogue.ts');
  edit(catalogue, "'location_events'] as const", "'location_events', 'page_timings'] as const");
  edit(catalogue, '  location_events: locationEvents,\n', `  location_events: locationEvents,\n${entry}`);
  addMigration(copy, migration);
  // The page views of the hour are stale by its geo events, and are not any more once they are built.
  expect(await walk(copy, loader, ['page_timings', 'geo_events'])).toEqual({
    applied: ['page_timings'],
    loads: [
      { drift: {}, outcome: 'current', rows: 30 },
      { drift: {}, outcome: 'current', rows: 20 },
    ],
    built: [1, 0],
  });
  expect(await loader.database.rows('SELECT load_seconds, count() AS n FROM page_timings GROUP BY ALL')).toEqual([
    { load_seconds: '0.4', n: '30' },
  ]);
  expect(await pageViews()).toEqual([{ n: '20', loads: '1' }]);
}, 90_000);
