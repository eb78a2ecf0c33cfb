/** What the operator's activities need of the ledger and the warehouse beyond loading. Implemented by adapters/clickhouse/operations. */
import type { TableName } from '../../domain/catalogue.ts';
import type { StorageFacts } from '../../domain/estimate.ts';
import type { HourRange } from '../../domain/hour.ts';
import type { LoadId } from '../../domain/load-id.ts';
import type { HiddenLoads, PurgeReport, SweepReport, SweptTable, TruncationRecord } from '../../domain/truncation.ts';
import type { Mismatch, TableRange } from './api.ts';

/** Truncations: written once, taken back or made final. */
export interface Truncations {
  /** Writes the truncation; the same id again has no effect. */
  truncate(request: TableRange & { readonly truncationId: string }, signal: AbortSignal): Promise<HiddenLoads>;
  /** @throws {InputError} when there is no such truncation, or what it hides is purged */
  restore(truncationId: string, signal: AbortSignal): Promise<HiddenLoads>;
  /** In force and not purged. */
  purgeable(signal: AbortSignal): Promise<TruncationRecord[]>;
  /** Gives the hidden loads up. @throws {InputError} when there is no such truncation */
  purge(truncationId: string, signal: AbortSignal): Promise<PurgeReport>;
}

/** How long ago is long enough, all in milliseconds by the server's clock. */
export interface SweepRules {
  /** The longest that an attempt can last: no load commits later than this after the clock in its id. */
  readonly attemptMs: number;
  /** Queries that run may still read rows that were current so long ago. */
  readonly settleMs: number;
  /** Rows of a purge stay so long after it: a query that began before takes hold of its rows meanwhile. */
  readonly purgeSettleMs: number;
  /** Loads of one DELETE. */
  readonly loadsMax: number;
}

/** Removes what can never be seen again. */
export interface Sweeper {
  sweep(table: SweptTable, rules: SweepRules, signal: AbortSignal): Promise<SweepReport>;
}

/** Holds the receipts against what is stored. */
export interface Auditor {
  /** Current loads whose counted rows differ from their receipts. */
  mismatches(table: TableName, range: HourRange, signal: AbortSignal): Promise<Mismatch[]>;
  /** Of the given loads, those whose hour now has another current load. */
  replaced(loads: readonly Pick<Mismatch, 'table' | 'hour' | 'loadId'>[], signal: AbortSignal): Promise<LoadId[]>;
  storageFacts(range: TableRange, signal: AbortSignal): Promise<StorageFacts>;
}
