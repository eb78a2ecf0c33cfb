/** What people and programs say to the workflows and hear from them. Plain JSON: hours, counts and reasons only. */
import type { TableName } from '../domain/catalogue.ts';
import type { HourOutcome, LoadMode } from '../domain/loading.ts';
import type { Hour } from '../domain/hour.ts';

/** The input of `hourlyLoad`; everything may be left out. */
export interface HourlyLoadInput {
  /** Default: the hour before the scheduled time, else before the start of the workflow. */
  readonly hour?: string;
  /** Default: the configured tables. */
  readonly tables?: readonly TableName[];
  /** Default: missing. */
  readonly mode?: LoadMode;
  /** How long after the end of the hour its objects are waited for, 0 to 1440. */
  readonly waitForObjectMinutes?: number;
}

/** Where one table of a run stands: on the way, failed for good, or its outcome. */
export type TableState = 'loading' | 'waiting' | 'failed' | HourOutcome;

/** One table of a run. */
export interface TableProgress {
  readonly state: TableState;
  readonly rows: number;
  readonly lines: number;
  readonly quarantined: number;
  /** Why, for what is neither loaded nor on the way. */
  readonly detail?: string;
}

/** The answer of `hourlyLoad` to the query `progress`, and its result. */
export interface HourlyLoadProgress {
  readonly hour: Hour;
  readonly tables: Readonly<Partial<Record<TableName, TableProgress>>>;
  /** Page views derived from the hour, once its tables are there. */
  readonly pageViews?: number;
}

/** The input of `lookback`; everything may be left out. */
export interface LookbackInput {
  /** How many hours back, 1 to 744. */
  readonly hours?: number;
  readonly tables?: readonly TableName[];
}

/** An hour or a window that needs a person's eye. */
export interface Trouble {
  readonly table: TableName;
  readonly from: Hour;
  readonly to: Hour;
  readonly kind: 'failed' | 'rejected' | 'ambiguous' | 'hidden';
  readonly detail: string;
}

/** Counts over windows. */
export interface WindowCounts {
  readonly windows: number;
  readonly windowsDone: number;
  /** Hours of a table that this run loaded. */
  readonly loadedHours: number;
  readonly rows: number;
  readonly quarantined: number;
  readonly failedWindows: number;
}

/** The answer of `lookback` to the query `progress`, and its result. */
export interface LookbackProgress extends WindowCounts {
  readonly from: Hour;
  readonly to: Hour;
  readonly presentObjects: number;
  readonly absentObjects: number;
  readonly foreignKeys: number;
  readonly troubles: readonly Trouble[];
}
