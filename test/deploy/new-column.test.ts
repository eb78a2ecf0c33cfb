import { execFile } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { MIGRATIONS } from '../../adapters/clickhouse/migrations.ts';
import { addHours, parseHour } from '../../domain/hour.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createLoader } from '../support/loader.ts';
import { createTempDir } from '../support/own-servers.ts';
import { publishObject } from '../support/s3.ts';

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

/** A copy of the project, changed as docs/deploy/tables-and-columns.md says. */
async function changedCopy(): Promise<string> {
  const copy = await createTempDir();
  for (const name of ['domain', 'activities', 'adapters', 'package.json', 'tsconfig.json', 'test/deploy']) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const page = readFileSync(join(ROOT, 'docs/deploy/tables-and-columns.md'), 'utf8');
  const [entry = '', migration = ''] = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);
  edit(
    join(copy, 'domain/catalogue.ts'),
    "    optional('utm_campaign', 'category', 'Marketing campaign'),\n",
    `    optional('utm_campaign', 'category', 'Marketing campaign'),\n${entry}`,
  );
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
  return copy;
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

  const copy = await changedCopy();
  const { clickhouse, s3 } = inject('stack');
  const walk = {
    clickhouse: { ...clickhouse, database: loader.database.name },
    s3: { ...s3, prefix: loader.prefix },
    hour: HOUR,
  };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'test/deploy/new-column-walk.ts'],
    { cwd: copy, env: { ...process.env, WALK: JSON.stringify(walk) } },
  );
  expect(JSON.parse(stdout)).toEqual({ applied: ['location_events: utm_term'], drift: {}, outcome: 'current' });

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
