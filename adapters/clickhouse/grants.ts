/** The least rights that each role needs, and no more. test/adapters/clickhouse/grants.test.ts tries them with real users. */
import { CATALOGUE, type Table } from '../../domain/catalogue.ts';
import { rawName, readableColumns } from './columns.ts';
import { insightReaderGrants, insightWorkerGrants } from './insight/grants.ts';
import { viewSelects } from './migrations.ts';
import { PROFILE_LOCKS, PROFILE_SETTINGS } from './settings.ts';
import { quoteIdentifier, quoteList } from './sql.ts';
import { LEDGER_COLUMN_NAMES } from './ledger-rows.ts';
import { operationsGrants } from './operations/grants.ts';
import type { Namer } from './views.ts';

export const ROLES = ['worker', 'reader', 'operator'] as const;

/**
 * `worker` loads, and answers `clickfeed status`; `reader` is for people and BI tools; `operator` runs setup and may see
 * personal data and quarantined lines.
 */
export type Role = (typeof ROLES)[number];

/** What is granted, and on which table or database. */
export interface Grant {
  /** Such as `SELECT(a, b), INSERT`. */
  readonly rights: string;
  /** A quoted name, or a table engine. */
  readonly on: string;
}

/** Everything but the free text, which may quote what was found in an object. */
const READABLE_LEDGER_COLUMNS = [...LEDGER_COLUMN_NAMES.filter((name) => name !== 'detail'), 'recorded_at'];
const QUARANTINE_COUNT_COLUMNS = ['table_name', 'hour', 'load_id'];

/** The grants of a role on a database. */
export function grantsOf(role: Role, name: Namer, database: string): Grant[] {
  const tables = Object.values(CATALOGUE);
  switch (role) {
    case 'worker':
      return [metadata(database), ...workerGrants(name, tables), ...insightWorkerGrants(name)];
    case 'reader':
      return [metadata(database), ...readerGrants(name, tables), ...insightReaderGrants(name)];
    case 'operator':
      return operatorGrants(name, database);
  }
}

/** Names and types, no data: for `clickfeed doctor`. */
function metadata(database: string): Grant {
  return { rights: 'SHOW TABLES, SHOW COLUMNS', on: `${quoteIdentifier(database)}.*` };
}

function workerGrants(name: Namer, tables: readonly Table[]): Grant[] {
  return [
    ...tables.map((table) => ({
      rights: `SELECT(${quoteList(countedColumns(table))}), INSERT`,
      on: name(rawName(table.name)),
    })),
    { rights: 'SELECT, INSERT', on: name('loads') },
    { rights: 'SELECT, INSERT', on: name('sightings') },
    { rights: `SELECT(${quoteList(QUARANTINE_COUNT_COLUMNS)}), INSERT`, on: name('quarantine') },
    // Within the INSERT: the worker's statements hash with the key, none of them returns it.
    { rights: 'SELECT', on: name('personal_key') },
    { rights: 'SELECT', on: name('current_loads') },
    { rights: 'SELECT', on: name('migrations') },
    ...operationsGrants(name, tables),
  ];
}

/** What counting a load looks at: no value of the feed but whether it is NULL. */
function countedColumns(table: Table): string[] {
  const optional = table.fields.filter((field) => field.optional).map((field) => field.name);
  return ['_hour', '_load', '_line', ...optional];
}

/** The views are SQL SECURITY INVOKER (the pin needs it), so what lies beneath `<table>` is granted too, column by column. */
function readerGrants(name: Namer, tables: readonly Table[]): Grant[] {
  return [
    ...tables.flatMap((table) => [
      { rights: 'SELECT', on: name(table.name) },
      { rights: `SELECT(${quoteList(readableColumns(table.name))})`, on: name(rawName(table.name)) },
    ]),
    { rights: `SELECT(${quoteList(READABLE_LEDGER_COLUMNS)})`, on: name('loads') },
    { rights: 'SELECT', on: name('current_loads') },
    { rights: 'SELECT', on: name('sightings') },
    { rights: 'SELECT', on: name('migrations') },
  ];
}

function operatorGrants(name: Namer, database: string): Grant[] {
  const everything = `${quoteIdentifier(database)}.*`;
  return [
    { rights: 'SELECT', on: everything },
    // For setup; it replaces views: ClickHouse makes a temporary one, exchanges the two and drops the former as a table.
    { rights: 'CREATE DATABASE, CREATE TABLE, ALTER ADD COLUMN, CREATE VIEW, DROP VIEW, DROP TABLE', on: everything },
    ...[...viewSelects(name).keys()].map((view) => ({ rights: 'INSERT', on: name(view) })), // for the exchange
    { rights: 'TABLE ENGINE', on: 'MergeTree' },
    { rights: 'TABLE ENGINE', on: 'ReplacingMergeTree' },
    { rights: 'INSERT', on: `${quoteIdentifier(database)}.${quoteIdentifier('migrations')}` },
    { rights: 'INSERT', on: `${quoteIdentifier(database)}.${quoteIdentifier('personal_key')}` },
  ];
}

/** The name of a role in ClickHouse. */
export function roleName(role: Role): string {
  return `clickfeed_${role}`;
}

/** A script for the server's administrator: roles, their grants, and the profile that keeps readers on one snapshot and within their rights. */
export function printGrants(name: Namer, database: string): string {
  const parts = ROLES.map((role) => {
    const grantee = quoteIdentifier(roleName(role));
    const grants = grantsOf(role, name, database).map(({ rights, on }) => `GRANT ${rights} ON ${on} TO ${grantee};`);
    return [`CREATE ROLE IF NOT EXISTS ${grantee};`, ...grants].join('\n');
  });
  const settings = [
    ...Object.entries(PROFILE_SETTINGS).map(([setting, value]) => `${setting} = ${value} CONST`),
    ...PROFILE_LOCKS.map((setting) => `${setting} CONST`),
  ];
  const profile = `CREATE SETTINGS PROFILE IF NOT EXISTS ${quoteIdentifier('clickfeed')}
    SETTINGS ${settings.join(', ')} TO ${ROLES.map((role) => quoteIdentifier(roleName(role))).join(', ')};`;
  const users = ROLES.map((role) => `-- GRANT ${quoteIdentifier(roleName(role))} TO <user>;`);
  return [...parts, profile, users.join('\n')].join('\n\n') + '\n';
}
