import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { currentLoads, hides, outranks, type RuleEvent } from '../../domain/ledger.ts';
import type { LoadId } from '../../domain/load-id.ts';
import { parseHour } from '../../domain/hour.ts';
import { ruleEvents } from '../support/ledger-events.ts';

const HOUR = parseHour('2024-04-10T23');
const PLACE = `geo_events/${HOUR}`;

function id(number: number): LoadId {
  return String(number) as LoadId;
}

function committed(loadId: number, objectModifiedMs: number, seen: string[] = []): RuleEvent {
  return { event: 'committed', table: 'geo_events', hour: HOUR, loadId: id(loadId), objectModifiedMs, seen };
}

function abandoned(loadId: number): RuleEvent {
  return { event: 'abandoned', table: 'geo_events', hour: HOUR, loadId: id(loadId), reason: 'swept' };
}

function truncated(truncationId: string): RuleEvent {
  return { event: 'truncated', truncationId, tables: ['geo_events'], from: HOUR, to: parseHour('2024-04-11T00') };
}

describe('currentLoads()', () => {
  test('takes the latest version of the object, whatever the ids', () => {
    expect(currentLoads([committed(9, 100), committed(2, 200)])).toEqual(new Map([[PLACE, id(2)]]));
  });

  test('takes the greatest id of one version, as a number and not as text', () => {
    expect(currentLoads([committed(9, 100), committed(10, 100)])).toEqual(new Map([[PLACE, id(10)]]));
  });

  test('compares ids that do not fit a JavaScript number', () => {
    const [lower, upper] = ['18446744073709551614', '18446744073709551615'] as LoadId[];
    const events = [lower, upper].map((loadId) => ({ ...committed(1, 1), loadId: loadId! }) as RuleEvent);
    expect(currentLoads(events).get(PLACE)).toBe(upper);
  });

  test('ignores an abandoned load also when the commit comes after', () => {
    expect(currentLoads([committed(1, 100), abandoned(2), committed(2, 200)]).get(PLACE)).toBe(id(1));
  });

  test('hides a load from a truncation that it has not seen, not from one that it has', () => {
    expect(currentLoads([truncated('t1'), committed(1, 100)])).toEqual(new Map());
    expect(currentLoads([committed(1, 100, ['t1']), truncated('t1')]).get(PLACE)).toBe(id(1));
    expect(currentLoads([committed(1, 100, ['t1']), truncated('t1'), truncated('t2')])).toEqual(new Map());
  });

  test('shows again what a restored truncation hid, in whatever order the two come', () => {
    const restored: RuleEvent = { event: 'restored', truncationId: 't1' };
    expect(currentLoads([restored, committed(1, 100), truncated('t1')]).get(PLACE)).toBe(id(1));
  });

  test('keeps hours and tables outside of a truncation', () => {
    const before = { ...committed(1, 1), hour: parseHour('2024-04-10T22') } as RuleEvent;
    const after = { ...committed(2, 1), hour: parseHour('2024-04-11T00') } as RuleEvent;
    const other = { ...committed(3, 1), table: 'browser_events' } as RuleEvent;
    expect(currentLoads([before, after, other, committed(4, 1), truncated('t1')]).size).toBe(3);
  });

  test('says the same of every order of the events, copies included', () => {
    fc.assert(
      fc.property(
        ruleEvents().chain((events) =>
          fc.tuple(fc.constant(events), fc.shuffledSubarray([...events, ...events], { minLength: events.length })),
        ),
        ([events, shuffled]) => {
          const all = [...shuffled, ...events];
          expect(new Map([...currentLoads(all)].sort())).toEqual(new Map([...currentLoads(events)].sort()));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('shows at most one load per table and hour: committed, not abandoned, not hidden, outranked by none such', () => {
    fc.assert(
      fc.property(ruleEvents(), (events) => {
        const given = new Set(events.flatMap((event) => (event.event === 'abandoned' ? [event.loadId] : [])));
        const restored = new Set(events.flatMap((event) => (event.event === 'restored' ? [event.truncationId] : [])));
        const visible = events.filter(
          (event) =>
            event.event === 'committed' &&
            !given.has(event.loadId) &&
            !events.some((t) => t.event === 'truncated' && !restored.has(t.truncationId) && hides(t, event)),
        );
        const current = currentLoads(events);
        for (const event of visible) {
          if (event.event !== 'committed') continue;
          const winner = visible.find(
            (other) => other.event === 'committed' && other.loadId === current.get(`${event.table}/${event.hour}`),
          );
          expect(winner).toBeDefined();
          if (winner?.event === 'committed') expect(outranks(event, winner)).toBe(false);
        }
        expect(current.size).toBe(
          new Set(visible.map((event) => (event.event === 'committed' ? `${event.table}/${event.hour}` : ''))).size,
        );
      }),
      { numRuns: 500 },
    );
  });
});
