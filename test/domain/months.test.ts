import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addHours, parseHour, type Hour } from '../../domain/hour.ts';
import { asLoadId, type LoadId } from '../../domain/load-id.ts';
import {
  doomedMonths,
  monthChain,
  monthsOfEvents,
  monthsToBuild,
  type EventsOfHour,
  type MonthCommitted,
} from '../../domain/months.ts';
import { dayOf } from '../../domain/session-days.ts';

const [JANUARY, MARCH, APRIL] = ['2024-01-01T00', '2024-03-01T00', '2024-04-01T00'].map(parseHour) as [
  Hour,
  Hour,
  Hour,
];
const LATER = parseHour('2030-01-01T00');

function id(number: number): LoadId {
  return asLoadId(String(number));
}

function hoursOf(...loads: readonly (readonly [hour: Hour, load: number])[]): EventsOfHour[] {
  return loads.map(([hour, load]) => ({ hour, loadId: id(load) }));
}

function load(month: Hour, loadId: number, sources: readonly number[], previous?: number): MonthCommitted {
  return {
    month,
    loadId: id(loadId),
    sources: sources.map(id),
    previous: previous === undefined ? undefined : id(previous),
  };
}

const THREE_MONTHS = monthsOfEvents(
  hoursOf([JANUARY, 1], [addHours(JANUARY, 5), 2], [MARCH, 3], [addHours(MARCH, 30), 4], [APRIL, 5]),
);
const CHAIN = [load(JANUARY, 10, [1, 2]), load(MARCH, 11, [3, 4], 10), load(APRIL, 12, [5], 11)];

describe('monthChain()', () => {
  test('monthChain() puts loads together that rest on each other and on the hours of their months', () => {
    expect(monthChain(THREE_MONTHS, CHAIN)).toEqual(CHAIN);
  });

  test('monthChain() ends before a month of which an hour changed, and with it all that rest on it', () => {
    const changed = monthsOfEvents(hoursOf([JANUARY, 1], [addHours(JANUARY, 5), 2], [MARCH, 7], [APRIL, 5]));
    expect(monthChain(changed, CHAIN)).toEqual(CHAIN.slice(0, 1));
  });

  test('monthChain() ends with a month that lacks its last hours', () => {
    const more = monthsOfEvents(
      hoursOf(
        [JANUARY, 1],
        [addHours(JANUARY, 5), 2],
        [MARCH, 3],
        [addHours(MARCH, 30), 4],
        [addHours(MARCH, 31), 8],
        [APRIL, 5],
      ),
    );
    expect(monthChain(more, CHAIN)).toEqual(CHAIN.slice(0, 2));
  });

  test('monthChain() takes the load with the most hours, and of equal ones the newest', () => {
    const [january] = THREE_MONTHS;
    const loads = [
      load(JANUARY, 22, [1]),
      load(JANUARY, 21, [1, 2]),
      load(JANUARY, 20, [1, 2]),
      load(JANUARY, 23, [2]),
    ];
    expect(monthChain([january!], loads)).toEqual([loads[1]]);
  });

  test('monthChain() takes no load without hours', () => {
    expect(monthChain(THREE_MONTHS, [load(JANUARY, 10, [])])).toEqual([]);
  });
});

describe('monthsToBuild()', () => {
  test('monthsToBuild() names the months from the end of the chain, each with the loads before it', () => {
    const toBuild = monthsToBuild(THREE_MONTHS, CHAIN.slice(0, 1), LATER);
    expect(toBuild.map(({ month, chain }) => [month, chain])).toEqual([
      [MARCH, [id(10)]],
      [APRIL, [id(10)]],
    ]);
  });

  test('monthsToBuild() leaves the hours out that are not before the given one, and a month without any other', () => {
    const toBuild = monthsToBuild(THREE_MONTHS, [], dayOf(addHours(MARCH, 30)));
    expect(toBuild.map(({ month, hours }) => [month, hours.length])).toEqual([
      [JANUARY, 2],
      [MARCH, 1],
    ]);
    expect(
      monthsToBuild(THREE_MONTHS, [load(JANUARY, 10, [1, 2]), load(MARCH, 11, [3], 10)], dayOf(addHours(MARCH, 30))),
    ).toEqual([]);
  });

  test('monthsToBuild() names what makes the chain whole, whatever changed and whatever was built before', () => {
    const anyHour = fc.record({ hour: fc.nat({ max: 24 * 150 }), load: fc.nat({ max: 3 }) });
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(anyHour, { selector: ({ hour }) => hour, maxLength: 12 }), { maxLength: 5 }),
        (states) => {
          const standing: MonthCommitted[] = [];
          let nextId = 1_000;
          for (const state of states) {
            const hours = [...state].sort((a, b) => a.hour - b.hour);
            const events = hours.map(({ hour, load: version }) => ({
              hour: addHours(JANUARY, hour),
              loadId: id(hour * 10 + version + 1),
            }));
            const months = monthsOfEvents(events);
            for (;;) {
              const [next] = monthsToBuild(months, monthChain(months, standing), LATER);
              if (next === undefined) break;
              const sources = next.hours.map(({ loadId }) => loadId);
              standing.push({ month: next.month, loadId: id(nextId++), sources, previous: next.chain.at(-1) });
              expect(nextId).toBeLessThan(2_000);
            }
            expect(monthChain(months, standing).flatMap(({ sources }) => sources)).toEqual(
              events.map(({ loadId }) => loadId),
            );
          }
        },
      ),
    );
  });
});

describe('doomedMonths()', () => {
  const SETTLED = { nowMs: 1, attemptMs: 0, settleMs: 0 };
  const NONE: ReadonlySet<LoadId> = new Set();
  const ids = (loads: readonly MonthCommitted[]): LoadId[] => loads.map(({ loadId }) => loadId);

  test('doomedMonths() names loads in whose place the chain holds another', () => {
    const old = [load(JANUARY, 8, [1]), load(APRIL, 9, [6], 11)];
    expect(ids(doomedMonths([...CHAIN, ...old], CHAIN, NONE, SETTLED))).toEqual([id(8), id(9)]);
  });

  test('doomedMonths() names loads that rest on events which are given up, and with them those that rest on them', () => {
    expect(ids(doomedMonths(CHAIN, CHAIN.slice(0, 1), new Set([id(4)]), SETTLED))).toEqual([id(11), id(12)]);
  });

  test('doomedMonths() names loads whose month before is not there any more', () => {
    expect(ids(doomedMonths(CHAIN.slice(1), [], NONE, SETTLED))).toEqual([id(11), id(12)]);
  });

  test('doomedMonths() leaves loads whose hours are merely hidden, those of the chain, and those that are not settled', () => {
    expect(doomedMonths(CHAIN, CHAIN.slice(0, 1), NONE, SETTLED)).toEqual([]);
    expect(doomedMonths(CHAIN, CHAIN, new Set([id(4)]), SETTLED)).toEqual([]);
    const notYet = { ...SETTLED, settleMs: 1 };
    expect(doomedMonths([...CHAIN, load(JANUARY, 8, [1])], CHAIN, NONE, notYet)).toEqual([]);
  });
});
