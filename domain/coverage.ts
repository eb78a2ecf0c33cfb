/** Coverage: the one word for what became of an hour of a table. Pure; the facts come from the ledger and the sightings. */
import type { TableName } from './catalogue.ts';
import type { Hour } from './hour.ts';

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
  /** The load that readers see; `empty`: its object had no lines. */
  readonly current: 'none' | 'empty' | 'filled';
  /**
   * What the bucket was last seen to hold, by a listing or by a load that read it: no object, the version of the current load, or
   * another; `unknown` when nobody looked.
   */
  readonly seen: 'unknown' | 'absent' | 'current' | 'another';
  /** Whether that version was rejected. */
  readonly rejected: boolean;
  /** Whether a truncation in force covers it. */
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

/** One day of the coverage of a long range: how many of its hours and tables are in which state. */
export interface CoverageDay {
  /** 2024-04-10 */
  readonly day: string;
  readonly states: Readonly<Partial<Record<CoverageState, number>>>;
  readonly quarantined: number;
}

/** The word for an hour of a table. */
export function coverageState({ current, seen, rejected, cleared }: CoverageFacts): CoverageState {
  if (current === 'none') {
    if (cleared) return 'cleared';
    if (rejected) return 'rejected';
    return seen === 'absent' ? 'absent' : 'not-loaded';
  }
  if (seen === 'absent') return 'withdrawn';
  if (seen === 'another') return rejected ? 'rejected' : 'changed';
  return current === 'empty' ? 'empty' : 'loaded';
}
