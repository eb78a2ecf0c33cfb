/** The derived tables: rows are only ever added, under an events load's own id, as in the feed's tables. */
import { columnDdl, type Column } from '../columns.ts';
import { BY_MONTH, createTable } from '../tables.ts';
import type { Namer } from '../views.ts';
import { DAY_COLUMNS, EVENTS_COLUMNS, MONTH_COLUMNS, NUMBER_COLUMNS, PART_COLUMNS } from './columns.ts';

/** One derived table. */
export interface DerivedTable {
  readonly raw: string;
  readonly columns: readonly Column[];
  readonly orderBy: readonly string[];
  readonly comment: string;
}

/** A derived table and the view of it that shows the current loads. */
export interface ViewedTable extends DerivedTable {
  readonly view: string;
}

export const EVENTS: ViewedTable = {
  raw: 'events_raw',
  view: 'events',
  columns: EVENTS_COLUMNS,
  // By visitor within the hour: what repeats on every page view of a visit then compresses to nothing.
  orderBy: ['_hour', 'visitor', 'event_timestamp'],
  comment: 'One row per page view: browser event with its location, device and geo',
};

/**
 * The hourly rollup: unfiltered panels read it rather than page views. Its rows merge over any hours, unique counts too, as they
 * carry the visitor. Measured on 23 M page views in 23,000 hours: 6.1 M rows, 209 MiB (page views: 1.1 GiB); visitors by source
 * take 0.32 CPU seconds from it, and 1.07 from hourly uniq() states, of which 23,000 a value are to be merged (303 MiB).
 */
export const SESSION_PARTS: ViewedTable = {
  raw: 'session_parts_raw',
  view: 'session_parts',
  columns: PART_COLUMNS,
  orderBy: ['_hour', 'visitor', 'started_at'],
  comment:
    'Runs of page views of one visitor within one hour, no pause longer than 30 minutes, all dimensions the same; sessions are made of them',
};

/**
 * Sessions of each day that is over, put together when its hours are built: panels of sessions then put together only what lies at
 * the borders of days, 3 % of them. Measured on 23 M page views: 0.7 CPU seconds for the key figures in place of 9.7.
 */
export const SESSION_DAYS: ViewedTable = {
  raw: 'session_days_raw',
  view: 'session_days',
  columns: DAY_COLUMNS,
  // What is at the borders of days lies together: it is read by itself.
  orderBy: ['closed', '_hour', 'visitor', 'started_at'],
  comment:
    'Sessions of each day that is over, as if the day were all there is; sessions are made of them and of session_parts',
};

/** What a load of events has rows in; a sweep deletes them from each. */
export const HOURLY_TABLES: readonly ViewedTable[] = [EVENTS, SESSION_PARTS];

/** The derived tables that have a view. */
export const VIEWED_TABLES: readonly ViewedTable[] = [...HOURLY_TABLES, SESSION_DAYS];

/**
 * A number for each visitor up to the last day that is over, counted from 0 in the order of their first month: numbers that lie side by side
 * make small sets, which are put together 64 numbers at a time.
 */
export const VISITOR_NUMBERS: DerivedTable = {
  raw: 'visitor_numbers_raw',
  columns: NUMBER_COLUMNS,
  orderBy: ['visitor', '_hour'],
  comment: 'Numbers of the visitors up to the last day that is over; see month_values_raw',
};

/**
 * The monthly rollup: panels over many months read it up to the last day that is over. Its unique counts merge exactly. Measured on 23 M page views: 15,000
 * rows in 85 MiB, and 38 MiB of numbers; visitors by page take 0.03 CPU seconds from it, and 1.0 from `session_parts`.
 */
export const MONTH_VALUES: DerivedTable = {
  raw: 'month_values_raw',
  columns: MONTH_COLUMNS,
  orderBy: ['dimension', 'value', '_hour'],
  comment: 'Page views and visitors of each month by value of each dimension, up to the last day that is over',
};

/** What a load of a month has rows in. No view shows them: which loads stand is told by a chain of them; see domain/months.ts. */
export const MONTHLY_TABLES: readonly DerivedTable[] = [VISITOR_NUMBERS, MONTH_VALUES];

/** All derived tables: for rights, sizes and the check of the schema. */
export const DERIVED_TABLES: readonly DerivedTable[] = [...VIEWED_TABLES, ...MONTHLY_TABLES];

/** DDL of a derived table. */
export function derivedTableDdl(name: Namer, table: ViewedTable): string {
  return createTable(name(table.raw), table.columns.map(columnDdl), {
    engine: 'MergeTree',
    partitionBy: BY_MONTH,
    orderBy: table.orderBy,
    comment: `${table.comment}. Every load, visible or not: query the view ${table.view}`,
  });
}

/** A set of visitors takes kilobytes: few rows at a time, so that two threads share a dimension. */
const SETS_GRANULE_ROWS = 256;

/** DDL of a table of months. Not cut into months itself: a part for each would take twice as long to read. */
export function monthlyTableDdl(name: Namer, table: DerivedTable): string {
  return createTable(name(table.raw), table.columns.map(columnDdl), {
    engine: 'MergeTree',
    orderBy: table.orderBy,
    granuleRows: table === MONTH_VALUES ? SETS_GRANULE_ROWS : undefined,
    comment: `${table.comment}. Every load, visible or not: for the dashboard alone`,
  });
}

/** The ledger's column for what an events load rests on. */
export function sourcesColumnDdl(name: Namer): string {
  return `ALTER TABLE ${name('loads')} ADD COLUMN IF NOT EXISTS \`sources\` Array(UInt64)
COMMENT 'Loads that this one rests on. Of events: browser, device, geo, location, 0 where there was none; of sessions: the events of the day; of months: the month before or 0, then the events of its hours'`;
}
