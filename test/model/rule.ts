/** What the model asks the real code: the rule, the plan and the sweep of domain/, remembered by ledger as they are pure. */
import type { FeedObject } from '../../domain/feed-object.ts';
import { addHours, onlyHour, parseHour } from '../../domain/hour.ts';
import { currentLoads } from '../../domain/ledger.ts';
import { composeLoadId, LOAD_ID_LOW_RANGE, loadIdClockMs, newLoadId, type LoadId } from '../../domain/load-id.ts';
import { planHour } from '../../domain/plan.ts';
import { doomedLoads, isSettled, type SweepClock } from '../../domain/sweep.ts';
import { windowState, type WindowEvent } from '../../domain/window-state.ts';
import type { LoadMode } from '../../domain/loading.ts';
import type { LedgerView, Load, Safeguards, State } from './state.ts';

const TABLE = 'geo_events';
const HOUR = parseHour('2024-04-10T23');
const PLACE = `${TABLE}/${HOUR}`;
export const TRUNCATION = 'truncation-1';

const TICK_MS = 1_000;
/** Ticks of an attempt: what begins at tick 0 may commit at ticks 0 and 1. */
export const ATTEMPT_TICKS = 2;
/** With the wait for queries that still read: a load of tick 0 is settled at tick 4. */
const WAITS = { attemptMs: ATTEMPT_TICKS * TICK_MS, settleMs: TICK_MS } as const;
/** Load 0 began so long before tick 0 that it is settled. */
const BEFORE_TICKS = 5;

function instantMs(tick: number): number {
  return (BEFORE_TICKS + tick) * TICK_MS;
}

/** An id that the code would give at this tick. */
export function drawLoadId(tick: number, greatest: LoadId | undefined): LoadId {
  return newLoadId(composeLoadId(Math.max(0, instantMs(tick)), 0), greatest);
}

/** Every id that the code could give at this tick, as far as they differ: below, between and above those with the same clock part. */
export function drawnLoadIds(tick: number, greatest: LoadId | undefined, loads: State['loads']): LoadId[] {
  const clockMs = loadIdClockMs(drawLoadId(tick, greatest));
  const first = Number(composeLoadId(clockMs, 0));
  const taken = loads.flatMap((load) =>
    load !== undefined && load.order >= first && load.order < first + LOAD_ID_LOW_RANGE ? [load.order - first] : [],
  );
  const bounds = [0, ...taken.sort((a, b) => a - b), LOAD_ID_LOW_RANGE];
  return bounds.slice(1).map((bound, index) => composeLoadId(clockMs, Math.floor((bound + (bounds[index] ?? 0)) / 2)));
}

/** Whether the sweep takes a load with this id for over. */
export function isSettledAt(loadId: LoadId, tick: number): boolean {
  return isSettled(loadId, sweepClock(tick, true));
}

/** What the real code says of one ledger. */
export interface Judgement {
  readonly events: readonly WindowEvent[];
  /** Number of the current load, or -1. */
  readonly current: number;
  readonly window: ReturnType<typeof windowState>;
}

/** Asks the real rule; `abandonedIsTerminal` is the one part of it that a test takes away. */
export class Rule {
  readonly #judgements = new Map<string, Judgement>();
  readonly #doomed = new Map<string, ReadonlySet<LoadId>>();
  readonly #abandonedIsTerminal: boolean;

  constructor(abandonedIsTerminal: boolean) {
    this.#abandonedIsTerminal = abandonedIsTerminal;
  }

  judge(view: LedgerView): Judgement {
    const key = ledgerKey(view);
    const known = this.#judgements.get(key);
    if (known !== undefined) return known;
    const events = eventsOf(view);
    const visible = events.filter((event) => event.event !== 'rejected');
    const seen = this.#abandonedIsTerminal ? visible : visible.filter(({ event }) => event !== 'abandoned');
    const loadId = currentLoads(seen).get(PLACE);
    const judgement: Judgement = {
      events,
      current: view.loads.findIndex((load) => load !== undefined && load.loadId === loadId),
      window: windowState(TABLE, onlyHour(HOUR), events),
    };
    this.#judgements.set(key, judgement);
    return judgement;
  }

  /** The decision for the bucket's version, or undefined when nothing is to be loaded. */
  plan(
    view: LedgerView,
    version: number,
    mode: LoadMode,
  ): { greatest: LoadId | undefined; withdraw: number[] } | undefined {
    const state = this.judge(view).window.hours.get(HOUR);
    const decision = planHour(HOUR, [objectOf(version)], state, { mode, fillCleared: mode === 'all' });
    if (decision.action !== 'load') return undefined;
    const withdraw = decision.withdraw.map((loadId) => view.loads.findIndex((load) => load?.loadId === loadId));
    return { greatest: decision.greatestLoadId, withdraw };
  }

  /** Loads that the sweep gives up: those that can never be current again, and rows that no event speaks of. */
  doomed(state: State, { sweepWaitsUntilSettled, sweepWaitsForPurge }: Safeguards): number[] {
    const clock = sweepClock(state.clock, sweepWaitsUntilSettled);
    const { purge, restore } = state;
    const wait = sweepWaitsUntilSettled ? 1 : -1;
    const isPurged = purge.isAnnounced && (!sweepWaitsForPurge || purge.announcedAt + wait < state.clock);
    const isRestoredLately = state.isRestored && restore.writtenAt + wait >= state.clock;
    const doomed = this.#doomedIds(state, clock, isPurged, isRestoredLately);
    return numbersOf(state, (load) => doomed.has(load.loadId) || (isOrphan(load) && isSettled(load.loadId, clock)));
  }

  #doomedIds(state: State, clock: SweepClock, isPurged: boolean, isRestoredLately: boolean): ReadonlySet<LoadId> {
    const key = `${ledgerKey(state)}${clock.nowMs},${clock.settleMs}${+isPurged}${+isRestoredLately}`;
    const known = this.#doomed.get(key);
    if (known !== undefined) return known;
    const view = {
      events: this.judge(state).events.filter((event) => event.event !== 'rejected'),
      purged: new Set(isPurged ? [TRUNCATION] : []),
      restoredLately: new Set(isRestoredLately ? [TRUNCATION] : []),
      inUse: new Set<LoadId>(),
    };
    const doomed = new Set(doomedLoads(view, clock).map(({ loadId }) => loadId));
    this.#doomed.set(key, doomed);
    return doomed;
  }

  /** Loads whose rows the sweep deletes. */
  deletable(state: State, waits: boolean): number[] {
    const clock = sweepClock(state.clock, waits);
    return numbersOf(state, (load) => {
      if (load.rows === 'none' || load.abandoned === undefined || load.abandonedAt === undefined) return false;
      // A purge's own statements take longer than a query needs between its two snapshots: they lie a tick apart here.
      if (load.abandoned === 'purged') return load.abandonedAt < state.clock;
      if (load.abandoned === 'swept') return true;
      return isSettled(load.loadId, clock) && (!waits || load.abandonedAt + 1 < state.clock);
    });
  }
}

function isOrphan(load: Load): boolean {
  return load.rows !== 'none' && !load.isCommitted && load.abandoned === undefined;
}

function sweepClock(tick: number, waits: boolean): SweepClock {
  return { nowMs: instantMs(tick), ...(waits ? WAITS : { attemptMs: 0, settleMs: 0 }) };
}

/** Numbers of the loads of which the test holds. */
export function numbersOf({ loads }: LedgerView, test: (load: Load) => boolean): number[] {
  return loads.flatMap((load, number) => (load !== undefined && test(load) ? [number] : []));
}

function objectOf(version: number): FeedObject {
  const key = 'k.zip';
  return { key, etag: `v${version}`, sizeBytes: 1, modifiedMs: version, table: TABLE, hour: HOUR, format: 'zip' };
}

function eventsOf({ loads, isTruncated, isRestored }: LedgerView): WindowEvent[] {
  const place = { table: TABLE, hour: HOUR } as const;
  const events: WindowEvent[] = loads.flatMap((load): WindowEvent[] => {
    if (load === undefined) return [];
    const { loadId, version, seen, isCommitted, abandoned } = load;
    const object = objectOf(version);
    return [
      ...(isCommitted
        ? [
            {
              event: 'committed',
              ...place,
              loadId,
              object,
              objectModifiedMs: version,
              seen: seen ? [TRUNCATION] : [],
            } as const,
          ]
        : []),
      ...(abandoned === undefined ? [] : [{ event: 'abandoned', ...place, loadId, reason: abandoned } as const]),
    ];
  });
  const range = { tables: [TABLE], from: HOUR, to: addHours(HOUR, 1) } as const;
  if (isTruncated) events.push({ event: 'truncated', truncationId: TRUNCATION, ...range });
  if (isRestored) events.push({ event: 'restored', truncationId: TRUNCATION });
  return events;
}

/** Everything of the ledger that the rule looks at. */
export function ledgerKey({ loads, isTruncated, isRestored }: LedgerView): string {
  let key = `${+isTruncated}${+isRestored}`;
  for (const load of loads) key += load === undefined ? '-' : load.ledgerKey;
  return key;
}
