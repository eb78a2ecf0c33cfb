/** What a backfill would do: objects by state, and what they cost in rows, disk and time. Pure. */
import { TABLE_NAMES, type TableName } from './catalogue.ts';

/** Hours of one table by what a backfill would do with them. */
export interface TableSurvey {
  /** Would be loaded. */
  readonly load: number;
  /** Compressed bytes of those. */
  readonly loadSizeBytes: number;
  readonly unchanged: number;
  readonly absent: number;
  readonly rejected: number;
  readonly ambiguous: number;
}

/** A survey of some hours, by table. */
export type RangeSurvey = Readonly<Partial<Record<TableName, TableSurvey>>>;

/** What is known of one table's rows from its receipts and its parts; all zero before its first load. */
export interface TableStorage {
  /** Rows in the current receipts that were looked at. */
  readonly rows: number;
  /** Compressed bytes of their objects. */
  readonly objectBytes: number;
  /** Bytes on disk of the raw table, and the rows in it. */
  readonly storedBytes: number;
  readonly storedRows: number;
  /** Rows of the current loads in the range asked for. */
  readonly rangeRows: number;
}

/** How the warehouse stands. */
export interface StorageFacts {
  readonly tables: Readonly<Partial<Record<TableName, TableStorage>>>;
  /** Free space on the fullest of the server's disks. */
  readonly freeDiskBytes: number;
  /** Loads and the minutes in which they were begun, over the latest day with loads; zero before the first. */
  readonly recentLoads: number;
  readonly recentMinutes: number;
}

/** A dry run's answer. Figures that nothing is known about yet are left out. */
export interface BackfillEstimate {
  readonly hours: TableSurvey;
  readonly expectedRows?: number;
  readonly expectedDiskBytes?: number;
  readonly freeDiskBytes: number;
  readonly expectedMinutes?: number;
}

/** Mode `all` wants this much free disk for each byte that the range's rows take. */
export const FREE_DISK_FACTOR = 1.5;

const EMPTY: TableSurvey = { load: 0, loadSizeBytes: 0, unchanged: 0, absent: 0, rejected: 0, ambiguous: 0 };

/** Two surveys in one. */
export function addSurveys(a: RangeSurvey, b: RangeSurvey): RangeSurvey {
  const sum: Partial<Record<TableName, TableSurvey>> = {};
  for (const table of TABLE_NAMES) {
    if (a[table] || b[table]) sum[table] = addTable(a[table] ?? EMPTY, b[table] ?? EMPTY);
  }
  return sum;
}

function addTable(a: TableSurvey, b: TableSurvey): TableSurvey {
  return {
    load: a.load + b.load,
    loadSizeBytes: a.loadSizeBytes + b.loadSizeBytes,
    unchanged: a.unchanged + b.unchanged,
    absent: a.absent + b.absent,
    rejected: a.rejected + b.rejected,
    ambiguous: a.ambiguous + b.ambiguous,
  };
}

/** Estimates from a survey and what is stored already. */
export function estimate(survey: RangeSurvey, facts: StorageFacts): BackfillEstimate {
  const hours = Object.values(survey).reduce(addTable, EMPTY);
  const expectedRows = sumKnown(survey, (table, { loadSizeBytes }) => rowsOf(facts.tables[table], loadSizeBytes));
  const expectedDiskBytes = sumKnown(survey, (table, { loadSizeBytes }) => {
    const storage = facts.tables[table];
    return diskOf(storage, rowsOf(storage, loadSizeBytes));
  });
  const { recentLoads, recentMinutes } = facts;
  return {
    hours,
    ...(expectedRows === undefined ? {} : { expectedRows }),
    ...(expectedDiskBytes === undefined ? {} : { expectedDiskBytes }),
    freeDiskBytes: facts.freeDiskBytes,
    ...(recentLoads === 0 ? {} : { expectedMinutes: Math.ceil((hours.load * recentMinutes) / recentLoads) }),
  };
}

/** What the range's rows take on disk now, in bytes. */
export function storedBytesOfRange(facts: StorageFacts): number {
  return Object.values(facts.tables).reduce((total, storage) => total + (diskOf(storage, storage.rangeRows) ?? 0), 0);
}

/** Adds up over the tables with something to load; undefined when one of them is unknown. */
function sumKnown(
  survey: RangeSurvey,
  figure: (table: TableName, of: TableSurvey) => number | undefined,
): number | undefined {
  let total = 0;
  for (const table of TABLE_NAMES) {
    const of = survey[table];
    if (of === undefined || of.load === 0) continue;
    const part = figure(table, of);
    if (part === undefined) return undefined;
    total += part;
  }
  return total;
}

function rowsOf(storage: TableStorage | undefined, objectBytes: number): number | undefined {
  if (storage === undefined || storage.objectBytes === 0) return undefined;
  return Math.round((objectBytes * storage.rows) / storage.objectBytes);
}

function diskOf(storage: TableStorage | undefined, rows: number | undefined): number | undefined {
  if (storage === undefined || rows === undefined || storage.storedRows === 0) return undefined;
  return Math.round((rows * storage.storedBytes) / storage.storedRows);
}
