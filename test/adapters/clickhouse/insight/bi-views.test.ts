/** The BI views: what tools need of them, and the same figures as the plain TypeScript model. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BI_METRICS, BI_VIEWS } from '../../../../adapters/clickhouse/insight/index.ts';
import { addHours, parseHour, type HourRange } from '../../../../domain/hour.ts';
import { METRIC_IDS, type MetricId } from '../../../../domain/metrics/metrics.ts';
import { FUNNEL_STEPS, funnelStepSql } from '../../../../domain/metrics/pages.ts';
import { linesOf } from '../../../support/feed-lines.ts';
import { createInsightFixture, type InsightFixture } from './fixture.ts';
import {
  generateViews,
  linesOfHours,
  productsBought,
  sessionMetrics,
  sessionsOf,
  stepsReached,
  viewMetrics,
  viewsOf,
  viewValue,
  type ModelView,
} from './model.ts';

const START = parseHour('2024-05-05T20');
const ALL = { from: START, to: addHours(START, 8) };
const SECOND_DAY = { from: parseHour('2024-05-06T00'), to: ALL.to };

let fixture: InsightFixture;
let views: ModelView[];

beforeAll(async () => {
  fixture = await createInsightFixture();
  views = generateViews(START, 8, 100, 11);
  await fixture.loadHours(linesOfHours(views, ALL));
});
afterAll(() => fixture.database.drop());

test('BI views have no UInt64, a comment on every column, and no personal column', async () => {
  const columns = await fixture.database.rows<{ table: string; name: string; type: string; comment: string }>(
    `SELECT table, name, type, comment FROM system.columns WHERE database = currentDatabase() AND table LIKE 'bi\\_%'`,
  );
  expect(new Set(columns.map(({ table }) => table))).toEqual(new Set(BI_VIEWS.map(({ name }) => name)));
  for (const column of columns) {
    expect(column.type).toMatch(/^(String|Int32|Nullable\(Float64\)|Date|DateTime\('UTC'\))$/);
    expect([column.name, column.comment.length > 3]).toEqual([column.name, true]);
    expect(column.name).not.toMatch(/user_custom_id|ip_address|user_domain_id/);
  }
  const comments = await fixture.database.rows<{ name: string; comment: string }>(
    `SELECT name, comment FROM system.tables WHERE database = currentDatabase() AND name LIKE 'bi\\_%'`,
  );
  for (const { name, comment } of comments) expect([name, comment]).toEqual([name, expect.stringMatching(/.{4}/)]);
});

/** What is wrong with the keys: in no dimension, or there more than once as BI tools compare texts. */
async function brokenKeys({ database }: InsightFixture): Promise<string[]> {
  const broken: string[] = [];
  for (const view of BI_VIEWS) {
    const [key] = view.columns;
    if (view.kind === 'dimension') {
      const [row] = await database.rows<{ rows: string; keys: string }>(
        `SELECT count() AS rows, uniqExact(lower(trimRight(toString(${key!.name})))) AS keys FROM ${view.name}`,
      );
      if (row!.rows !== row!.keys || row!.rows === '0') broken.push(`${view.name}: ${JSON.stringify(row)}`);
    }
    for (const { name, joins } of view.columns) {
      if (joins === undefined) continue;
      const [row] = await database.rows<{ lost: string }>(
        `SELECT count() AS lost FROM ${view.name} WHERE ${name} NOT IN (SELECT ${name} FROM ${joins})`,
      );
      if (row!.lost !== '0') broken.push(`${view.name}.${name}: ${row!.lost} rows`);
    }
  }
  return broken;
}

test('BI views join: every key of a fact is in its dimension, once', async () => {
  expect(await brokenKeys(fixture)).toEqual([]);
});

test('BI views join when values differ in case, in a space at the end, or say "(not known)"', async () => {
  const hostile = await createInsightFixture();
  const hour = parseHour('2024-05-05T20');
  const sources = ['Ad', 'ad', 'ad ', '(not known)', null, '', 'Ünï'];
  const location = linesOf('location_events', hour, 14).map((line, index) => {
    const source = sources[index % sources.length];
    const fields = { utm_source: source, page_url_path: index < 7 ? `/${source}` : (source ?? '') };
    return JSON.stringify({ ...(JSON.parse(line) as object), ...fields });
  });
  await hostile.loadHour(hour, {
    browser_events: linesOf('browser_events', hour, 14),
    device_events: linesOf('device_events', hour, 14),
    geo_events: [],
    location_events: location,
  });
  expect(await brokenKeys(hostile)).toEqual([]);
  const rows = await hostile.database.rows<{ source: string; views: string }>(
    'SELECT source, count() AS views FROM bi_page_views JOIN bi_sources USING source_key GROUP BY source ORDER BY source',
  );
  expect(rows).toEqual([
    { source: '(not known)', views: '6' },
    ...['Ad', 'ad', 'ad ', 'Ünï'].map((source) => ({ source, views: '2' })),
  ]);
});

/** Metrics by their SQL over the BI views. */
async function computed(range: HourRange, metrics: readonly MetricId[]): Promise<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const id of metrics) {
    const { view, sql } = BI_METRICS[id];
    const [row] = await fixture.database.rows<{ value: number }>(
      `SELECT toFloat64(${sql}) AS value FROM ${view} WHERE date >= {from:Date} AND date <= {to:Date}`,
      { from: range.from.slice(0, 10), to: addHours(range.to, -1).slice(0, 10) },
    );
    values[id] = row!.value;
  }
  return values;
}

/** Metrics by the model. */
function modelled(range: HourRange): Record<string, number> {
  const query = { range, filters: [] };
  const own = viewsOf(views, query);
  const visitors = (kind: string): number =>
    viewMetrics(own.filter((view) => viewValue(views, query, view, 'visitor_kind') === kind))['visitors']!;
  return {
    ...viewMetrics(own),
    ...sessionMetrics(sessionsOf(views, query)),
    new_visitors: visitors('new'),
    returning_visitors: visitors('returning'),
  };
}

describe('BI_METRICS', () => {
  test('BI_METRICS give the figures of the model over the whole feed', async () => {
    const expected = modelled(ALL);
    expect(await computed(ALL, METRIC_IDS)).toEqual(
      Object.fromEntries(METRIC_IDS.map((id) => [id, expect.closeTo(expected[id]!, 12)])),
    );
  });

  test('BI_METRICS of page views and visitors give the figures of the model by day', async () => {
    const ids = ['page_views', 'visitors', 'purchases', 'new_visitors', 'returning_visitors'] as const;
    const expected = modelled(SECOND_DAY);
    expect(expected['returning_visitors']).toBeGreaterThan(0);
    expect(await computed(SECOND_DAY, ids)).toEqual(Object.fromEntries(ids.map((id) => [id, expected[id]])));
  });
});

test('bi_sessions and bi_purchases tell steps reached, entry and exit pages and products as the model does', async () => {
  const sessions = sessionsOf(views, { range: ALL, filters: [] });
  const rows = await fixture.database.rows<Record<string, string | number>>(
    'SELECT steps_reached, entry_page, exit_page, page_views, lasted_seconds FROM bi_sessions',
  );
  const sorted = (list: readonly unknown[]): string[] => list.map((each) => JSON.stringify(each)).sort();
  expect(sorted(rows.map((row) => Object.values(row)))).toEqual(
    sorted(
      sessions.map((session) => {
        const [first, last] = [session.views[0]!, session.views.at(-1)!];
        const seconds = Math.floor(last.atMs / 1000) - Math.floor(first.atMs / 1000);
        const pages = [first.page ?? '(not known)', last.page ?? '(not known)'];
        return [stepsReached(session), ...pages, session.views.length, seconds];
      }),
    ),
  );
  const counted = FUNNEL_STEPS.map(({ id }) => `toFloat64(${funnelStepSql(id)})`).join(', ');
  const [funnel] = await fixture.database.rows<{ steps: number[] }>(`SELECT [${counted}] AS steps FROM bi_sessions`);
  expect(funnel?.steps).toEqual(
    FUNNEL_STEPS.map((_, index) => sessions.filter((session) => stepsReached(session) > index).length),
  );
  const bought = await fixture.database.rows<{ product: string }>('SELECT product FROM bi_purchases');
  const unknown = viewsOf(views, { range: ALL, filters: [] }).filter(
    ({ visitor, page }) => visitor === undefined && page === '/confirmation',
  );
  expect(unknown.length).toBeGreaterThan(0);
  expect(bought.map(({ product }) => product).sort()).toEqual(
    [...sessions.flatMap(productsBought), ...unknown.map(() => null)].map((product) => product ?? '(not known)').sort(),
  );
});
