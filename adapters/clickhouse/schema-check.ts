/** Compares the database with what the migrations make of it. */
import { CATALOGUE } from '../../domain/catalogue.ts';
import { personalName, rawColumns, rawName, type Column } from './columns.ts';
import { DERIVED_TABLES } from './insight/tables.ts';
import type { ClickHouseServer } from './server.ts';
import { LEDGER_COLUMNS, QUARANTINE_COLUMNS, SIGHTING_COLUMNS } from './tables.ts';

type Shape = Pick<Column, 'name' | 'type'>;

/** Tables and the columns that they must have, in any order; more of them are allowed. */
function expectedTables(): ReadonlyMap<string, readonly Shape[]> {
  const recordedAt = { name: 'recorded_at', type: "DateTime64(6, 'UTC')" };
  return new Map<string, readonly Shape[]>([
    ['loads', [...LEDGER_COLUMNS, { name: 'sources', type: 'Array(UInt64)' }, recordedAt]],
    ['quarantine', [...QUARANTINE_COLUMNS, recordedAt]],
    ['sightings', [...SIGHTING_COLUMNS, { name: 'seen_at', type: "DateTime64(6, 'UTC')" }]],
    [
      'personal_key',
      [
        { name: 'created_at', type: "DateTime64(6, 'UTC')" },
        { name: 'key', type: 'String' },
      ],
    ],
    ...Object.values(CATALOGUE).map((table) => [rawName(table.name), rawColumns(table)] as const),
    ...DERIVED_TABLES.map((table) => [table.raw, table.columns] as const),
  ]);
}

function expectedViews(): string[] {
  return [
    'current_loads',
    ...Object.values(CATALOGUE).flatMap(({ name }) => [name, personalName(name)]),
    'events_state',
    ...DERIVED_TABLES.map((table) => table.view),
    'sessions',
  ];
}

/** What is missing or altered, each in one phrase that names the table; empty when all is as it should be. */
export async function findSchemaProblems(server: ClickHouseServer, signal?: AbortSignal): Promise<string[]> {
  const rows = await server.query<{ table: string; name: string; type: string }>({
    sql: `SELECT table, name, type FROM system.columns WHERE database = {database:String}`,
    doing: 'compare the tables with the migrations',
    parameters: { database: server.database },
    signal,
  });
  const found = new Map<string, Map<string, string>>();
  for (const row of rows) {
    const columns = found.get(row.table) ?? new Map<string, string>();
    found.set(row.table, columns.set(row.name, row.type));
  }
  const problems = [...expectedTables()].flatMap(([table, columns]) => tableProblems(table, columns, found.get(table)));
  const views = expectedViews().filter((view) => !found.has(view));
  return [...problems, ...views.map((view) => `view ${view} is missing`)];
}

function tableProblems(table: string, expected: readonly Shape[], found?: ReadonlyMap<string, string>): string[] {
  if (found === undefined) return [`table ${table} is missing`];
  return expected.flatMap(({ name, type }) => {
    const actual = found.get(name);
    if (actual === type) return [];
    return [`table ${table} is altered: column ${name} is ${actual ?? 'missing'}, expected ${type}`];
  });
}
