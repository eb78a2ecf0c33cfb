/** The operator's activities as workflows see them: plain JSON in and out. */
import type { TableName } from '../../domain/catalogue.ts';
import type { Hour, HourRange } from '../../domain/hour.ts';
import type { LoadId } from '../../domain/load-id.ts';
import type { LoadMode } from '../../domain/loading.ts';
import type { RangeSurvey, StorageFacts } from '../../domain/estimate.ts';
import type { HiddenLoads, PurgeReport, SweepReport, SweptTable, TruncationRecord } from '../../domain/truncation.ts';

/** Hours of some tables. */
export interface TableRange extends HourRange {
  readonly tables: readonly TableName[];
}

/** A committed load that the counted rows do not bear out. */
export interface Mismatch {
  readonly table: TableName;
  readonly hour: Hour;
  readonly loadId: LoadId;
  /** By its receipt. */
  readonly expected: { readonly rows: number; readonly quarantined: number };
  /** Counted. */
  readonly found: { readonly rows: number; readonly distinctLines: number; readonly quarantined: number };
}

/** All of the operator's activities. */
export interface OperationsActivities {
  /** Lists the range and says what a backfill in this mode would load. Nothing is written. */
  surveyRange(range: TableRange & { readonly mode: LoadMode }): Promise<RangeSurvey>;
  /** How fast loads were lately, how much disk rows take, and how much is free. */
  storageFacts(range: TableRange): Promise<StorageFacts>;
  /** Hides every load of the range that the ledger holds now or gets from runs that began before. Safe to repeat with the same id. */
  truncate(request: TableRange & { readonly truncationId: string }): Promise<HiddenLoads>;
  /** Takes a truncation back. @throws {InputError} when there is none of that id or its rows are purged */
  restore(request: { readonly truncationId: string }): Promise<HiddenLoads>;
  /** Truncations in force whose rows are not purged, oldest first. */
  purgeableTruncations(): Promise<readonly TruncationRecord[]>;
  /** Gives the hidden loads of one truncation up for good; their rows are deleted by {@link sweep}. Refuses when it was restored. */
  purge(request: { readonly truncationId: string }): Promise<PurgeReport>;
  /** Gives up loads that can never be current, then deletes rows of dead loads of one table: one statement, bounded. */
  sweep(request: { readonly table: SweptTable }): Promise<SweepReport>;
  /** Compares the receipts of the current loads with the counted rows. */
  countRange(range: TableRange): Promise<readonly Mismatch[]>;
  /** Gives up loads whose rows were wrong, once later loads of their hours stand. @returns those given up */
  abandonReplaced(loads: readonly Pick<Mismatch, 'table' | 'hour' | 'loadId'>[]): Promise<readonly LoadId[]>;
}
