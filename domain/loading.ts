/** What workflows and activities say to each other about loading. Plain JSON: it goes into Temporal's history. */
import type { TableName } from './catalogue.ts';
import type { AbandonReason } from './ledger.ts';
import type { RejectionReason } from './errors.ts';
import type { Hour } from './hour.ts';

export const LOAD_MODES = ['missing', 'changed', 'all'] as const;

/**
 * Which hours of a window are loaded:
 * - `missing`: those with no current load whose object was not rejected in this version
 * - `changed`: these and those whose object differs from the current load
 * - `all`: every hour that has an object, once more
 */
export type LoadMode = (typeof LOAD_MODES)[number];

/**
 * How the lines of an object go to ClickHouse:
 * - `fast`: as the publisher wrote them
 * - `lifted`: fields that the catalogue does not know are taken out into `_extra`, the rest is as it was
 * - `exact`: each line parsed and proven, bad ones quarantined
 */
export type LinePath = 'fast' | 'lifted' | 'exact';

/** The input of one `loadTable` activity: one table, hours [from, to). */
export interface LoadWindow {
  readonly table: TableName;
  readonly from: Hour;
  readonly to: Hour;
  readonly mode: LoadMode;
  /** Truncations the run had seen when it began; see {@link LoadWindow.fillCleared}. */
  readonly seen: readonly string[];
  /** Whether cleared hours (under a truncation, no later load) are loaded too. False for lookback and reconcile. */
  readonly fillCleared: boolean;
}

export const HOUR_OUTCOMES = [
  'current', // loaded by this call and what readers see now
  'superseded', // loaded by this call, but a later version or load ranks above it
  'hidden', // loaded by this call, but a truncation that the run had not seen hides it
  'abandoned', // given up by another (sweep, purge) before its commit
  'unchanged', // already loaded; nothing to do in this mode
  'cleared', // cleared by an operator, and the call leaves cleared hours alone
  'absent', // no object in the bucket
  'rejected', // the object is broken; see reason
  'ambiguous', // two objects for the one (table, hour); neither is loaded
] as const;

/** What became of one (table, hour) in one call. */
export type HourOutcome = (typeof HOUR_OUTCOMES)[number];

/** One hour of a report. */
export interface HourReport {
  readonly hour: Hour;
  readonly outcome: HourOutcome;
  readonly lines?: number;
  readonly rows?: number;
  readonly quarantined?: number;
  /** Compressed size of the object. */
  readonly sizeBytes?: number;
  /** Unknown field -> lines that carry it. */
  readonly drift?: Readonly<Record<string, number>>;
  /** Why, for `rejected`, `abandoned` and `ambiguous`. */
  readonly reason?: RejectionReason | AbandonReason | 'two-objects';
  readonly detail?: string;
}

/** The result of one `loadTable` activity. What needs no second look is only counted, to keep history small. */
export interface LoadReport {
  readonly table: TableName;
  readonly from: Hour;
  readonly to: Hour;
  /** Every hour of the window whose outcome is not `unchanged`; of a window of more than two days, not `current` either. */
  readonly hours: readonly HourReport[];
  /** Hours that became `current` and are not among {@link LoadReport.hours}. */
  readonly currentHours?: number;
  readonly unchangedHours: number;
  readonly rows: number;
  readonly lines: number;
  readonly quarantined: number;
  /** Compressed bytes read. */
  readonly sizeBytes: number;
  /** Unknown field -> lines, over the window. */
  readonly drift: Readonly<Record<string, number>>;
  /** Keys under the prefixes that are not of the feed. */
  readonly foreignKeys: number;
}

/** Heartbeat details of `loadTable`: progress, for people; a retry starts over. */
export interface LoadProgress {
  phase: 'planning' | 'loading' | 'verifying' | 'committing';
  objects: number;
  objectsDone: number;
  lines: number;
  /** Unpacked bytes sent to ClickHouse. */
  entryBytes: number;
}
