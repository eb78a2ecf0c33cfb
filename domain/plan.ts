/** Which hours of a window are loaded: the decision per hour, pure. */
import type { FeedObject } from './feed-object.ts';
import type { Hour } from './hour.ts';
import type { ObjectVersion } from './ledger.ts';
import type { LoadId } from './load-id.ts';
import type { HourOutcome, LoadMode } from './loading.ts';

/** A committed load that is not abandoned, hidden or not. */
export interface StandingLoad {
  readonly loadId: LoadId;
  readonly object: ObjectVersion;
}

/** What the ledger says of one hour of a table. */
export interface HourState {
  readonly hour: Hour;
  /** The load whose rows readers see. */
  readonly current?: StandingLoad;
  /** Every committed load that is not abandoned, the current one among them. */
  readonly standing: readonly StandingLoad[];
  /** The greatest id of any event of this hour. */
  readonly greatestLoadId?: LoadId;
  /** Versions that were rejected. */
  readonly rejected: readonly ObjectVersion[];
  /** Under a truncation in force, with no later load. */
  readonly cleared: boolean;
}

/** Load this object; `withdraw` names the standing loads above it that the bucket no longer stands behind. */
export interface LoadDecision {
  readonly action: 'load';
  readonly hour: Hour;
  readonly object: FeedObject;
  readonly greatestLoadId?: LoadId;
  readonly withdraw: readonly LoadId[];
}

/** Leave the hour as it is. */
export interface SkipDecision {
  readonly action: 'skip';
  readonly hour: Hour;
  readonly outcome: Extract<HourOutcome, 'unchanged' | 'cleared' | 'absent' | 'rejected' | 'ambiguous'>;
  readonly detail?: string;
}

/** The part of a window's input that the decision depends on. */
export interface PlanRules {
  readonly mode: LoadMode;
  readonly fillCleared: boolean;
}

/**
 * Decides for one hour.
 * @param objects what a listing taken AFTER `state` was read saw of this (table, hour). The order matters: only then does
 *   an object older than the current load mean that an earlier version came back, and not that our listing is the stale one.
 */
export function planHour(
  hour: Hour,
  objects: readonly FeedObject[],
  state: HourState | undefined,
  rules: PlanRules,
): LoadDecision | SkipDecision {
  const [object, second] = objects;
  if (second !== undefined) {
    return skip(hour, 'ambiguous', `Found two objects: ${objects.map(({ key }) => key).join(', ')}`);
  }
  if (state?.cleared === true && !rules.fillCleared) return skip(hour, 'cleared');
  const current = state?.current;
  if (object === undefined) return skip(hour, current && rules.mode !== 'all' ? 'unchanged' : 'absent');
  if (rules.mode !== 'all') {
    if (current && (rules.mode === 'missing' || isSameVersion(current.object, object))) return skip(hour, 'unchanged');
    if (state?.rejected.some((version) => isSameVersion(version, object)) === true) {
      return skip(hour, 'rejected', 'Rejected before in this version');
    }
  }
  return {
    action: 'load',
    hour,
    object,
    ...(state?.greatestLoadId === undefined ? {} : { greatestLoadId: state.greatestLoadId }),
    withdraw: loadsAbove(object, state),
  };
}

/** Whether two versions are the same bytes under the same key. */
export function isSameVersion(a: Pick<ObjectVersion, 'key' | 'etag'>, b: Pick<ObjectVersion, 'key' | 'etag'>): boolean {
  return a.key === b.key && a.etag === b.etag;
}

/** Standing loads that would outrank any new load of this object, whatever its id. */
function loadsAbove(object: FeedObject, state: HourState | undefined): LoadId[] {
  return (state?.standing ?? [])
    .filter((load) => load.object.modifiedMs > object.modifiedMs)
    .map((load) => load.loadId);
}

function skip(hour: Hour, outcome: SkipDecision['outcome'], detail?: string): SkipDecision {
  return { action: 'skip', hour, outcome, ...(detail === undefined ? {} : { detail }) };
}
