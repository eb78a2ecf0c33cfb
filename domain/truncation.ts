/** What truncating, restoring, purging and sweeping say about themselves. Plain JSON: it goes into Temporal's history. */
import type { TableName } from './catalogue.ts';
import type { EVENTS_TABLE } from './events.ts';
import type { Hour, HourRange } from './hour.ts';

/** The range that covers every hour there can be: what "all" means in the ledger. */
export const ALL_HOURS = { from: '1970-01-01T00' as Hour, to: '2100-01-01T00' as Hour } as const satisfies HourRange;

/** Prefix of truncation ids; the run id of the request follows, so that a repeated request is the same truncation. */
const TRUNCATION_PREFIX = 'truncation-';

/** The id of the truncation that a workflow run asks for. */
export function truncationIdOf(runId: string): string {
  return TRUNCATION_PREFIX + runId;
}

/** What a truncation hides: loads that readers would see without it. */
export interface HiddenLoads {
  readonly truncationId: string;
  readonly tables: readonly TableName[];
  readonly from: Hour;
  readonly to: Hour;
  readonly loads: number;
  readonly rows: number;
  /** Compressed bytes of the objects, as in their receipts. */
  readonly sizeBytes: number;
  /** Loads under the truncation that are purged, by it or by another one: no restoration brings them back. */
  readonly purgedLoads: number;
}

/** A truncation in force. */
export interface TruncationRecord extends HourRange {
  readonly truncationId: string;
  readonly tables: readonly TableName[];
  /** When it was written, by the server's clock, milliseconds since 1970. */
  readonly truncatedMs: number;
}

/** What a purge did. */
export interface PurgeReport {
  readonly truncationId: string;
  readonly outcome: 'purged' | 'restored-before';
  /** Loads given up by this truncation's purge, now or in an earlier try. */
  readonly loads: number;
}

/** What can be swept: a table of the feed, or the page views derived from them. */
export type SweptTable = TableName | typeof EVENTS_TABLE;

/** What one sweep of one table did. */
export interface SweepReport {
  readonly table: SweptTable;
  /** Loads given up as they can never be current again. */
  readonly abandonedLoads: number;
  /** Dead loads whose rows were deleted. */
  readonly deletedLoads: number;
  readonly deletedRows: number;
  readonly deletedQuarantined: number;
  /** Whether more is left than one run takes. */
  readonly more: boolean;
}
