/** What the worker needs for the operator's activities beyond loading. */
import type { Table } from '../../../domain/catalogue.ts';
import { rawName } from '../columns.ts';
import type { Grant } from '../grants.ts';
import { DERIVED_TABLES } from '../insight/tables.ts';
import type { Namer } from '../views.ts';

/** Deleting rows of dead loads, and reading how much is stored and free. No value of the feed is read. */
export function operationsGrants(name: Namer, tables: readonly Table[]): Grant[] {
  const deleted = [...tables.map((table) => rawName(table.name)), 'quarantine'];
  return [
    ...deleted.map((table) => ({ rights: 'ALTER DELETE', on: name(table) })),
    ...DERIVED_TABLES.map(({ raw }) => ({ rights: 'SELECT(`_hour`, `_load`), ALTER DELETE', on: name(raw) })),
    { rights: 'SELECT', on: name('events_state') },
    { rights: 'SELECT', on: name('days_state') },
    { rights: 'SELECT', on: 'system.parts' },
    { rights: 'SELECT', on: 'system.disks' },
  ];
}
