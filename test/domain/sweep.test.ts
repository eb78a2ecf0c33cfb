import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHour } from '../../domain/hour.ts';
import { currentLoads, type CommittedEvent, type RuleEvent } from '../../domain/ledger.ts';
import { composeLoadId, type LoadId } from '../../domain/load-id.ts';
import { doomedLoads, isSettled, type SweepClock } from '../../domain/sweep.ts';
import { ALL_HOURS } from '../../domain/truncation.ts';

const HOUR = parseHour('2024-05-01T13');
const TABLE = 'geo_events';
const CLOCK: SweepClock = { nowMs: 1_000_000, attemptMs: 1_000, settleMs: 500 };

/** A ledger as it can come about in time: runs see the truncations there were when they began, then commit later or never. */
interface Story {
  readonly steps: readonly ('begin' | 'commit' | 'truncate' | 'restore' | 'purge' | 'withdraw')[];
  readonly picks: readonly number[];
}

interface Told {
  readonly events: RuleEvent[];
  readonly purged: Set<string>;
  readonly inFlight: CommittedEvent[];
}

function tell(
  { steps, picks }: Story,
  told: Told = { events: [], purged: new Set(), inFlight: [] },
  startMs = 0,
): Told {
  const { events, purged, inFlight } = told;
  const pick = (step: number, among: number): number => (picks[step % picks.length] ?? 0) % Math.max(1, among);
  const restored = (): Set<string> =>
    new Set(events.flatMap((event) => (event.event === 'restored' ? [event.truncationId] : [])));
  const inForce = (): string[] =>
    events.flatMap((event) =>
      event.event === 'truncated' && !restored().has(event.truncationId) ? [event.truncationId] : [],
    );
  for (const [step, kind] of steps.entries()) {
    const clockMs = startMs + step * 10;
    if (kind === 'begin') {
      const loadId = composeLoadId(clockMs, step);
      inFlight.push({
        event: 'committed',
        table: TABLE,
        hour: HOUR,
        loadId,
        objectModifiedMs: pick(step, 3),
        seen: inForce(),
      });
    } else if (kind === 'commit') {
      events.push(...inFlight.splice(pick(step, inFlight.length), 1));
    } else if (kind === 'truncate') {
      events.push({ event: 'truncated', truncationId: `t${clockMs}`, tables: [TABLE], ...ALL_HOURS });
    } else if (kind === 'restore') {
      const open = inForce().filter((id) => !purged.has(id));
      const id = open[pick(step, open.length)];
      if (id !== undefined) events.push({ event: 'restored', truncationId: id });
    } else if (kind === 'purge') {
      const open = inForce();
      const id = open[pick(step, open.length)];
      if (id !== undefined) purged.add(id);
    } else {
      withdraw(events, composeLoadId(clockMs, step), inForce());
    }
  }
  return told;
}

/** An earlier version of the object comes back: its load and the end of those above it are one block. */
function withdraw(events: RuleEvent[], loadId: LoadId, seen: string[]): void {
  const current = currentLoads(events).get(`${TABLE}/${HOUR}`);
  const above = events.find((event) => event.event === 'committed' && event.loadId === current);
  if (above?.event !== 'committed' || above.objectModifiedMs === 0) return;
  const modifiedMs = above.objectModifiedMs - 1;
  for (const event of [...events]) {
    if (event.event !== 'committed' || event.objectModifiedMs <= modifiedMs) continue;
    events.push({ event: 'abandoned', table: TABLE, hour: HOUR, loadId: event.loadId, reason: 'withdrawn' });
  }
  events.push({ event: 'committed', table: TABLE, hour: HOUR, loadId, objectModifiedMs: modifiedMs, seen });
}

const stories: fc.Arbitrary<Story> = fc.record({
  steps: fc.array(fc.constantFrom('begin', 'begin', 'commit', 'commit', 'truncate', 'restore', 'purge', 'withdraw'), {
    minLength: 4,
    maxLength: 24,
  }),
  picks: fc.array(fc.nat(7), { minLength: 1, maxLength: 8 }),
});

describe('doomedLoads()', () => {
  it('names no load that is current, or can become current by whatever happens later', () => {
    fc.assert(
      fc.property(stories, stories, (past, future) => {
        const told = tell(past);
        const view = { ...told, restoredLately: new Set<string>(), inUse: new Set<LoadId>() };
        const doomed = doomedLoads({ ...view, events: [...told.events] }, CLOCK);
        const doomedIds = new Set(doomed.map(({ loadId }) => loadId));
        // What is in flight may commit later; truncations, restorations, purges and withdrawals go on.
        for (let steps = 0; steps <= future.steps.length; steps += 1) {
          const later = tell(
            { ...future, steps: future.steps.slice(0, steps) },
            { events: [...told.events], purged: new Set(told.purged), inFlight: [...told.inFlight] },
            10_000,
          );
          const current = currentLoads(later.events).get(`${TABLE}/${HOUR}`);
          expect(current !== undefined && doomedIds.has(current)).toBe(false);
          const swept = doomed.map((load) => ({ event: 'abandoned', ...load, reason: 'swept' }) as const);
          expect(currentLoads([...later.events, ...swept])).toEqual(currentLoads(later.events));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves loads alone that may still be read, or rest in something else', () => {
    const load = (clockMs: number): CommittedEvent => ({
      event: 'committed',
      table: TABLE,
      hour: HOUR,
      loadId: composeLoadId(clockMs, 0),
      objectModifiedMs: 1,
      seen: [],
    });
    const [older, newer] = [load(1_000), load(2_000)];
    const view = {
      events: [older, newer],
      purged: new Set<string>(),
      restoredLately: new Set<string>(),
      inUse: new Set<LoadId>(),
    };
    expect(doomedLoads(view, CLOCK)).toEqual([{ table: TABLE, hour: HOUR, loadId: older.loadId }]);
    expect(doomedLoads({ ...view, inUse: new Set([older.loadId]) }, CLOCK)).toEqual([]);
    expect(doomedLoads(view, { ...CLOCK, nowMs: 3_499 })).toEqual([]);
    const lately: RuleEvent[] = [
      { event: 'truncated', truncationId: 't', tables: [TABLE], ...ALL_HOURS },
      { event: 'restored', truncationId: 't' },
    ];
    expect(
      doomedLoads({ ...view, events: [...view.events, ...lately], restoredLately: new Set(['t']) }, CLOCK),
    ).toEqual([]);
  });
});

describe('isSettled()', () => {
  it('needs the attempt to be over and its rows to be unread for long enough', () => {
    const loadId = composeLoadId(10_000, 7);
    expect(isSettled(loadId, { nowMs: 11_500, attemptMs: 1_000, settleMs: 500 })).toBe(false);
    expect(isSettled(loadId, { nowMs: 11_501, attemptMs: 1_000, settleMs: 500 })).toBe(true);
  });
});
