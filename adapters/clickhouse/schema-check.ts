/** Compares the database with what the migrations make of it. */
import { CATALOGUE } from '../../domain/catalogue.ts';
import { rawColumns, rawName, type Column } from './columns.ts';
import { DERIVED_TABLES } from './insight/tables.ts';
import { viewSelects } from './migrations.ts';
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

/** What is missing or altered, each in one phrase that names the table; empty when all is as it should be. */
export async function findSchemaProblems(server: ClickHouseServer, signal?: AbortSignal): Promise<string[]> {
  const [tables, views] = await Promise.all([readTables(server, signal), readViews(server, signal)]);
  return [
    ...[...expectedTables()].flatMap(([table, columns]) => tableProblems(table, columns, tables.get(table))),
    ...[...viewSelects(server.name.bind(server)).keys()].flatMap((view) => viewProblems(view, views.get(view))),
  ];
}

async function readTables(server: ClickHouseServer, signal?: AbortSignal): Promise<Map<string, Map<string, string>>> {
  const rows = await server.query<{ table: string; name: string; type: string }>({
    sql: `SELECT table, name, type FROM system.columns WHERE database = {database:String}`,
    doing: 'compare the tables with the migrations',
    parameters: { database: server.database },
    signal,
  });
  const tables = new Map<string, Map<string, string>>();
  for (const row of rows) {
    const columns = tables.get(row.table) ?? new Map<string, string>();
    tables.set(row.table, columns.set(row.name, row.type));
  }
  return tables;
}

/** Whether each view that is there says what it should: ClickHouse puts both texts in the same form. */
async function readViews(server: ClickHouseServer, signal?: AbortSignal): Promise<Map<string, boolean>> {
  const expected = viewSelects(server.name.bind(server));
  const rows = await server.query<{ name: string; is_same: number }>({
    sql: `SELECT name, ifNull(trim(as_select) = trim(formatQuerySingleLineOrNull({selects:Array(String)}[indexOf({views:Array(String)}, name)])), 0) AS is_same
      FROM system.tables WHERE database = {database:String} AND has({views:Array(String)}, name)`,
    doing: 'compare the views with the migrations',
    parameters: { database: server.database, views: [...expected.keys()], selects: [...expected.values()] },
    signal,
  });
  return new Map(rows.map((row) => [row.name, row.is_same === 1]));
}

function viewProblems(view: string, isSame: boolean | undefined): string[] {
  if (isSame === true) return [];
  return [isSame === undefined ? `view ${view} is missing` : `view ${view} is altered`];
}

function tableProblems(table: string, expected: readonly Shape[], found?: ReadonlyMap<string, string>): string[] {
  if (found === undefined) return [`table ${table} is missing`];
  return expected.flatMap(({ name, type }) => {
    const actual = found.get(name);
    if (actual === type) return [];
    return [`table ${table} is altered: column ${name} is ${actual ?? 'missing'}, expected ${type}`];
  });
}
