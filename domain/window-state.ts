/** What the ledger's events say of a window of hours: the state that a plan decides on, and what became of a load. Pure. */
import type { TableName } from './catalogue.ts';
import { hoursOf, type Hour, type HourRange } from './hour.ts';
import {
  currentLoads,
  hides,
  type AbandonedEvent,
  type CommittedEvent,
  type ObjectVersion,
  type RejectedEvent,
  type RestoredEvent,
  type RuleEvent,
  type TruncatedEvent,
} from './ledger.ts';
import { compareLoadIds, type LoadId } from './load-id.ts';
import type { HourState, StandingLoad } from './plan.ts';

/** A committed load with the object it stored. */
export type CommitRecord = CommittedEvent & { readonly object: ObjectVersion };

/** Every kind of event, as far as the rule and the plan look at it. */
export type WindowEvent = CommitRecord | AbandonedEvent | RejectedEvent | TruncatedEvent | RestoredEvent;

/** The state of a window, from one snapshot of the ledger. */
export interface WindowState {
  /** One per hour of the window that the ledger knows anything of. */
  readonly hours: ReadonlyMap<Hour, HourState>;
  /** Truncations in force that touch the table and the window. */
  readonly truncations: readonly string[];
}

/** What became of a load; `absent`: the ledger does not know it. */
export type LoadFate = 'current' | 'superseded' | 'hidden' | 'abandoned' | 'absent';

/**
 * The state of the window.
 * @param events those of the table and the window, and every truncation and restoration; order and copies do not matter
 */
export function windowState(table: TableName, range: HourRange, events: readonly WindowEvent[]): WindowState {
  const rule = events.filter(isRuleEvent);
  const touching = truncationsInForce(events).filter(
    ({ tables, from, to }) => tables.includes(table) && from < range.to && range.from < to,
  );
  const current = currentLoads(rule);
  const byHour = groupByHour(table, range, events);
  const hours = new Map<Hour, HourState>();
  for (const hour of hoursOf(range)) {
    const isCovered = touching.some(({ from, to }) => from <= hour && hour < to);
    const known = byHour.get(hour);
    if (known === undefined && !isCovered) continue;
    hours.set(hour, hourState(hour, known ?? [], current.get(`${table}/${hour}`), isCovered));
  }
  return { hours, truncations: [...new Set(touching.map(({ truncationId }) => truncationId))] };
}

/** Truncations that no restoration has undone. */
export function truncationsInForce(events: readonly WindowEvent[]): TruncatedEvent[] {
  const restored = new Set(events.flatMap((event) => (event.event === 'restored' ? [event.truncationId] : [])));
  return events
    .filter((event) => event.event === 'truncated')
    .filter(({ truncationId }) => !restored.has(truncationId));
}

/** What became of each load; the events must be those of a window that holds all of them. */
export function loadFates(loadIds: readonly LoadId[], events: readonly WindowEvent[]): Map<LoadId, LoadFate> {
  const abandoned = new Set(events.flatMap((event) => (event.event === 'abandoned' ? [event.loadId] : [])));
  const commits = new Map(
    events.flatMap((event) => (event.event === 'committed' ? [[event.loadId, event] as const] : [])),
  );
  const current = new Set(currentLoads(events.filter(isRuleEvent)).values());
  const inForce = truncationsInForce(events);
  const fateOf = (loadId: LoadId): LoadFate => {
    if (abandoned.has(loadId)) return 'abandoned';
    const commit = commits.get(loadId);
    if (commit === undefined) return 'absent';
    if (current.has(loadId)) return 'current';
    return inForce.some((truncation) => hides(truncation, commit)) ? 'hidden' : 'superseded';
  };
  return new Map(loadIds.map((loadId) => [loadId, fateOf(loadId)]));
}

type HourEvent = CommitRecord | AbandonedEvent | RejectedEvent;

function groupByHour(table: TableName, range: HourRange, events: readonly WindowEvent[]): Map<Hour, HourEvent[]> {
  const groups = new Map<Hour, HourEvent[]>();
  for (const event of events) {
    if (event.event === 'truncated' || event.event === 'restored' || event.table !== table) continue;
    if (event.hour < range.from || event.hour >= range.to) continue;
    const group = groups.get(event.hour);
    if (group === undefined) groups.set(event.hour, [event]);
    else group.push(event);
  }
  return groups;
}

function hourState(
  hour: Hour,
  events: readonly HourEvent[],
  currentId: LoadId | undefined,
  isCovered: boolean,
): HourState {
  const abandoned = new Set(events.flatMap((event) => (event.event === 'abandoned' ? [event.loadId] : [])));
  const standing = new Map<LoadId, StandingLoad>();
  const rejected = new Map<LoadId, ObjectVersion>();
  let greatest: LoadId | undefined;
  for (const event of events) {
    if (greatest === undefined || compareLoadIds(event.loadId, greatest) > 0) greatest = event.loadId;
    if (event.event === 'rejected') rejected.set(event.loadId, event.object);
    if (event.event === 'committed' && !abandoned.has(event.loadId)) {
      standing.set(event.loadId, { loadId: event.loadId, object: event.object });
    }
  }
  const current = currentId === undefined ? undefined : standing.get(currentId);
  return {
    hour,
    ...(current === undefined ? {} : { current }),
    standing: [...standing.values()].sort((a, b) => compareLoadIds(a.loadId, b.loadId)),
    ...(greatest === undefined ? {} : { greatestLoadId: greatest }),
    rejected: [...rejected.values()],
    cleared: isCovered && current === undefined,
  };
}

function isRuleEvent(event: WindowEvent): event is WindowEvent & RuleEvent {
  return event.event !== 'rejected';
}
