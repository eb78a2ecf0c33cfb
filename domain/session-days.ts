/**
 * The rule of the current load of a day's sessions: sessions of a day are derived from the loads of events of its hours, and their
 * load carries which ones (its sources). The same rule stands in SQL in the view `days_state` (adapters/clickhouse/insight); a test
 * holds the two against each other on random ledgers.
 */
import type { EventsState } from './events.ts';
import { HOUR_MS, hourAt, hourStartMs, type Hour } from './hour.ts';
import { compareLoadIds, greatestLoadId, type LoadId } from './load-id.ts';

/** What the ledger calls the table of derived sessions. */
export const SESSIONS_TABLE = 'sessions';

export const DAY_HOURS = 24;

/** A committed load of the sessions of a day. */
export interface SessionsCommitted {
  /** First hour of the day. */
  readonly day: Hour;
  readonly loadId: LoadId;
  /** Loads of events, in ascending order. */
  readonly sources: readonly LoadId[];
}

/** What the rule says of a day. */
export interface DayState {
  /** The loads of events that readers see in the hours of the day, in ascending order. */
  readonly sources: readonly LoadId[];
  /** The load of sessions that rests on exactly these; without one the sessions are put together from their parts. */
  readonly loadId?: LoadId;
}

/** First hour of the UTC day that holds the hour. */
export function dayOf(hour: Hour): Hour {
  const dayMs = DAY_HOURS * HOUR_MS;
  return hourAt(Math.floor(hourStartMs(hour) / dayMs) * dayMs);
}

/** The state of every day with an hour whose events readers see. A load that rests on anything else is never seen, stale or not. */
export function dayStates(
  states: ReadonlyMap<Hour, EventsState>,
  committed: readonly SessionsCommitted[],
  abandoned: ReadonlySet<LoadId>,
): Map<Hour, DayState> {
  const sources = new Map<Hour, LoadId[]>();
  for (const [hour, { loadId }] of states) {
    const day = dayOf(hour);
    if (loadId !== undefined) sources.set(day, [...(sources.get(day) ?? []), loadId].sort(compareLoadIds));
  }
  return new Map(
    [...sources].map(([day, seen]) => {
      const standing = committed.filter(
        (load) => load.day === day && !abandoned.has(load.loadId) && load.sources.join() === seen.join(),
      );
      const best = greatestLoadId(standing.map(({ loadId }) => loadId));
      return [day, { sources: seen, ...(best === undefined ? {} : { loadId: best }) }] as const;
    }),
  );
}
