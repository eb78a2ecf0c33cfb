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
  return `CREATE OR REPLACE VIEW ${name('current_loads')} SQL SECURITY INVOKER AS
${withTruncations(name)}
SELECT table_name, hour, ${greatestLoad()} AS load_id
FROM ${name('loads')} AS l
WHERE ${standsSql(name)}
GROUP BY table_name, hour`;
}

/**
 * SQL of the truncations in force, a constant of the query named `truncations`: their ids, first hours, ends and tables; for
 * {@link standsSql}. It must not stand alone: its snapshot is that of the `loads` beside it. One array of tuples: an array of each
 * column would not keep the order of a column that is stored sparse, being 0 in most rows (seen in 26.7).
 */
export function withTruncations(name: Namer, condition = '1'): string {
  const loads = name('loads');
  return `WITH (
    SELECT groupArray((truncation_id, hour_from, hour_to, tables)) FROM ${loads}
    WHERE ${inForceSql(loads)} AND ${condition}
) AS truncations`;
}

/** SQL for whether a row of the ledger is a truncation in force. @param loads quoted name of the ledger */
export function inForceSql(loads: string): string {
  return `event = 'truncated' AND truncation_id NOT IN (SELECT truncation_id FROM ${loads} WHERE event = 'restored')`;
}

/**
 * SQL for whether the row `l` of `loads` is a load that stands. Each row is held against each truncation, so first against their
 * hours alone, which is a fourth of the work, and against none while nothing is truncated.
 */
export function standsSql(name: Namer): string {
  return `l.event = 'committed'
  AND l.load_id NOT IN (SELECT load_id FROM ${name('loads')} WHERE event = 'abandoned')
  AND (empty(truncations)
    OR arrayCount((begin, end) -> l.hour >= begin AND l.hour < end, truncations.2, truncations.3) = 0
    OR hasAll(l.seen, arrayFilter((id, begin, end, tables) -> l.hour >= begin AND l.hour < end AND has(tables, l.table_name),
      truncations.1, truncations.2, truncations.3, truncations.4)))`;
}

/**
 * SQL for the id of the load `l` that ranks first in its group, by (object last modified, load id); 0 when there is none. As one
 * number: the greatest of pairs takes five times as long.
 * @param condition which loads of the group count; all without it
 */
export function greatestLoad(condition?: string): string {
  const rank = 'bitOr(bitShiftLeft(toInt128(toUnixTimestamp64Milli(l.object_modified)), 64), toInt128(l.load_id))';
  return `reinterpretAsUInt64(${condition === undefined ? `max(${rank})` : `maxIf(${rank}, ${condition})`})`;
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
WHERE _load IN (
    ${withTruncations(name, `has(tables, ${quoteString(table)})`)}
    SELECT ${greatestLoad()} FROM ${name('loads')} AS l
    WHERE l.table_name = ${quoteString(table)} AND ${standsSql(name)}
    GROUP BY l.hour
)`;
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
