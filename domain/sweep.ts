/** Which committed loads can never be current again, and since long enough that no query still reads them. Pure. */
import type { TableName } from './catalogue.ts';
import type { Hour } from './hour.ts';
import { hides, outranks, type CommittedEvent, type RuleEvent, type TruncatedEvent } from './ledger.ts';
import { loadIdClockMs, type LoadId } from './load-id.ts';

/** The longest that one attempt of `loadTable` can last: its startToCloseTimeout in workflows/policy.ts. */
export const ATTEMPT_MAX_MS = 2 * 3_600_000;
/** Rows that were current stay for so long: queries that run read them. */
export const SETTLE_MS = 3_600_000;
/**
 * Rows that the operator purges go sooner: a query that has read the ledger takes its snapshot of the rows milliseconds later, or
 * seconds on a server that is overloaded. From then on it keeps them, whatever is deleted.
 */
export const PURGE_SETTLE_MS = 10_000;
/** Loads of one DELETE. */
export const SWEPT_LOADS_MAX = 10_000;

/** What the ledger says of some hours: all their committed and abandoned loads, and every truncation and restoration. */
export interface SweepView {
  readonly events: readonly RuleEvent[];
  /** Truncations whose purge began so long ago that no restoration can meet it any more: what they hide never comes back. */
  readonly purged: ReadonlySet<string>;
  /** Truncations restored so lately that queries may still read what was current before. */
  readonly restoredLately: ReadonlySet<string>;
  /** Loads that something else still rests on. */
  readonly inUse: ReadonlySet<LoadId>;
}

/** By the server's clock, milliseconds since 1970. */
export interface SweepClock {
  readonly nowMs: number;
  /** The longest that an attempt can last. */
  readonly attemptMs: number;
  /** How long rows stay that were current before. */
  readonly settleMs: number;
}

/** A load and its place. */
export interface PlacedLoad {
  readonly table: TableName;
  readonly hour: Hour;
  readonly loadId: LoadId;
}

/** Whether the load's attempt is over since so long that nothing of it can still happen or be read. */
export function isSettled(loadId: LoadId, { nowMs, attemptMs, settleMs }: SweepClock): boolean {
  return loadIdClockMs(loadId) + attemptMs + settleMs < nowMs;
}

/**
 * Loads that stand but can never be current again: those hidden by a purged truncation, and those outranked by the current load.
 * A truncation yet to come hides the current load and all below it alike (a load that has seen it does not exist yet), and whoever
 * abandons a current load commits a newer one first; so what is below stays below.
 */
export function doomedLoads(view: SweepView, clock: SweepClock): PlacedLoad[] {
  const truncations = view.events.filter((event) => event.event === 'truncated');
  const restored = new Set(view.events.flatMap((event) => (event.event === 'restored' ? [event.truncationId] : [])));
  const inForce = truncations.filter(({ truncationId }) => !restored.has(truncationId));
  const unquiet = truncations.filter(({ truncationId }) => view.restoredLately.has(truncationId));
  return [...standingByPlace(view.events).values()]
    .flatMap((loads) => [...purgedOf(loads, inForce, view.purged), ...supersededOf(loads, inForce, unquiet, clock)])
    .filter(({ loadId }) => isSettled(loadId, clock) && !view.inUse.has(loadId))
    .map(({ table, hour, loadId }) => ({ table, hour, loadId }));
}

function purgedOf(
  loads: readonly CommittedEvent[],
  inForce: readonly TruncatedEvent[],
  purged: ReadonlySet<string>,
): CommittedEvent[] {
  const final = inForce.filter(({ truncationId }) => purged.has(truncationId));
  return loads.filter((load) => final.some((truncation) => hides(truncation, load)));
}

function supersededOf(
  loads: readonly CommittedEvent[],
  inForce: readonly TruncatedEvent[],
  unquiet: readonly TruncatedEvent[],
  clock: SweepClock,
): CommittedEvent[] {
  const visible = loads.filter((load) => !inForce.some((truncation) => hides(truncation, load)));
  const [first] = visible;
  if (first === undefined || unquiet.some((truncation) => covers(truncation, first))) return [];
  const current = visible.reduce((best, load) => (outranks(load, best) ? load : best), first);
  return isSettled(current.loadId, clock) ? visible.filter((load) => load !== current) : [];
}

function covers({ tables, from, to }: TruncatedEvent, { table, hour }: CommittedEvent): boolean {
  return tables.includes(table) && from <= hour && hour < to;
}

function standingByPlace(events: readonly RuleEvent[]): Map<string, CommittedEvent[]> {
  const abandoned = new Set(events.flatMap((event) => (event.event === 'abandoned' ? [event.loadId] : [])));
  const places = new Map<string, Map<LoadId, CommittedEvent>>();
  for (const event of events) {
    if (event.event !== 'committed' || abandoned.has(event.loadId)) continue;
    const place = `${event.table}/${event.hour}`;
    const loads = places.get(place) ?? new Map<LoadId, CommittedEvent>();
    places.set(place, loads.set(event.loadId, event));
  }
  return new Map([...places].map(([place, loads]) => [place, [...loads.values()]]));
}
