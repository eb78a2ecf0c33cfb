/**
 * The rule of the months: page views of a month told by value, with the set of its visitors. A visitor is a number there, so that sets
 * of months can be put together exactly and fast. Numbers go on from month to month: the load of a month rests on that of the month before, and on the
 * loads of events of its own hours, from its first. So the loads form a chain, which ends at the first month of which anything changed, or
 * within the month that runs: of that the days that are over are told.
 */
import { bucketOf } from './buckets.ts';
import type { Hour } from './hour.ts';
import { compareLoadIds, type LoadId } from './load-id.ts';
import { isSettled, type SweepClock } from './sweep.ts';

/** What the ledger calls the table of the months. */
export const MONTHS_TABLE = 'months';

/** An hour and the load of events that readers see in it. */
export interface EventsOfHour {
  readonly hour: Hour;
  readonly loadId: LoadId;
}

/** A UTC month with an hour whose events readers see. */
export interface MonthOfEvents {
  /** First hour of the month. */
  readonly month: Hour;
  /** Oldest first. */
  readonly hours: readonly EventsOfHour[];
}

/** A committed load of a month. */
export interface MonthCommitted {
  /** First hour of the month. */
  readonly month: Hour;
  readonly loadId: LoadId;
  /** The load of the month before, whose numbers it goes on from; undefined where it is the first. */
  readonly previous?: LoadId | undefined;
  /** The loads of events that it holds, in the order of their hours. */
  readonly sources: readonly LoadId[];
}

/** A month that is to be built. */
export interface MonthToBuild extends MonthOfEvents {
  /** The loads of the months before it, oldest first. */
  readonly chain: readonly LoadId[];
}

/** The months of hours. @param hours oldest first */
export function monthsOfEvents(hours: Iterable<EventsOfHour>): MonthOfEvents[] {
  const months = new Map<Hour, EventsOfHour[]>();
  for (const { hour, loadId } of hours) {
    const month = bucketOf(hour, 'month');
    const own = months.get(month);
    if (own === undefined) months.set(month, [{ hour, loadId }]);
    else own.push({ hour, loadId });
  }
  return [...months].map(([month, own]) => ({ month, hours: own }));
}

/**
 * The loads that readers see, one for each month from the first: of those that rest on the load before and on the first hours of the month, the one
 * with the most hours, or else the newest. Only the last may lack hours.
 * @param months oldest first
 * @param standing committed and not abandoned, in any order
 */
export function monthChain(months: readonly MonthOfEvents[], standing: readonly MonthCommitted[]): MonthCommitted[] {
  const chain: MonthCommitted[] = [];
  for (const { month, hours } of months) {
    const previous = chain.at(-1)?.loadId;
    const best = standing
      .filter((load) => load.month === month && load.previous === previous && isBeginOf(load.sources, hours))
      .sort((a, b) => a.sources.length - b.sources.length || compareLoadIds(a.loadId, b.loadId))
      .at(-1);
    if (best === undefined) break;
    chain.push(best);
    if (best.sources.length < hours.length) break;
  }
  return chain;
}

function isBeginOf(sources: readonly LoadId[], hours: readonly EventsOfHour[]): boolean {
  return sources.length > 0 && sources.every((source, index) => source === hours[index]?.loadId);
}

/** The months whose hours before `until` the chain does not hold, oldest first. Only the first of them can be built as it is. */
export function monthsToBuild(
  months: readonly MonthOfEvents[],
  chain: readonly MonthCommitted[],
  until: Hour,
): MonthToBuild[] {
  const before = (index: number): LoadId[] => chain.slice(0, index).map(({ loadId }) => loadId);
  return months
    .map(({ month, hours }, index): MonthToBuild => {
      return { month, hours: hours.filter(({ hour }) => hour < until), chain: before(index) };
    })
    .filter(({ hours }, index) => hours.length > (chain[index]?.sources.length ?? 0));
}

/**
 * Loads that can be deleted, oldest month first: settled, not in the chain, and either the chain holds a settled load of the same month, or a load of
 * events that they rest on is given up, or the load of the month before. Where a truncation merely hides their hours they stay: a
 * restoration shows them again.
 * @param givenUpEvents loads of events
 */
export function doomedMonths(
  standing: readonly MonthCommitted[],
  chain: readonly MonthCommitted[],
  givenUpEvents: ReadonlySet<LoadId>,
  clock: SweepClock,
): MonthCommitted[] {
  const inChain = new Set(chain.map(({ loadId }) => loadId));
  const replaced = new Set(chain.filter(({ loadId }) => isSettled(loadId, clock)).map(({ month }) => month));
  const kept = new Set(standing.map(({ loadId }) => loadId));
  const doomed: MonthCommitted[] = [];
  for (const load of [...standing].sort((a, b) => (a.month < b.month ? -1 : 1))) {
    if (inChain.has(load.loadId) || !isSettled(load.loadId, clock)) continue;
    const hasPrevious = load.previous === undefined || kept.has(load.previous);
    if (hasPrevious && !replaced.has(load.month) && !load.sources.some((id) => givenUpEvents.has(id))) continue;
    kept.delete(load.loadId);
    doomed.push(load);
  }
  return doomed;
}
