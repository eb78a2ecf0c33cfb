/**
 * The rule of the current `events` load of an hour: page views are derived from the loads of the four tables, and their
 * load carries which ones (its sources). The same rule stands in SQL in the view `events_state` (adapters/clickhouse/insight);
 * a test holds the two against each other on random ledgers.
 */
import type { TableName } from './catalogue.ts';
import type { Hour } from './hour.ts';
import { currentLoads, hides, type CommittedEvent, type RuleEvent, type TruncatedEvent } from './ledger.ts';
import { compareLoadIds, type LoadId } from './load-id.ts';

/** What the ledger calls the table of derived page views. */
export const EVENTS_TABLE = 'events';

/**
 * The tables that events are made from, in the order in which the ledger lists their loads. Named one by one: a table that joins
 * the catalogue is none of them, or hours built from then on would never be what the view of the database calls fresh.
 */
export const EVENT_SOURCES: readonly TableName[] = ['browser_events', 'device_events', 'geo_events', 'location_events'];

/** The table that decides whether an hour has events at all, and how many: one event per line of it. */
export const EVENT_SPINE: TableName = 'browser_events';

/** The load of each source table; tables without one had no current load when the events were built. */
export type SourceLoads = Readonly<Partial<Record<TableName, LoadId>>>;

/** A committed load of events. */
export interface EventsCommitted {
  readonly hour: Hour;
  readonly loadId: LoadId;
  readonly sources: SourceLoads;
}

/** What the rule says of an hour. */
export interface EventsState {
  /** The current loads of the source tables: what the events should rest on. */
  readonly sources: SourceLoads;
  /** The load of events that readers see, if any. */
  readonly loadId?: LoadId;
  /** Whether that load rests on exactly the current loads. Else the hour is stale (or not built) and is to be built again. */
  readonly fresh: boolean;
}

/**
 * The state of every hour that has a current load of the spine or a load of events that readers see.
 * A load of events is eligible while it is not abandoned and every source it names is committed, not abandoned and hidden by no
 * truncation. Of the eligible ones, one that rests on exactly the current loads comes first, then the greater load id.
 */
export function eventsStates(
  events: readonly RuleEvent[],
  committed: readonly EventsCommitted[],
): Map<Hour, EventsState> {
  const standing = standingLoads(events);
  const abandoned = new Set(events.flatMap((event) => (event.event === 'abandoned' ? [event.loadId] : [])));
  const current = currentLoads(events);
  const hours = new Set([...committed.map(({ hour }) => hour), ...spineHours(current)]);
  const states = new Map<Hour, EventsState>();
  for (const hour of hours) {
    const sources = sourcesOf(current, hour);
    const eligible = committed.filter(
      (load) =>
        load.hour === hour &&
        !abandoned.has(load.loadId) &&
        load.sources[EVENT_SPINE] !== undefined &&
        Object.entries(load.sources).every(([table, loadId]) => standing.has(placeOf(table, hour, loadId))),
    );
    const best = eligible.sort((a, b) => rank(b, a, sources))[0];
    if (best === undefined && sources[EVENT_SPINE] === undefined) continue;
    states.set(hour, {
      sources,
      ...(best === undefined ? {} : { loadId: best.loadId }),
      fresh: best !== undefined && sameSources(best.sources, sources),
    });
  }
  return states;
}

/** Whether two sets of sources are the same. */
export function sameSources(a: SourceLoads, b: SourceLoads): boolean {
  return EVENT_SOURCES.every((table) => a[table] === b[table]);
}

/** Positive when `a` ranks above `b`. */
function rank(a: EventsCommitted, b: EventsCommitted, current: SourceLoads): number {
  const freshness = Number(sameSources(a.sources, current)) - Number(sameSources(b.sources, current));
  return freshness !== 0 ? freshness : compareLoadIds(a.loadId, b.loadId);
}

/** Places (table, hour, load) of loads that are committed, not abandoned and not hidden. */
function standingLoads(events: readonly RuleEvent[]): Set<string> {
  const abandoned = new Set<LoadId>();
  const restored = new Set<string>();
  for (const event of events) {
    if (event.event === 'abandoned') abandoned.add(event.loadId);
    if (event.event === 'restored') restored.add(event.truncationId);
  }
  const inForce = events.filter(
    (event): event is TruncatedEvent => event.event === 'truncated' && !restored.has(event.truncationId),
  );
  const stands = (event: RuleEvent): event is CommittedEvent =>
    event.event === 'committed' &&
    !abandoned.has(event.loadId) &&
    !inForce.some((truncation) => hides(truncation, event));
  return new Set(events.filter(stands).map(({ table, hour, loadId }) => placeOf(table, hour, loadId)));
}

function placeOf(table: string, hour: Hour, loadId: LoadId): string {
  return `${table}/${hour}/${loadId}`;
}

function sourcesOf(current: ReadonlyMap<string, LoadId>, hour: Hour): SourceLoads {
  const entries = EVENT_SOURCES.flatMap((table) => {
    const loadId = current.get(`${table}/${hour}`);
    return loadId === undefined ? [] : [[table, loadId] as const];
  });
  return Object.fromEntries(entries);
}

function spineHours(current: ReadonlyMap<string, LoadId>): Hour[] {
  const prefix = `${EVENT_SPINE}/`;
  return [...current.keys()]
    .filter((place) => place.startsWith(prefix))
    .map((place) => place.slice(prefix.length) as Hour);
}
