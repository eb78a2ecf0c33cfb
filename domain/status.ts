/** What `clickfeed status` tells of each table. */
import type { TableName } from './catalogue.ts';
import type { Hour, HourRange } from './hour.ts';

/**
 * One table. Of the hours that were asked for, each is counted once: loaded, cleared, rejected, absent or pending, in this order
 * of precedence. Hours loaded outside the range that was asked for count as loaded too.
 */
export interface TableStatus {
  readonly table: TableName;
  /** Hours that readers see rows of, or an empty object. */
  readonly loadedHours: number;
  /** Truncated by an operator, and not loaded since. */
  readonly clearedHours: number;
  /** The object in the bucket is broken, and no former version is visible. */
  readonly rejectedHours: number;
  /** The last listing saw no object. */
  readonly absentHours: number;
  /** Everything else: not looked for yet, or seen and not loaded. */
  readonly pendingHours: number;
  /** Rows that readers see, by the receipts. */
  readonly rows: number;
  /** Quarantined lines of the loads that readers see. */
  readonly quarantinedLines: number;
  /** First and last loaded hour; null when there is none. */
  readonly firstHour: Hour | null;
  readonly lastHour: Hour | null;
}

/** Where the status comes from. */
export interface StatusReader {
  /** One per table, in the order asked for, all from one snapshot. */
  status(tables: readonly TableName[], range: HourRange, signal?: AbortSignal): Promise<TableStatus[]>;
  /** Counts the rows that readers see, from the rows themselves: what `rows` of the status must be. */
  countVisibleRows(tables: readonly TableName[], signal?: AbortSignal): Promise<ReadonlyMap<TableName, number>>;
}
