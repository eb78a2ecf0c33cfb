/**
 * The load protocol as a state machine: one table, one hour. What a client does is cut where its own steps end and where a statement
 * takes effect in the server. A crash needs no step of its own: a client that crashed is one that takes no further step.
 */
import type { LoadMode } from '../../domain/loading.ts';
import type { LoadId } from '../../domain/load-id.ts';

/** Rows under a load id: an INSERT stores them in more than one part. */
export type StoredRows = 'none' | 'some' | 'all';

/** A load: attempt `n` writes load `n`, load 0 was there before. */
export interface Load {
  readonly loadId: LoadId;
  /** The object's version that it stores; also its ETag and its last modified. */
  readonly version: number;
  /** Whether its attempt had read the truncation. */
  readonly seen: boolean;
  /** Whether its attempt really began under the truncation: the truth beside `seen`. */
  readonly beganUnder: boolean;
  readonly rows: StoredRows;
  /** The row INSERT is on its way though its client does not know. */
  readonly isInsertLate: boolean;
  /** The commit is on its way, its client may know or not. */
  readonly isCommitSent: boolean;
  readonly isCommitted: boolean;
  readonly abandoned?: 'attempt-failed' | 'withdrawn' | 'swept' | 'purged';
  /** Ticks of the server's clock. */
  readonly abandonedAt?: number;
  readonly deadline: number;
  /** Numbers of the loads that its commit withdraws. */
  readonly withdraw: readonly number[];
}

/** A load with the text that tells it from others: all of it, and what of it stands in the ledger. */
export interface KeyedLoad extends Load {
  readonly key: string;
  readonly ledgerKey: string;
  /** Its id as a number: the model's clock is small. */
  readonly order: number;
}

const idNumbers = new Map<string, number>();

/** A small number for a long text, the same every time. */
export function numberOf(text: string): number {
  const known = idNumbers.get(text) ?? idNumbers.size;
  idNumbers.set(text, known);
  return known;
}

/** Adds the texts; every load of a state is made here. */
export function keyed(load: Load): KeyedLoad {
  const { loadId, version, seen, beganUnder, rows, isInsertLate, isCommitSent, isCommitted, abandoned } = load;
  const id = numberOf(loadId);
  const reason = abandoned?.slice(0, 3) ?? '';
  const isThere = isCommitted || abandoned !== undefined;
  const flags = +seen + 2 * +beganUnder + 4 * +isInsertLate + 8 * +isCommitSent + 16 * +isCommitted;
  return {
    ...load,
    order: Number(loadId),
    key: `${id},${version},${flags}${rows}${reason}${load.abandonedAt ?? ''},${load.deadline},${load.withdraw.join('')}|`,
    ledgerKey: isThere ? `${id},${version},${+seen}${+isCommitted}${reason}|` : '-',
  };
}

/** Where an attempt is. */
export interface Attempt {
  readonly mode: LoadMode;
  readonly at: 'idle' | 'begun' | 'read' | 'planned' | 'failing' | 'committing' | 'ended';
  readonly beganUnder: boolean;
  /** Of the ledger when it was read; kept until the bucket is listed. */
  readonly ledger?: LedgerView;
  /** The bucket's version, when it was listed before the ledger was read (which is a mistake). */
  readonly listed?: number;
}

/** The part of the state that the rule looks at. */
export interface LedgerView {
  readonly loads: readonly (KeyedLoad | undefined)[];
  readonly isTruncated: boolean;
  readonly isRestored: boolean;
  readonly clock: number;
}

export interface Sweep {
  readonly at: 'idle' | 'seen' | 'given-up' | 'chosen' | 'ended';
  /** Numbers of loads. */
  readonly picked: readonly number[];
}

export interface Restore {
  readonly at: 'idle' | 'allowed' | 'written' | 'meeting' | 'done' | 'refused';
  readonly allowedAt: number;
  readonly writtenAt: number;
}

export interface Purge {
  readonly at: 'idle' | 'allowed' | 'announced' | 'confirmed' | 'writing' | 'ended';
  readonly isAnnounced: boolean;
  readonly announcedAt: number;
  readonly picked: readonly number[];
  readonly pickedAt: number;
  readonly writtenAt: number;
}

export interface State extends LedgerView {
  readonly attempts: readonly Attempt[];
  /** How many of the scenario's versions the bucket has gone through. */
  readonly bucketStep: number;
  readonly truncatedAt: number;
  readonly sweep: Sweep;
  readonly restore: Restore;
  readonly purge: Purge;
  /** Loads that were current at some moment of this tick: a query that began then still reads them. */
  readonly readThisTick: readonly number[];
  /** Loads that lacked rows at some moment of this tick: a query that took the rows' snapshot first would lack them. */
  readonly lackedThisTick: readonly number[];
  /** Faults left: unknown outcomes and partial inserts. */
  readonly faultsLeft: number;
}

/** What takes part. */
export interface Scenario {
  readonly attempts: readonly LoadMode[];
  /** Versions that the bucket holds one after the other; load 0 stored the first. */
  readonly bucket: readonly [number, ...number[]];
  readonly truncates?: boolean;
  readonly restores?: boolean;
  readonly purges?: boolean;
  readonly sweeps?: boolean;
  /** Nothing comes between what the sweep sees and what it gives up: then a wrong clock alone does no harm. */
  readonly sweepActsAtOnce?: boolean;
  /** The clock stops at this tick. */
  readonly ticks: number;
  /** How wrong an attempt may be about the server's clock, in ticks: its id that much too old, its deadline that much too late. */
  readonly skews?: readonly number[];
  readonly faults: number;
}

/** The protocol's safeguards. The tests take them away, one at a time, and the model must find what then goes wrong. */
export interface Safeguards {
  readonly commitChecksDeadline: boolean;
  readonly commitChecksAbandoned: boolean;
  readonly countsBeforeCommit: boolean;
  readonly keepsUnknownCommit: boolean;
  readonly readsTruncationsAtBegin: boolean;
  readonly readsLedgerBeforeBucket: boolean;
  readonly sweepGivesUpFirst: boolean;
  readonly sweepWaitsUntilSettled: boolean;
  readonly sweepWaitsForPurge: boolean;
  readonly pinsLedgerFirst: boolean;
  readonly abandonedIsTerminal: boolean;
  readonly restoreLooksForPurge: boolean;
  readonly purgeLooksForRestore: boolean;
}

export const ALL_SAFEGUARDS: Safeguards = {
  commitChecksDeadline: true,
  commitChecksAbandoned: true,
  countsBeforeCommit: true,
  keepsUnknownCommit: true,
  readsTruncationsAtBegin: true,
  readsLedgerBeforeBucket: true,
  sweepGivesUpFirst: true,
  sweepWaitsUntilSettled: true,
  sweepWaitsForPurge: true,
  pinsLedgerFirst: true,
  abandonedIsTerminal: true,
  restoreLooksForPurge: true,
  purgeLooksForRestore: true,
};
