/** Every panel against the model, on a generated feed, with and without filters. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInsightReader } from '../../../../adapters/clickhouse/insight/index.ts';
import type { DashboardReader, Filter, PanelQuery } from '../../../../dashboard/reader.ts';
import { addHours, parseHour } from '../../../../domain/hour.ts';
import { DIMENSION_IDS, DIMENSIONS } from '../../../../domain/metrics/dimensions.ts';
import { createInsightFixture, type InsightFixture } from './fixture.ts';
import {
  generateViews,
  linesOfHours,
  productsBought,
  sessionMetrics,
  sessionsOf,
  sessionValues,
  stepsReached,
  viewMetrics,
  viewsOf,
  viewValue,
  type ModelView,
} from './model.ts';

const START = parseHour('2024-05-05T18'); // a Sunday evening: the range crosses a day, a weekday and a week
const HOURS = 12;
const ALL = { from: START, to: addHours(START, HOURS) };
const LATER = { from: addHours(START, 5), to: addHours(START, HOURS) };

const FILTERS: readonly (readonly Filter[])[] = [
  [],
  [{ dimension: 'source', value: 'google' }],
  [{ dimension: 'source', value: null }],
  [
    { dimension: 'country', value: 'DE' },
    { dimension: 'browser', value: 'Chrome' },
  ],
  [{ dimension: 'page', value: '/cart' }],
  [
    { dimension: 'page', value: '/confirmation' },
    { dimension: 'device', value: 'Mobile' },
  ],
  [{ dimension: 'page', value: null }],
  [{ dimension: 'weekday', value: '1' }],
  [{ dimension: 'hour_of_day', value: '23' }],
  [{ dimension: 'visitor_kind', value: 'returning' }],
  [
    { dimension: 'visitor_kind', value: 'new' },
    { dimension: 'page', value: '/home' },
  ],
  [{ dimension: 'entry_page', value: '/home' }],
  [
    { dimension: 'exit_page', value: '/confirmation' },
    { dimension: 'source', value: 'bing' },
  ],
  [{ dimension: 'product', value: '/product_a' }],
  [{ dimension: 'region', value: "L'Aquila" }],
];

function nameOf(filters: readonly Filter[]): string {
  return filters.length === 0
    ? 'no filter'
    : filters.map(({ dimension, value }) => `${dimension} = ${value}`).join(', ');
}

describe('the reader agrees with plain TypeScript', () => {
  let fixture: InsightFixture;
  let reader: DashboardReader;
  let views: ModelView[];

  beforeAll(async () => {
    fixture = await createInsightFixture();
    views = generateViews(START, HOURS, 150, 20240505);
    await fixture.loadHours(linesOfHours(views, ALL));
    reader = createInsightReader(fixture.server, { nowMs: () => Date.UTC(2024, 5, 1) });
  });
  afterAll(() => fixture.database.drop());

  // Each filter over one of the ranges, no filter over both.
  const queries: PanelQuery[] = [
    { range: LATER, filters: [] },
    ...FILTERS.map((filters, index) => ({ range: index % 2 === 0 ? ALL : LATER, filters })),
  ];
  const cases = queries.map((query) => [`${nameOf(query.filters)} from ${query.range.from}`, query] as const);

  /** A session-level filter tells the hour of a page view by its session's. */
  function viewsWithin(query: PanelQuery, within: (hour: string) => boolean): ModelView[] {
    if (!hasSessionFilter(query)) return viewsOf(views, query).filter((view) => within(view.hour));
    const sessions = sessionsOf(views, query).filter((session) => within(session.views[0]!.hour));
    return sessions.flatMap((session) => session.views);
  }

  it('builds every hour from lines that hold what the test is about', () => {
    const sessions = sessionsOf(views, { range: ALL, filters: [] });
    expect(sessions.some(({ views: own }) => own[0]!.hour !== own.at(-1)!.hour)).toBe(true);
    expect(views.some((view) => view.visitor === undefined && view.page === '/confirmation')).toBe(true);
    expect(sessions.some((session) => stepsReached(session) === 5)).toBe(true);
  });

  it.each(cases)('kpis(): %s', async (_, query) => {
    const own = await reader.kpis(query, 'views');
    expect(own.current).toEqual(viewMetrics(viewsOf(views, query)));
    const previous = { ...query, range: own.previousRange };
    const isBuilt = views.some(({ hour }) => previous.range.from <= hour && hour < previous.range.to);
    expect(own.previous).toEqual(isBuilt ? viewMetrics(viewsOf(views, previous)) : {});
    const { current } = await reader.kpis(query, 'sessions');
    const kind = (value: string): number =>
      viewMetrics(viewsOf(views, query).filter((view) => viewValue(views, query, view, 'visitor_kind') === value))[
        'visitors'
      ]!;
    expect(current).toEqual({
      ...closely(sessionMetrics(sessionsOf(views, query))),
      new_visitors: kind('new'),
      returning_visitors: kind('returning'),
    });
  });

  it.each(cases.filter((_, index) => index === 0 || index % 2 === 1))(
    'series() and heatmap(): %s',
    async (_, query) => {
      for (const grain of [query.filters.length === 1 ? 'day' : 'hour'] as const) {
        const own = await reader.series(query, grain, 'views');
        const bySessions = await reader.series(query, grain, 'sessions');
        const isIn = (start: string) => (hour: string) =>
          grain === 'hour' ? hour === start : hour.startsWith(start.slice(0, 10));
        for (const [index, point] of own.entries()) {
          const within = isIn(point.start);
          const sessions = sessionsOf(views, query).filter((session) => within(session.views[0]!.hour));
          const expected = viewsWithin(query, within);
          const isBuilt = views.some(({ hour }) => hour >= query.range.from && within(hour));
          expect([point.start, point.values]).toEqual([point.start, isBuilt ? viewMetrics(expected) : {}]);
          expect(bySessions[index]!.values).toEqual(isBuilt ? closely(sessionMetrics(sessions)) : {});
        }
      }
      const cells = await reader.heatmap(query);
      expect(cells).toHaveLength(168);
      for (const { weekday, hourOfDay, values, hoursBuilt } of cells) {
        const own = viewsWithin(query, (hour) => {
          const at = new Date(`${hour}:00Z`);
          return (at.getUTCDay() + 6) % 7 === weekday - 1 && at.getUTCHours() === hourOfDay;
        });
        const { page_views, purchases } = viewMetrics(own);
        expect(values).toEqual(hoursBuilt === 0 ? {} : { page_views, purchases });
      }
      expect(cells.reduce((sum, cell) => sum + cell.hoursBuilt, 0)).toBe(
        new Set(views.filter((view) => view.hour >= query.range.from).map((view) => view.hour)).size,
      );
    },
  );

  it.each(cases)(
    'breakdown(): %s',
    async (_, query) => {
      // Without filters every dimension; else a sixth of them, another sixth with each filter.
      const turn = queries.indexOf(query);
      for (const dimension of DIMENSION_IDS.filter((_, at) => query.filters.length === 0 || (at + turn) % 6 === 0)) {
        if (DIMENSIONS[dimension].level !== 'session') {
          const own = await reader.breakdown(query, { dimension, family: 'views', limit: 1000 });
          const groups = new Map<string | null, ModelView[]>();
          if (!hasSessionFilter(query)) {
            for (const view of viewsOf(views, query)) push(groups, viewValue(views, query, view, dimension), view);
            expect([dimension, asMap(own.rows)]).toEqual([dimension, mapValues(groups, viewMetrics)]);
            expect(own.distinctValues).toBe(groups.size);
          }
          const { page_views, purchases } = viewMetrics(viewsOf(views, query));
          expect(own.total).toEqual({ page_views, purchases });
        }
        const bySessions = await reader.breakdown(query, { dimension, family: 'sessions', limit: 1000 });
        const groups = new Map<string | null, ReturnType<typeof sessionsOf>>();
        for (const session of sessionsOf(views, query)) {
          for (const value of sessionValues(views, query, session, dimension)) push(groups, value, session);
        }
        expect([dimension, asMap(bySessions.rows)]).toEqual([
          dimension,
          mapValues(groups, (own) => closely(sessionMetrics(own))),
        ]);
      }
    },
    60_000,
  );

  it.each(cases.filter((_, index) => index % 2 === 0))('funnel(), products() and map(): %s', async (_, query) => {
    const sessions = sessionsOf(views, query);
    const funnel = await reader.funnel(query);
    expect(funnel.sessions).toBe(sessions.length);
    expect(funnel.steps.map((step) => step.sessions)).toEqual(
      [1, 2, 3, 4, 5].map((step) => sessions.filter((session) => stepsReached(session) >= step).length),
    );
    const bought = new Map<string | null, number>();
    const count = (product: string | null): void => void bought.set(product, (bought.get(product) ?? 0) + 1);
    for (const session of sessions) for (const product of productsBought(session)) count(product);
    if (!hasSessionFilter(query)) {
      for (const view of viewsOf(views, query))
        if (view.visitor === undefined && view.page === '/confirmation') count(null);
    }
    const products = await reader.products(query);
    expect(new Map(products.rows.map((row) => [row.product, row.purchases]))).toEqual(bought);
    expect(products.purchases).toBe([...bought.values()].reduce((sum, count) => sum + count, 0));

    if (hasSessionFilter(query)) return;
    const places = await reader.map(query, 1000);
    const groups = new Map<string, ModelView[]>();
    for (const view of viewsOf(views, query)) {
      push(groups, JSON.stringify([view.dimensions.country ?? null, view.dimensions.region ?? null]), view);
    }
    expect(new Map(places.map((place) => [JSON.stringify([place.country, place.region]), place.pageViews]))).toEqual(
      mapValues(groups, (own) => own.length),
    );
    for (const place of places) {
      if (query.filters.some(({ dimension }) => dimension === 'page')) break; // then a part's mean is over all its pages
      const own = groups.get(JSON.stringify([place.country, place.region]))!.flatMap((view) => view.latitude ?? []);
      const mean = own.reduce((sum, latitude) => sum + latitude, 0) / own.length;
      expect(place.latitude).toEqual(own.length === 0 ? undefined : expect.closeTo(mean, 9));
    }
  });

  it('breakdown() shows the largest values first and says how many there are', async () => {
    const own = await reader.breakdown({ range: ALL, filters: [] }, { dimension: 'page', family: 'views', limit: 2 });
    expect(own.rows).toHaveLength(2);
    expect(own.rows[0]!.values.page_views).toBeGreaterThanOrEqual(own.rows[1]!.values.page_views!);
    expect(own.distinctValues).toBe(7); // six pages and "not known"
  });
});

function hasSessionFilter({ filters }: PanelQuery): boolean {
  return filters.some(({ dimension }) => DIMENSIONS[dimension].level === 'session');
}

function push<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

function mapValues<K, V, W>(map: ReadonlyMap<K, V>, change: (value: V) => W): Map<K, W> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}

function asMap<W>(rows: readonly { value: string | null; values: W }[]): Map<string | null, W> {
  return new Map(rows.map(({ value, values }) => [value, values]));
}

/** Shares may differ in their last bit. */
function closely(values: Record<string, number>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Number.isInteger(value) ? value : expect.closeTo(value, 12)]),
  );
}
