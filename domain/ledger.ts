/**
 * The ledger's events and the rule of the current load. The same rule stands in SQL in the view `current_loads`
 * (adapters/clickhouse); a test holds the two against each other on random ledgers.
 */
import type { TableName } from './catalogue.ts';
import type { Hour } from './hour.ts';
import { compareLoadIds, type LoadId } from './load-id.ts';
import type { RejectionReason } from './errors.ts';

export const LEDGER_EVENTS = [
  'committed',
  'abandoned',
  'rejected',
  'truncated',
  'restored',
  // A purge of a truncation has begun: it can no longer be restored, unless it was restored before. No part of the rule below.
  'purging',
] as const;

export const ABANDON_REASONS = [
  'outcome-unknown',
  'verification-failed',
  'exact-path-needed',
  'object-changed',
  'attempt-failed',
  'withdrawn',
  'swept',
  'purged',
] as const;

/** Why a load was given up. Terminal, in whatever order the events come. */
export type AbandonReason = (typeof ABANDON_REASONS)[number];

/** What identifies a version of an object. */
export interface ObjectVersion {
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** The record of a committed load: the proof. */
export interface Receipt {
  readonly table: TableName;
  readonly hour: Hour;
  readonly loadId: LoadId;
  readonly object: ObjectVersion;
  /** CRC-32 of the unpacked lines, as in the zip directory. */
  readonly crc32: number;
  /** Unpacked size. */
  readonly entrySizeBytes: number;
  /** Lines that are not blank. lines = rows + quarantined, always. */
  readonly lines: number;
  readonly rows: number;
  readonly quarantined: number;
  /** Unknown field -> lines that carry it. */
  readonly drift: Readonly<Record<string, number>>;
  /** Optional field -> rows where it is NULL. */
  readonly nulls: Readonly<Record<string, number>>;
  /** Truncations that the run had seen when it began: they do not hide this load. */
  readonly seen: readonly string[];
  readonly workflowId: string;
  readonly runId: string;
  readonly attempt: number;
  readonly worker: string;
}

/** A load as far as the rule looks at it. */
export interface CommittedEvent {
  readonly event: 'committed';
  readonly table: TableName;
  readonly hour: Hour;
  readonly loadId: LoadId;
  readonly objectModifiedMs: number;
  readonly seen: readonly string[];
}

export interface AbandonedEvent {
  readonly event: 'abandoned';
  readonly table: TableName;
  readonly hour: Hour;
  readonly loadId: LoadId;
  readonly reason: AbandonReason;
}

export interface RejectedEvent {
  readonly event: 'rejected';
  readonly table: TableName;
  readonly hour: Hour;
  readonly loadId: LoadId;
  readonly object: ObjectVersion;
  readonly reason: RejectionReason;
  readonly detail: string;
}

export interface TruncatedEvent {
  readonly event: 'truncated';
  readonly truncationId: string;
  readonly tables: readonly TableName[];
  readonly from: Hour;
  readonly to: Hour;
}

export interface RestoredEvent {
  readonly event: 'restored';
  readonly truncationId: string;
}

export interface PurgingEvent {
  readonly event: 'purging';
  readonly truncationId: string;
}

/** What the rule reads; rejected and purging events have no part in it. */
export type RuleEvent = CommittedEvent | AbandonedEvent | TruncatedEvent | RestoredEvent;

/**
 * The current load of every (table, hour): committed, not abandoned, hidden by no truncation in force that it has not
 * seen, and the greatest of those by (object last modified, load id). The order of the events does not matter, nor do copies.
 * @returns load ids by `${table}/${hour}`
 */
export function currentLoads(events: readonly RuleEvent[]): Map<string, LoadId> {
  const abandoned = new Set<LoadId>();
  const restored = new Set<string>();
  for (const event of events) {
    if (event.event === 'abandoned') abandoned.add(event.loadId);
    if (event.event === 'restored') restored.add(event.truncationId);
  }
  const inForce = events.filter((event) => event.event === 'truncated' && !restored.has(event.truncationId));
  const best = new Map<string, CommittedEvent>();
  for (const event of events) {
    if (event.event !== 'committed' || abandoned.has(event.loadId)) continue;
    if (inForce.some((truncation) => hides(truncation as TruncatedEvent, event))) continue;
    const place = `${event.table}/${event.hour}`;
    const rival = best.get(place);
    if (rival === undefined || outranks(event, rival)) best.set(place, event);
  }
  return new Map([...best].map(([place, event]) => [place, event.loadId]));
}

/** Whether the truncation hides the load: it covers its table and hour, and the load's run had not seen it. */
export function hides(
  truncation: TruncatedEvent,
  load: Omit<CommittedEvent, 'event' | 'loadId' | 'objectModifiedMs'>,
): boolean {
  return (
    truncation.tables.includes(load.table) &&
    truncation.from <= load.hour &&
    load.hour < truncation.to &&
    !load.seen.includes(truncation.truncationId)
  );
}

/** Whether `a` ranks above `b`: by the object's last modified, then by load id. */
export function outranks(
  a: Pick<CommittedEvent, 'objectModifiedMs' | 'loadId'>,
  b: Pick<CommittedEvent, 'objectModifiedMs' | 'loadId'>,
): boolean {
  if (a.objectModifiedMs !== b.objectModifiedMs) return a.objectModifiedMs > b.objectModifiedMs;
  return compareLoadIds(a.loadId, b.loadId) > 0;
}
