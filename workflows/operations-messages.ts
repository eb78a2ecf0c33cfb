/** What people and programs say to the operator's workflows. Plain JSON; everything may be left out unless said otherwise. */
import type { BackfillOrder } from '../domain/backfill.ts';
import type { TableName } from '../domain/catalogue.ts';
import type { LoadMode } from '../domain/loading.ts';

/** The input of `backfill`. */
export interface BackfillInput {
  /** First hour. Default: the feed's start. */
  readonly from?: string;
  /** The hour before which it ends. Default: the hour that is running. */
  readonly to?: string;
  /** Default: the configured tables. */
  readonly tables?: readonly TableName[];
  /** Default: missing. */
  readonly mode?: LoadMode;
  /** Default: newest. */
  readonly order?: BackfillOrder;
  /** Windows of a day loaded at the same time, 1 to 64. Default: as configured. */
  readonly concurrency?: number;
  /** Say what would be loaded, and load nothing. */
  readonly dryRun?: boolean;
  /** Load in mode `all` though the disk may not hold it. */
  readonly force?: boolean;
}

/** The input of `truncateTables`. */
export interface TruncateInput {
  /** Default: the configured tables. */
  readonly tables?: readonly TableName[];
  /** First hour. Default: the first there can be. */
  readonly from?: string;
  /** The hour before which it ends. Default: behind the last there can be. */
  readonly to?: string;
  /** Delete the rows at once rather than after the grace period; cannot be taken back. */
  readonly purge?: boolean;
}

/** The input of `restoreTables`. */
export interface RestoreInput {
  /** As `truncateTables` said it. Required. */
  readonly truncationId?: string;
}

/** The input of `sweep`. */
export interface SweepInput {
  readonly tables?: readonly TableName[];
}

/** The input of `reconcile`. */
export interface ReconcileInput {
  /** First hour. Default: the feed's start. */
  readonly from?: string;
  /** The hour before which it ends. Default: the hour that is running. */
  readonly to?: string;
  readonly tables?: readonly TableName[];
}
