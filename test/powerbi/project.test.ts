/** The Power BI project as its files say it: whole in itself, and what it reads is there in ClickHouse, with types that fit. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { METRIC_IDS, METRICS } from '../../domain/metrics/metrics.ts';
import { createInsightFixture } from '../adapters/clickhouse/insight/fixture.ts';

const FOLDER = fileURLToPath(new URL('../../powerbi/', import.meta.url));
const DEFINITION = join(FOLDER, 'clickfeed.SemanticModel', 'definition');
const TYPES: Readonly<Record<string, RegExp>> = {
  string: /^String$/,
  int64: /^Int32$/,
  double: /^Nullable\(Float64\)$/,
  dateTime: /^(Date|DateTime\('UTC'\))$/,
};

interface Table {
  readonly columns: ReadonlyMap<string, string>;
  readonly measures: ReadonlyMap<string, string>;
  readonly text: string;
}

function filesOf(folder: string, extension: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith(extension)).map((name) => join(folder, name));
}

/** Reads a table of TMDL: what begins with one tab is an object, with two its property. */
function readTable(file: string): [name: string, table: Table] {
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(new RegExp(`^table ${basename(file, '.tmdl')}$`, 'm'));
  const columns = text.matchAll(
    /^\tcolumn (\w+)\n(?:\t\t.*\n)*?\t\tdataType: (\w+)\n(?:\t\t.*\n)*?\t\tsourceColumn: (\w+)$/gm,
  );
  const measures = text.matchAll(/^\tmeasure '([^']+)' = (.+)\n\t\tformatString: .+$/gm);
  const found = [...columns].map(([, name = '', type = '', source]) => {
    expect(source).toBe(name);
    return [name, type] as const;
  });
  const own = [...measures].map(([, name = '', dax = '']) => [name, dax] as const);
  // Nothing that the patterns above passed over.
  expect(found).toHaveLength(text.match(/^\tcolumn /gm)!.length);
  expect(own).toHaveLength((text.match(/^\tmeasure /gm) ?? []).length);
  return [basename(file, '.tmdl'), { columns: new Map(found), measures: new Map(own), text }];
}

const TABLES = new Map(filesOf(join(DEFINITION, 'tables'), '.tmdl').map(readTable));

function hasColumn(table: string, column: string): boolean {
  return TABLES.get(table)?.columns.has(column) === true;
}

test('the Power BI model reads columns of the BI views that are there, with types that fit', async () => {
  const { database } = await createInsightFixture();
  const rows = await database.rows<{ table: string; name: string; type: string }>(
    `SELECT table, name, type FROM system.columns WHERE database = currentDatabase() AND table LIKE 'bi\\_%'`,
  );
  expect(new Set(TABLES.keys())).toEqual(new Set(rows.map(({ table }) => table)));
  for (const [table, { columns, text }] of TABLES) {
    for (const [name, type] of columns) {
      const row = rows.find((candidate) => candidate.table === table && candidate.name === name);
      expect([table, name, row?.type]).toEqual([table, name, expect.stringMatching(TYPES[type]!)]);
    }
    expect(text).toContain(`{[Name = "${table}"]}[Data]`);
    const selected = /Table\.SelectColumns\(View, \{(.+)\}\)/.exec(text)![1]!.split(', ');
    expect(selected.map((name) => name.replaceAll('"', ''))).toEqual([...columns.keys()]);
    for (const [, by = ''] of text.matchAll(/sortByColumn: (\w+)/g))
      expect([table, by, columns.has(by)]).toEqual([table, by, true]);
  }
});

test('the Power BI model relates each fact to its dimensions, and has a measure for every metric', () => {
  const relationships = readFileSync(join(DEFINITION, 'relationships.tmdl'), 'utf8');
  const pairs = [...relationships.matchAll(/fromColumn: (\w+)\.(\w+)\n\ttoColumn: (\w+)\.(\w+)/g)];
  expect(pairs).toHaveLength(relationships.match(/^relationship /gm)!.length);
  for (const [, from = '', column = '', to = '', key = ''] of pairs) {
    expect([from, column, hasColumn(from, column)]).toEqual([from, column, true]);
    expect(TABLES.get(to)!.text).toMatch(
      new RegExp(`column ${key}\\n\\t\\tdataType: \\w+\\n(\\t\\tisHidden\\n)?\\t\\tisKey\\n`),
    );
    expect(TABLES.get(from)!.columns.get(column)).toBe(TABLES.get(to)!.columns.get(key));
  }
  const measures = [...TABLES.values()].flatMap((table) => [...table.measures]);
  for (const id of METRIC_IDS) expect(measures.map(([name]) => name)).toContain(METRICS[id].name.en);
  expect(new Set(measures.map(([name]) => name)).size).toBe(measures.length);
  for (const [name, dax] of measures) {
    const tables = [...dax.matchAll(/COUNTROWS\((\w+)\)/g)].map(([, table = '']) => table);
    const columns = [...dax.matchAll(/(\w+)\[(\w+)\]/g)].map(([, table = '', column = '']) => [table, column] as const);
    expect([name, tables.length + columns.length > 0]).toEqual([name, true]);
    for (const table of tables) expect([name, table, TABLES.has(table)]).toEqual([name, table, true]);
    for (const [table, column] of columns)
      expect([name, column, hasColumn(table, column)]).toEqual([name, column, true]);
    expect([name, (dax.match(/\(/g) ?? []).length]).toEqual([name, (dax.match(/\)/g) ?? []).length]);
  }
});

interface Reference {
  readonly Expression: { readonly SourceRef: { readonly Entity: string } };
  readonly Property: string;
}

/** Every reference to a field anywhere in a document. */
function references(value: unknown, kind: 'Column' | 'Measure'): Reference[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === kind ? [inner as Reference] : []),
    ...references(inner, kind),
  ]);
}

test('the Power BI report shows fields that the model has, on a page whose visuals do not overlap', () => {
  const visuals = filesOf(FOLDER, 'visual.json').map(
    (file) =>
      JSON.parse(readFileSync(file, 'utf8')) as {
        name: string;
        position: Record<'x' | 'y' | 'width' | 'height', number>;
      },
  );
  expect(visuals.length).toBeGreaterThan(10);
  for (const visual of visuals) {
    const columns = references(visual, 'Column').map(
      (field) => [field.Expression.SourceRef.Entity, field.Property] as const,
    );
    const measures = references(visual, 'Measure').map(
      (field) => [field.Expression.SourceRef.Entity, field.Property] as const,
    );
    expect([visual.name, columns.length + measures.length > 0]).toEqual([visual.name, true]);
    for (const [table, name] of columns)
      expect([visual.name, name, hasColumn(table, name)]).toEqual([visual.name, name, true]);
    for (const [table, name] of measures) {
      expect([visual.name, name, TABLES.get(table)?.measures.has(name)]).toEqual([visual.name, name, true]);
    }
    for (const other of visuals) {
      const [a, b] = [visual.position, other.position];
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      expect([visual.name, other.name, apart || visual === other]).toEqual([visual.name, other.name, true]);
    }
  }
});

test('the Power BI project holds no user and no password', () => {
  for (const file of [...filesOf(FOLDER, '.tmdl'), ...filesOf(FOLDER, 'json'), ...filesOf(FOLDER, '.pbip')]) {
    expect([file, readFileSync(file, 'utf8')]).toEqual([
      file,
      expect.not.stringMatching(/password|pwd|uid=|Username/i),
    ]);
  }
});
