/**
 * The views that people query, and the rule of the current load in SQL (in TypeScript: domain/ledger.ts, `currentLoads`).
 *
 * ClickHouse takes the snapshot of a MergeTree table when it analyses the query and runs the subquery of IN later. A load that
 * commits in between would be current by the ledger while its rows are missing from the snapshot of raw. So each view begins with
 * an empty branch over `loads`: it pins the ledger's snapshot before that of raw, and as
 * enable_shared_storage_snapshot_in_query=1 all later reads of `loads` in the query share it. Needs 25.12 and SQL SECURITY INVOKER.
 */
import { CATALOGUE, type Table, type TableName } from '../../domain/catalogue.ts';
import { fieldType, personalName, rawName, SERVICE_COLUMNS, twinColumn, type Column } from './columns.ts';
import { quoteIdentifier, quoteString } from './sql.ts';

/** Gives the quoted, qualified name of a table. */
export type Namer = (table: string) => string;

/** A column of a view: what it is called, its type, and the column of raw that it shows. */
interface ViewColumn extends Column {
  readonly source: string;
}

/** `current_loads`: the one load per (table, hour) whose rows readers see. */
export function currentLoadsDdl(name: Namer): string {
  const loads = name('loads');
  return `CREATE OR REPLACE VIEW ${name('current_loads')} SQL SECURITY INVOKER AS
WITH in_force AS (
    SELECT groupArray((truncation_id, tables, hour_from, hour_to)) AS truncations FROM ${loads}
    WHERE event = 'truncated' AND truncation_id NOT IN (SELECT truncation_id FROM ${loads} WHERE event = 'restored')
)
SELECT table_name, hour, argMax(l.load_id, (l.object_modified, l.load_id)) AS load_id
FROM ${loads} AS l CROSS JOIN in_force
WHERE l.event = 'committed'
  AND l.load_id NOT IN (SELECT load_id FROM ${loads} WHERE event = 'abandoned')
  AND NOT arrayExists(t -> has(t.2, table_name) AND hour >= t.3 AND hour < t.4 AND NOT has(seen, t.1), truncations)
GROUP BY table_name, hour`;
}

/** `<table>`: rows of current loads, twins in place of personal fields. `_extra` is not shown: unknown fields may be personal. */
export function readerViewDdl(name: Namer, table: TableName): string {
  const { fields } = CATALOGUE[table];
  const columns = fields.map((field) => {
    const twin = twinColumn(field);
    return twin === undefined
      ? { name: field.name, type: fieldType(field), comment: field.comment, source: field.name }
      : { ...twin, name: field.name, source: twin.name };
  });
  return pinnedViewDdl(name, table, table, [...columns, ...serviceColumns(['_hour', '_load', '_line'])]);
}

/** `<table>_personal`: rows of current loads with the originals and `_extra`. */
export function personalViewDdl(name: Namer, table: TableName): string {
  const columns = CATALOGUE[table].fields.map((field) => ({
    name: field.name,
    type: fieldType(field),
    comment: field.comment,
    source: field.name,
  }));
  return pinnedViewDdl(name, personalName(table), table, [
    ...columns,
    ...serviceColumns(['_hour', '_load', '_line', '_extra']),
  ]);
}

/** Every view, each after those it stands on. */
export function viewsDdl(name: Namer, tables: readonly Table[] = Object.values(CATALOGUE)): string[] {
  return [
    currentLoadsDdl(name),
    ...tables.flatMap((table) => [readerViewDdl(name, table.name), personalViewDdl(name, table.name)]),
  ];
}

function pinnedSelect(name: Namer, table: TableName, columns: readonly ViewColumn[]): string {
  const empty = columns.map(
    (column) => `defaultValueOfTypeName(${quoteString(column.type)}) AS ${quoteIdentifier(column.name)}`,
  );
  const rows = columns.map(({ name: shown, source }) =>
    shown === source ? quoteIdentifier(source) : `${quoteIdentifier(source)} AS ${quoteIdentifier(shown)}`,
  );
  return `SELECT ${empty.join(', ')} FROM ${name('loads')} WHERE 0
UNION ALL
SELECT ${rows.join(', ')} FROM ${name(rawName(table))}
WHERE _load IN (SELECT load_id FROM ${name('current_loads')} WHERE table_name = ${quoteString(table)})`;
}

function serviceColumns(names: readonly string[]): ViewColumn[] {
  return SERVICE_COLUMNS.filter((column) => names.includes(column.name)).map((column) => ({
    ...column,
    source: column.name,
  }));
}

function pinnedViewDdl(name: Namer, view: string, table: TableName, columns: readonly ViewColumn[]): string {
  const list = columns.map(
    (column) => `${quoteIdentifier(column.name)} ${column.type} COMMENT ${quoteString(column.comment)}`,
  );
  return `CREATE OR REPLACE VIEW ${name(view)} (
    ${list.join(',\n    ')}
) SQL SECURITY INVOKER AS
${pinnedSelect(name, table, columns)}`;
}
