/** What hours say nothing of, as one of their tables has no load: neither zero nor 0 %. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInsightReader } from '../../../../adapters/clickhouse/insight/index.ts';
import type { DashboardReader, Filter, MetricValues, PanelQuery } from '../../../../dashboard/reader.ts';
import { CATALOGUE, TABLE_NAMES, type TableName } from '../../../../domain/catalogue.ts';
import { addHours, onlyHour, parseHour, type Hour } from '../../../../domain/hour.ts';
import { DIMENSION_IDS, DIMENSIONS } from '../../../../domain/metrics/dimensions.ts';
import { createInsightFixture, type InsightFixture } from './fixture.ts';
import {
  generateViews,
  linesOfHour,
  linesOfHours,
  sessionMetrics,
  sessionsOf,
  stepsReached,
  viewMetrics,
  viewsOf,
  type ModelView,
} from './model.ts';

const WHOLE = parseHour('2024-05-01T21');
const [NO_LOCATION, NO_DEVICE, NO_GEO, NOT_BUILT] = [1, 2, 3, 4].map((hours) => addHours(WHOLE, hours)) as [
  Hour,
  Hour,
  Hour,
  Hour,
];
const LEFT_OUT: Readonly<Record<Hour, TableName>> = {
  [NO_LOCATION]: 'location_events',
  [NO_DEVICE]: 'device_events',
  [NO_GEO]: 'geo_events',
  [NOT_BUILT]: 'browser_events',
};
const ALL = { from: WHOLE, to: addHours(WHOLE, 5) };

describe('the reader', () => {
  let fixture: InsightFixture;
  let reader: DashboardReader;
  let views: ModelView[];

  beforeAll(async () => {
    fixture = await createInsightFixture();
    views = generateViews(WHOLE, 5, 150, 11);
    const hours = [...linesOfHours(views, ALL)].map(([hour, lines]) => {
      const kept = Object.entries(lines).filter(([table]) => table !== LEFT_OUT[hour]);
      return [hour, Object.fromEntries(kept)] as const;
    });
    await fixture.loadHours(new Map(hours));
    reader = createInsightReader(fixture.server, { nowMs: () => Date.UTC(2024, 5, 1) });
  });
  afterAll(() => fixture.database.drop());

  /** Names of the metrics that have a value, hour by hour. */
  async function knownByHour(filters: readonly Filter[] = []): Promise<string[][]> {
    const query: PanelQuery = { range: ALL, filters };
    const families = await Promise.all([
      reader.series(query, 'hour', 'views'),
      reader.series(query, 'hour', 'sessions'),
    ]);
    return families[0].map((point, at) => Object.keys({ ...point.values, ...families[1][at]?.values }));
  }

  test('gives an hour no value of a metric whose table it was built without, in the time chart', async () => {
    const sessions = ['sessions', 'pages_per_session', 'bounce_rate'];
    expect(await knownByHour()).toEqual([
      ['page_views', 'visitors', 'purchases', ...sessions, 'conversion'],
      ['page_views', 'visitors', ...sessions],
      ['page_views', 'purchases'],
      ['page_views', 'visitors', 'purchases', ...sessions, 'conversion'],
      [],
    ]);
  });

  test('gives an hour no value with a filter on a table that it was built without, but for what is not known', async () => {
    const hasValues = async (filter: Filter): Promise<boolean[]> =>
      (await knownByHour([filter])).map((known) => known.length > 0);
    expect(await hasValues({ dimension: 'country', value: 'DE' })).toEqual([true, true, true, false, false]);
    expect(await hasValues({ dimension: 'country', value: null })).toEqual([true, true, true, true, false]);
    expect(await hasValues({ dimension: 'source', value: 'google' })).toEqual([true, false, true, true, false]);
    expect(await hasValues({ dimension: 'visitor_kind', value: 'new' })).toEqual([true, true, false, true, false]);
    expect(await hasValues({ dimension: 'browser', value: 'Chrome' })).toEqual([true, true, true, true, false]);
  });

  test('gives a day the value of what is known of it, and says how many hours are not complete', async () => {
    const days = await reader.series({ range: ALL, filters: [] }, 'day', 'views');
    const figures = (of: readonly Hour[]): Record<string, number> =>
      viewMetrics(viewsOf(views, { range: ALL, filters: [] }).filter(({ hour }) => of.includes(hour)));
    const { page_views } = figures([WHOLE, NO_LOCATION, NO_DEVICE]);
    expect(days[0]?.values).toMatchObject({ page_views, purchases: figures([WHOLE, NO_DEVICE])['purchases'] });
    expect(
      days.map(({ basis }) => [basis.hours, basis.hoursBuilt, basis.hoursIncomplete, basis.hoursComplete]),
    ).toEqual([
      [3, 3, 2, 1],
      [2, 1, 1, 0],
    ]);
  });

  test('gives key figures and values of a dimension nothing that no hour of the range knows', async () => {
    const known = async (hour: Hour): Promise<MetricValues[]> => {
      const query: PanelQuery = { range: onlyHour(hour), filters: [] };
      const [kpis, { rows, total }] = await Promise.all([
        reader.kpis(query, 'views'),
        reader.breakdown(query, { dimension: 'browser', family: 'views', limit: 10 }),
      ]);
      return [kpis.current, rows[0]?.values ?? {}, total];
    };
    const names = (values: MetricValues[]): string[][] => values.map((own) => Object.keys(own));
    expect(names(await known(NO_LOCATION))).toEqual([
      ['page_views', 'visitors'],
      ['page_views', 'visitors'],
      ['page_views'],
    ]);
    expect(names(await known(NOT_BUILT))).toEqual([[], [], []]);
    const { current, previous, basis } = await reader.kpis({ range: onlyHour(NO_DEVICE), filters: [] }, 'sessions');
    expect([current, Object.keys(previous)]).toEqual([
      {},
      ['sessions', 'pages_per_session', 'bounce_rate', 'new_visitors', 'returning_visitors'],
    ]);
    expect(basis).toMatchObject({ hours: 1, hoursBuilt: 1, hoursIncomplete: 1 });
    const sessions = sessionMetrics(sessionsOf(views, { range: onlyHour(NO_LOCATION), filters: [] }))['sessions'];
    expect(previous.sessions).toBe(sessions);
    const judged = async (hour: Hour): Promise<number | undefined> =>
      (await reader.scorecard(onlyHour(hour))).lines.find(({ id }) => id === 'conversion')?.value;
    expect(await judged(NO_LOCATION)).toBeUndefined();
    expect(await judged(WHOLE)).toBeGreaterThan(0);
  });

  test('tells of no step of the funnel and of no product bought what no hour of the range knows', async () => {
    const asked = async (hour: Hour, ...filters: Filter[]): Promise<unknown[]> => {
      const query: PanelQuery = { range: onlyHour(hour), filters };
      const [{ sessions, steps }, products] = await Promise.all([reader.funnel(query), reader.products(query)]);
      return [sessions, steps.map((step) => step.sessions), products.purchases];
    };
    const own = (hour: Hour): ReturnType<typeof sessionsOf> =>
      sessionsOf(views, { range: onlyHour(hour), filters: [] });
    const reached = own(NO_GEO).map(stepsReached);
    const nothing = [undefined, undefined, undefined, undefined, undefined];
    const bought = (hour: Hour): number | undefined =>
      viewMetrics(viewsOf(views, { range: onlyHour(hour), filters: [] }))['purchases'];
    expect(await asked(NO_GEO)).toEqual([
      reached.length,
      [1, 2, 3, 4, 5].map((step) => reached.filter((steps) => steps >= step).length),
      bought(NO_GEO),
    ]);
    expect(await asked(NO_GEO, { dimension: 'country', value: 'DE' })).toEqual([undefined, nothing, undefined]);
    expect(await asked(NO_LOCATION)).toEqual([own(NO_LOCATION).length, nothing, undefined]);
    expect(await asked(NO_DEVICE)).toEqual([undefined, nothing, bought(NO_DEVICE)]);
    expect(await asked(NOT_BUILT)).toEqual([undefined, nothing, undefined]);
  });

  test('goes by the load that is shown while an hour waits to be built again', async () => {
    const before = await knownByHour();
    await fixture.load('location_events', NO_LOCATION, linesOfHour(views, NO_LOCATION).location_events);
    expect(await knownByHour()).toEqual(before);
    await fixture.build(onlyHour(NO_LOCATION));
    expect((await knownByHour())[1]).toContain('conversion');
  });
});

test('every dimension that is a column names the table of it', () => {
  for (const { id, column, needs } of DIMENSION_IDS.map((id) => DIMENSIONS[id])) {
    if (column === undefined) continue;
    const table = TABLE_NAMES.find((name) => CATALOGUE[name].fields.some((field) => field.name === column));
    expect([id, needs]).toEqual([id, table === 'browser_events' ? [] : [table]]);
  }
});
