/** Panels over months that are told by value, against figures counted here from the parts alone. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildMonths } from '../../../../activities/build-months.ts';
import { createLoadIds } from '../../../../adapters/clickhouse/index.ts';
import { createEventsStore, createInsightReader } from '../../../../adapters/clickhouse/insight/index.ts';
import { createSweeper } from '../../../../adapters/clickhouse/operations/index.ts';
import type { DashboardReader } from '../../../../dashboard/reader.ts';
import { bucketOf } from '../../../../domain/buckets.ts';
import type { MonthsReport } from '../../../../domain/events-report.ts';
import { addHours, hourStartMs, parseHour, type Hour, type HourRange } from '../../../../domain/hour.ts';
import { createFixture, SIGNAL, type Fixture } from '../fixture.ts';
import { storeParts, type StoredPart } from './parts.ts';

const MONTHS = ['2023-11', '2023-12', '2024-01', '2024-02', '2024-03', '2024-04', '2024-06', '2024-07', '2024-08'];
/** Four of each month. */
const HOURS = MONTHS.flatMap((month) => ['05T23', '06T00', '17T03', '28T11'].map((at) => parseHour(`${month}-${at}`)));
const WHOLE: HourRange = { from: parseHour('2023-11-05T23'), to: parseHour('2024-09-01T00') };
/** It begins and ends within a month. */
const CUT: HourRange = { from: parseHour('2023-12-06T00'), to: parseHour('2024-08-17T04') };
const PAGES = ['/home', '/product_a', '', '/confirmation'];

const anyPart: fc.Arbitrary<StoredPart> = fc
  .record({
    hour: fc.constantFrom(...HOURS),
    visitor: fc.nat({ max: 25 }),
    pages: fc.array(fc.constantFrom(...PAGES), { minLength: 1, maxLength: 4 }),
    country: fc.constantFrom(null, '', 'Chile', 'Peru'),
    region: fc.constantFrom(null, 'North', 'South'),
    latitude: fc.option(fc.integer({ min: -80, max: 80 })),
  })
  .map(({ hour, visitor, pages, country, region, latitude }) => {
    const beginsMs = hourStartMs(hour) + visitor * 60_000;
    const dimensions = { country, region, latitude, longitude: latitude };
    return { hour, visitor, beginsMs, endsMs: beginsMs, pages, dimensions };
  });
const anyParts = fc.array(anyPart, { minLength: 60, maxLength: 150 });

/** Page views, visitors and purchases by key, from the parts. */
type Figures = ReadonlyMap<string, readonly [pageViews: number, visitors: number, purchases: number]>;

function figuresOf(parts: readonly StoredPart[], keysOf: (part: StoredPart) => readonly string[]): Figures {
  const found = new Map<string, { views: number; visitors: Set<number>; purchases: number }>();
  for (const part of parts) {
    keysOf(part).forEach((key, index) => {
      const own = found.get(key) ?? { views: 0, visitors: new Set<number>(), purchases: 0 };
      // A part has one key, or one for each of its pages.
      const pages = keysOf(part).length === 1 ? part.pages : [part.pages[index] ?? ''];
      own.views += pages.length;
      own.purchases += pages.filter((page) => page === '/confirmation').length;
      if (part.visitor !== 0) own.visitors.add(part.visitor);
      found.set(key, own);
    });
  }
  return new Map([...found].map(([key, { views, visitors, purchases }]) => [key, [views, visitors.size, purchases]]));
}

function textOf(value: string | number | null | undefined): string {
  return JSON.stringify(value ?? null);
}

async function expectFigures(reader: DashboardReader, all: readonly StoredPart[], range: HourRange): Promise<void> {
  await expectViews(reader, all, range);
  await expectReturning(reader, all, range);
}

/** All panels of page views that months answer. */
async function expectViews(reader: DashboardReader, all: readonly StoredPart[], range: HourRange): Promise<void> {
  const query = { range, filters: [] };
  const parts = all.filter(({ hour }) => hour >= range.from && hour < range.to);
  const numbers = (values: Readonly<Partial<Record<string, number>>>): number[] =>
    ['page_views', 'visitors', 'purchases'].map((metric) => values[metric] ?? -1);
  const { current } = await reader.kpis(query, 'views');
  expect(numbers(current)).toEqual(figuresOf(parts, () => ['all']).get('all') ?? [0, 0, 0]);
  for (const grain of ['day', 'week', 'month'] as const) {
    const points = await reader.series(query, grain, 'views');
    const shown = points.filter(({ values }) => (values.page_views ?? 0) > 0);
    const expected = figuresOf(parts, ({ hour }) => [bucketOf(hour, grain)]);
    expect(new Map(shown.map(({ start, values }) => [start, numbers(values)]))).toEqual(expected);
  }
  for (const dimension of ['country', 'region', 'page'] as const) {
    const { rows } = await reader.breakdown(query, { dimension, family: 'views', limit: 100 });
    const expected = figuresOf(parts, ({ dimensions, pages }) =>
      dimension === 'page' ? pages.map((page) => textOf(page === '' ? null : page)) : [textOf(dimensions?.[dimension])],
    );
    expect(new Map(rows.map(({ value, values }) => [textOf(value), numbers(values)]))).toEqual(expected);
  }
  await expectPlaces(reader, parts, range);
}

async function expectPlaces(reader: DashboardReader, parts: readonly StoredPart[], range: HourRange): Promise<void> {
  const places = await reader.map({ range, filters: [] }, 100);
  const views = figuresOf(parts, ({ dimensions }) => [
    textOf(dimensions?.['country']) + textOf(dimensions?.['region']),
  ]);
  expect(places.map(({ country, region, pageViews }) => [textOf(country) + textOf(region), pageViews]).sort()).toEqual(
    [...views].map(([place, [pageViews]]) => [place, pageViews]).sort(),
  );
  for (const { country, region, latitude } of places) {
    const own = parts.filter(
      ({ dimensions }) => dimensions?.['country'] === country && dimensions['region'] === region,
    );
    const located = own.filter(({ dimensions }) => dimensions?.['latitude'] !== null);
    const sum = located.reduce(
      (total, { dimensions, pages }) => total + Number(dimensions?.['latitude']) * pages.length,
      0,
    );
    const count = located.reduce((total, { pages }) => total + pages.length, 0);
    if (count === 0) expect(latitude).toBeUndefined();
    else expect(latitude).toBeCloseTo(sum / count, 9);
  }
}

/** Who came in the range, and was there before. */
async function expectReturning(reader: DashboardReader, all: readonly StoredPart[], range: HourRange): Promise<void> {
  const before = new Set(all.filter(({ hour }) => hour < range.from).map(({ visitor }) => visitor));
  const own = new Set(all.filter(({ hour }) => hour >= range.from && hour < range.to).map(({ visitor }) => visitor));
  const expected = [...own].filter((visitor) => visitor !== 0 && before.has(visitor)).length;
  const { current } = await reader.kpis({ range, filters: [] }, 'sessions');
  const known = [...own].filter((visitor) => visitor !== 0).length;
  expect([current.returning_visitors, current.new_visitors]).toEqual([expected, known - expected]);
}

function build({ server }: Fixture): Promise<MonthsReport> {
  const { months } = createEventsStore(server);
  const ports = { months, loadIds: createLoadIds(server), workerName: 'test' };
  const attempt = { signal: SIGNAL, remainingMs: () => 60_000, workflowId: 'test', runId: 'test', number: 1 };
  return buildMonths(ports, attempt);
}

async function clear({ database }: Fixture): Promise<void> {
  for (const table of ['loads', 'session_parts_raw', 'visitor_numbers_raw', 'month_values_raw']) {
    await database.client.command({ query: `TRUNCATE TABLE ${table}` });
  }
}

function monthLoads({ database }: Fixture): Promise<{ readonly months: string; readonly loads: string }[]> {
  return database.rows(
    'SELECT toString(uniqExact(_hour)) AS months, toString(uniqExact(_load)) AS loads FROM month_values_raw',
  );
}

test('panels over months that are told by value give the figures of the parts, whatever is published again or comes later', async () => {
  const fixture = await createFixture();
  const reader = createInsightReader(fixture.server, { nowMs: () => Date.UTC(2024, 9, 1) });
  const last = parseHour('2024-08-30T20');
  await fc.assert(
    fc.asyncProperty(anyParts, anyParts, fc.constantFrom(...HOURS), async (parts, others, changed) => {
      await clear(fixture);
      await storeParts(fixture, HOURS, parts, 1);
      expect(await build(fixture)).toEqual({ monthsBuilt: MONTHS.length, monthsLeft: 0 });
      for (const range of [WHOLE, CUT]) await expectFigures(reader, parts, range);

      // A later hour of the month that is told last: some of its visitors have numbers, some have none.
      const ofChanged = others.filter(({ hour }) => hour === changed);
      const late = others.slice(0, 20).map((part) => ({ ...part, hour: last, visitor: part.visitor * 2 }));
      await storeParts(fixture, [last], late, 1);
      for (const range of [WHOLE, CUT]) await expectFigures(reader, [...parts, ...late], range);

      // An hour is published again: its month and those after it are not told until they are built anew.
      await storeParts(fixture, [changed], ofChanged, 2);
      const all = [...parts.filter(({ hour }) => hour !== changed), ...ofChanged, ...late];
      await expectFigures(reader, all, WHOLE);
      expect(await build(fixture)).toMatchObject({ monthsLeft: 0 });
      for (const range of [WHOLE, CUT]) await expectFigures(reader, all, range);
      expect(await build(fixture)).toEqual({ monthsBuilt: 0, monthsLeft: 0 });
    }),
    { numRuns: 2 },
  );
}, 180_000);

test('panels over months that are told by value read no part of their hours; the sweep takes the loads of months that are not seen', async () => {
  const fixture = await createFixture();
  const { database, server } = fixture;
  const reader = createInsightReader(server, { nowMs: () => Date.UTC(2024, 9, 1) });
  const [parts = []] = fc.sample(anyParts, { numRuns: 1, seed: 1 });
  await storeParts(fixture, HOURS, parts, 1);
  await build(fixture);
  const again = HOURS[9] as Hour;
  const ofAgain = parts.filter(({ hour }) => hour === again);
  await storeParts(fixture, [again], ofAgain, 2);
  await build(fixture);
  expect(await monthLoads(fixture)).toEqual([{ months: '9', loads: '16' }]);
  await createSweeper(server).sweep('events', { attemptMs: 0, settleMs: 0, purgeSettleMs: 0, loadsMax: 100 }, SIGNAL);
  expect(await monthLoads(fixture)).toEqual([{ months: '9', loads: '9' }]);

  await database.client.command({ query: 'TRUNCATE TABLE session_parts_raw' });
  await expectViews(reader, parts, WHOLE);
  const { current } = await reader.kpis({ range: WHOLE, filters: [] }, 'views');
  expect(current.page_views).toBe(parts.reduce((sum, { pages }) => sum + pages.length, 0));
  const { rows } = await reader.breakdown(
    { range: WHOLE, filters: [] },
    { dimension: 'page', family: 'views', limit: 9 },
  );
  expect(rows).toHaveLength(PAGES.length);
  const fewMonths = { from: addHours(WHOLE.to, -24 * 120), to: WHOLE.to };
  expect((await reader.kpis({ range: fewMonths, filters: [] }, 'views')).current.page_views).toBe(0);
});
