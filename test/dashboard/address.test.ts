/** Addresses of the page: every state survives being written and read, and old or foreign ones still open. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFilter, writeFilter } from '../../dashboard/address.ts';
import { readAddress, VIEWS, withFilter, writeAddress, type PageAddress } from '../../dashboard/page/state/address.ts';
import { grainsOf, PRESETS, resolveRange, type Preset } from '../../dashboard/ranges.ts';
import { GRAINS, type Filter } from '../../dashboard/reader.ts';
import { InputError } from '../../domain/errors.ts';
import { addHours, parseHour } from '../../domain/hour.ts';
import { DIMENSION_IDS } from '../../domain/metrics/dimensions.ts';
import { METRIC_IDS } from '../../domain/metrics/metrics.ts';

const hour = fc.integer({ min: 0, max: 200_000 }).map((count) => addHours(parseHour('2010-01-01T00'), count));
const filter: fc.Arbitrary<Filter> = fc.record({
  dimension: fc.constantFrom(...DIMENSION_IDS),
  value: fc.option(fc.string({ unit: 'grapheme' })),
});
const address: fc.Arbitrary<PageAddress> = fc.record({
  view: fc.constantFrom(...VIEWS),
  range: fc.oneof(
    fc.constantFrom(...(Object.keys(PRESETS) as Preset[])),
    fc.tuple(hour, fc.integer({ min: 1, max: 5000 })).map(([from, hours]) => ({ from, to: addHours(from, hours) })),
  ),
  filters: fc.uniqueArray(filter, { selector: ({ dimension }) => dimension }),
  metric: fc.constantFrom(...METRIC_IDS),
  grain: fc.option(fc.constantFrom(...GRAINS), { nil: undefined }),
  month: fc.option(fc.constantFrom('2024-04', '2025-12'), { nil: undefined }),
  hour: fc.option(hour, { nil: undefined }),
});

describe('readAddress()', () => {
  it('reads what writeAddress() wrote', () => {
    fc.assert(
      fc.property(address, (state) => {
        expect(readAddress(new URL(writeAddress(state), 'http://localhost'))).toEqual(state);
      }),
    );
  });

  it('opens the page whatever the address holds', () => {
    fc.assert(
      fc.property(fc.string(), (query) => {
        expect(VIEWS).toContain(readAddress(new URL(`/?${query}`, 'http://localhost')).view);
      }),
    );
    const odd = readAddress(new URL('http://localhost/nowhere?range=toString&f=__proto__:x&metric=constructor&hour=9'));
    expect(odd).toMatchObject({ view: 'overview', range: '30d', filters: [], metric: 'page_views', hour: undefined });
  });

  it('ignores a range that ends before it begins', () => {
    const url = new URL('http://localhost/?from=2024-05-02T00&to=2024-05-01T00');
    expect(readAddress(url).range).toBe('30d');
  });
});

describe('readFilter()', () => {
  it('tells a value that is not known from an empty one, and keeps colons', () => {
    expect(readFilter('source')).toEqual({ dimension: 'source', value: null });
    expect(readFilter('source:')).toEqual({ dimension: 'source', value: '' });
    expect(readFilter(writeFilter({ dimension: 'page', value: 'a:b' }))).toEqual({ dimension: 'page', value: 'a:b' });
  });

  it('refuses what names no dimension', () => {
    expect(() => readFilter('ip_address:1')).toThrow(InputError);
  });
});

describe('resolveRange()', () => {
  const extent = {
    firstHour: parseHour('2024-05-01T00'),
    lastHour: parseHour('2024-05-20T10'),
    lastCompleteHour: parseHour('2024-05-20T11'),
  };

  it('ends with the newest hour that has ended while the feed is live', () => {
    expect(resolveRange('24h', extent)).toEqual({ from: '2024-05-19T12', to: '2024-05-20T12' });
  });

  it('ends with the last hour of a feed that rests', () => {
    const resting = { ...extent, lastCompleteHour: parseHour('2024-09-01T00') };
    expect(resolveRange('24h', resting)).toEqual({ from: '2024-05-19T11', to: '2024-05-20T11' });
  });

  it('never begins before the feed', () => {
    expect(resolveRange('90d', extent).from).toBe('2024-05-01T00');
    expect(resolveRange('all', extent)).toEqual({ from: '2024-05-01T00', to: '2024-05-20T12' });
  });
});

it('grainsOf() offers hours for up to 2,000 of them, and days for up to five years', () => {
  const from = parseHour('2024-05-01T00');
  const finest = (hours: number): string | undefined => grainsOf({ from, to: addHours(from, hours) })[0];
  expect([720, 2000, 2001, 22_964, 48_000, 48_001].map(finest)).toEqual(['hour', 'hour', 'day', 'day', 'day', 'week']);
});

describe('withFilter()', () => {
  it('replaces a filter of the same dimension and keeps the others', () => {
    const before: Filter[] = [
      { dimension: 'source', value: 'google' },
      { dimension: 'page', value: '/cart' },
    ];
    expect(withFilter(before, { dimension: 'source', value: null })).toEqual([
      { dimension: 'page', value: '/cart' },
      { dimension: 'source', value: null },
    ]);
  });
});
