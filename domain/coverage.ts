/** Coverage: the one word for what became of an hour of a table. Pure; the facts come from the ledger and the sightings. */
import type { TableName } from './catalogue.ts';
import type { Hour } from './hour.ts';
import type { ObjectVersion } from './ledger.ts';

export const COVERAGE_STATES = [
  'loaded',
  'empty', // loaded, and the object had no lines
  'changed', // loaded, but the bucket now holds another version
  'withdrawn', // loaded, but the object is no longer in the bucket
  'rejected', // the version in the bucket is broken; a former one may be visible
  'cleared', // truncated, and not loaded since
  'absent', // there was no object when the bucket was last looked at
  'not-loaded',
] as const;

/** One of {@link COVERAGE_STATES}. */
export type CoverageState = (typeof COVERAGE_STATES)[number];

/** What is known of an hour of a table. */
export interface CoverageFacts {
  /** Lines and version of the current load. */
  readonly current?: { readonly lines: number; readonly object: Pick<ObjectVersion, 'key' | 'etag'> };
  /** What the bucket was last seen to hold, by a listing or by a load that read it: an object, `absent`, or nothing when nobody looked. */
  readonly seen?: Pick<ObjectVersion, 'key' | 'etag'> | 'absent';
  /** Whether that version was rejected. */
  readonly rejected: boolean;
  /** Under a truncation in force, with no later load. */
  readonly cleared: boolean;
}

/** One cell of the coverage grid. */
export interface CoverageCell {
  readonly table: TableName;
  readonly hour: Hour;
  readonly state: CoverageState;
  /** Rows that readers see. */
  readonly rows: number;
  readonly quarantined: number;
}

/** The word for an hour of a table. */
export function coverageState(facts: CoverageFacts): CoverageState {
  const { current, seen, rejected, cleared } = facts;
  if (current === undefined) {
    if (cleared) return 'cleared';
    if (rejected) return 'rejected';
    return seen === 'absent' ? 'absent' : 'not-loaded';
  }
  if (seen === 'absent') return 'withdrawn';
  if (seen !== undefined && (seen.key !== current.object.key || seen.etag !== current.object.etag)) {
    return rejected ? 'rejected' : 'changed';
  }
  return current.lines === 0 ? 'empty' : 'loaded';
}
