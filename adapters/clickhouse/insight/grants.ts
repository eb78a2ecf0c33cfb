/** What each role needs for derived data, beside the grants of ../grants.ts. */
import { CATALOGUE } from '../../../domain/catalogue.ts';
import { rawName, readableColumns } from '../columns.ts';
import type { Grant } from '../grants.ts';
import { quoteList } from '../sql.ts';
import type { Namer } from '../views.ts';
import { BI_VIEWS } from './bi-views.ts';
import { DERIVED_TABLES, VIEWED_TABLES } from './tables.ts';

/** The worker builds events: it reads what readers may read of the raw tables, no original of a personal field. */
export function insightWorkerGrants(name: Namer): Grant[] {
  return [
    ...Object.values(CATALOGUE).map((table) => ({
      rights: `SELECT(${quoteList(readableColumns(table.name))})`,
      on: name(rawName(table.name)),
    })),
    ...DERIVED_TABLES.map((table) => ({ rights: 'SELECT, INSERT', on: name(table.raw) })),
    { rights: 'SELECT', on: name('events_state') },
    { rights: 'SELECT', on: name('days_state') },
  ];
}

/** Derived tables hold nothing personal: the reader sees them whole. */
export function insightReaderGrants(name: Namer): Grant[] {
  const views = [
    'events_state',
    'days_state',
    'sessions',
    ...VIEWED_TABLES.map((table) => table.view),
    ...BI_VIEWS.map((view) => view.name),
  ];
  return [
    ...views.map((view) => ({ rights: 'SELECT', on: name(view) })),
    ...DERIVED_TABLES.map((table) => ({ rights: 'SELECT', on: name(table.raw) })),
    { rights: 'SELECT(`sources`)', on: name('loads') },
    // Sizes of tables, for the scorecard.
    { rights: 'SELECT(active, database, `table`, rows, bytes_on_disk)', on: 'system.parts' },
  ];
}
