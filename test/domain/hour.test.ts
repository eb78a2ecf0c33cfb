import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../domain/errors.ts';
import {
  addHours,
  countHours,
  daysOf,
  hourAt,
  hoursOf,
  hourStartMs,
  lastCompleteHour,
  parseHour,
} from '../../domain/hour.ts';

describe('parseHour()', () => {
  it.each(['2024-04-10T23', '2024-04-10 23', '2024-04-10T23:00', '2024-04-10T23:00:00Z', '2024-04-10T23:00:00.000Z'])(
    'reads %s',
    (text) => {
      expect(parseHour(text)).toBe('2024-04-10T23');
    },
  );
  it.each([
    '',
    '2024-04-10',
    '2024-13-01T00',
    '2024-02-30T00',
    '2024-04-10T24',
    '2024-04-10T23:30',
    '2024-04-10T23+03:00',
    'x',
  ])('refuses %j in one sentence that quotes it', (text) => {
    expect(() => parseHour(text)).toThrow(InputError);
    expect(() => parseHour(text)).toThrow(JSON.stringify(text));
  });
});

describe('hourAt()', () => {
  const anyMs = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
  it('names the hour that holds the instant', () => {
    fc.assert(
      fc.property(anyMs, (ms) => {
        const startMs = hourStartMs(hourAt(ms));
        return startMs <= ms && ms < startMs + 3_600_000;
      }),
    );
  });
  it('sorts as text in the order of time', () => {
    fc.assert(
      fc.property(anyMs, anyMs, (a, b) => hourAt(a) < hourAt(b) === hourStartMs(hourAt(a)) < hourStartMs(hourAt(b))),
    );
  });
});

describe('hoursOf() and daysOf()', () => {
  const range = fc
    .tuple(fc.integer({ min: 400_000, max: 500_000 }), fc.integer({ min: 0, max: 100 }))
    .map(([start, count]) => {
      const from = hourAt(start * 3_600_000);
      return { from, to: addHours(from, count) };
    });
  it('yield every hour of the range once, cut at days', () => {
    fc.assert(
      fc.property(range, (hours) => {
        const byDay = [...daysOf(hours)].flatMap((day) => [...hoursOf(day)]);
        expect(byDay).toEqual([...hoursOf(hours)]);
        expect(byDay).toHaveLength(countHours(hours));
      }),
    );
  });
  it('never put two UTC days into one day range', () => {
    fc.assert(
      fc.property(range, (hours) => {
        for (const day of daysOf(hours))
          expect(new Set([...hoursOf(day)].map((hour) => hour.slice(0, 10))).size).toBe(1);
      }),
    );
  });
});

describe('lastCompleteHour()', () => {
  it('is the hour before the running one', () => {
    expect(lastCompleteHour(Date.parse('2024-05-01T13:00:00Z'))).toBe('2024-05-01T12');
    expect(lastCompleteHour(Date.parse('2024-05-01T13:59:59Z'))).toBe('2024-05-01T12');
  });
});
