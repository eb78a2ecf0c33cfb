/** The overview over ClickHouse, in a browser: every panel shows the figures that plain TypeScript finds in the same feed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInsightReader } from '../../adapters/clickhouse/insight/index.ts';
import { Formats } from '../../dashboard/page/format.ts';
import type { Filter, PanelQuery } from '../../dashboard/reader.ts';
import { addHours, hoursOf, parseHour, type HourRange } from '../../domain/hour.ts';
import { METRICS, type MetricId } from '../../domain/metrics/metrics.ts';
import { createInsightFixture, type InsightFixture } from '../adapters/clickhouse/insight/fixture.ts';
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
} from '../adapters/clickhouse/insight/model.ts';
import { open, settled, tableOf, useBrowser, type WatchedPage } from './support/browser.ts';
import type { DashboardServer } from '../../dashboard/server.ts';
import { serve } from './support/dashboard.ts';

const START = parseHour('2024-05-05T18');
const ALL: HourRange = { from: START, to: addHours(START, 12) };
const LATER: HourRange = { from: addHours(START, 6), to: addHours(START, 12) };
const MISSING = addHours(START, 9);
const en = new Formats('en');
const PANELS = [
  ['sources', 'source'],
  ['pages', 'page'],
  ['places', 'country'],
  ['technology', 'device'],
] as const;
/** A browser on a busy machine takes its time. */
const PATIENCE_MS = 120_000;

describe('the overview', () => {
  const newPage = useBrowser();
  let fixture: InsightFixture;
  let views: ModelView[];
  let server: DashboardServer;

  beforeAll(async () => {
    fixture = await createInsightFixture();
    views = generateViews(START, 12, 120, 77).filter((view) => view.hour !== MISSING);
    await fixture.loadHours(linesOfHours(views, ALL));
    server = await serve({ reader: createInsightReader(fixture.server, { nowMs: () => Date.UTC(2024, 4, 10) }) });
  });
  afterAll(async () => {
    await server.close();
    await fixture.database.drop();
  });

  const address = ({ range, filters }: PanelQuery): string => {
    const params = new URLSearchParams({ from: range.from, to: range.to });
    for (const { dimension, value } of filters)
      params.append('f', value === null ? dimension : `${dimension}:${value}`);
    return `/?${params.toString()}`;
  };
  const show = async (query: PanelQuery): Promise<WatchedPage> => {
    const page = await newPage();
    await open(page, server.url + address(query));
    return page;
  };
  const kpi = (page: WatchedPage, metric: MetricId): Promise<string> =>
    page.locator(`[data-metric=${metric}] .kpi-value`).innerText();
  const names = (rows: string[][]): Map<string | undefined, string[]> =>
    new Map(rows.map(([name, ...rest]) => [name, rest]));

  const queries: PanelQuery[] = [
    { range: ALL, filters: [] },
    { range: LATER, filters: [{ dimension: 'source', value: 'google' }] },
    { range: LATER, filters: [{ dimension: 'source', value: null }] },
    { range: ALL, filters: [{ dimension: 'product', value: '/product_a' }] },
  ];

  it.each(queries)(
    'shows in every panel what plain TypeScript finds: $filters',
    async (query) => {
      const page = await show(query);
      const expected = { ...viewMetrics(viewsOf(views, query)), ...sessionMetrics(sessionsOf(views, query)) };
      for (const [metric, value] of Object.entries(expected)) {
        const id = metric as MetricId;
        expect([id, await kpi(page, id)]).toEqual([id, en.value(value, METRICS[id].unit)]);
      }
      await expectFunnel(page, query);
      if (query.filters.every(({ dimension }) => dimension !== 'product')) await expectBreakdowns(page, query);
      expect(page.troubles).toEqual([]);
    },
    PATIENCE_MS,
  );

  async function expectFunnel(page: WatchedPage, query: PanelQuery): Promise<void> {
    const sessions = sessionsOf(views, query);
    const steps = await page.locator('.funnel .funnel-name b').allInnerTexts();
    const reached = (step: number): number => sessions.filter((own) => stepsReached(own) >= step).length;
    expect(steps).toEqual([1, 2, 3, 4, 5].map((step) => en.count(reached(step))));
    const bought = sessions.flatMap(productsBought).filter((product) => product === '/product_a').length;
    const shown = await page.locator('.products li').filter({ hasText: '/product_a' }).locator('b').allInnerTexts();
    expect(shown).toEqual(bought === 0 ? [] : [en.count(bought)]);
  }

  async function expectBreakdowns(page: WatchedPage, query: PanelQuery): Promise<void> {
    for (const [panel, dimension] of PANELS) {
      const groups = new Map<string | null, ModelView[]>();
      for (const view of viewsOf(views, query)) {
        const value = viewValue(views, query, view, dimension);
        groups.set(value, [...(groups.get(value) ?? []), view]);
      }
      const expected = [...groups].map(([value, own]) => {
        const { page_views = 0, visitors = 0, purchases = 0 } = viewMetrics(own);
        const name = value === null ? 'not known' : dimension === 'country' ? en.country(value) : value;
        return [name, [page_views, visitors, purchases].map((count) => en.count(count))] as const;
      });
      expect([panel, names(await tableOf(page, `#${panel}`))]).toEqual([panel, new Map(expected)]);
    }
  }

  it(
    'shows the change against the range before',
    async () => {
      const page = await show({ range: LATER, filters: [] });
      const before = { from: addHours(LATER.from, -6), to: LATER.from };
      const [now, then] = [LATER, before].map((range) => viewsOf(views, { range, filters: [] }).length) as [
        number,
        number,
      ];
      const change = await page.locator('[data-metric=page_views] .change').innerText();
      expect(change).toContain(en.change(now, then, 'count'));
      expect(change).toContain(en.count(then));
    },
    PATIENCE_MS,
  );

  it(
    'says what the figures are based on, and hatches the hour that is missing',
    async () => {
      const page = await show({ range: ALL, filters: [] });
      expect(await page.getByTestId('basis').innerText()).toBe(`Based on ${en.share(11 / 12)} of hours`);
      expect(await page.locator('.basis').innerText()).toContain('hours missing: 1');
      await page.locator('#series').getByRole('button', { name: 'Show as table' }).click();
      const rows = names(await tableOf(page, '#series'));
      expect(rows.size).toBe(12);
      expect(rows.get(en.hour(MISSING))).toEqual(['–', 'hours missing: 1']);
      const href = await page.locator('#series a[download]').getAttribute('href');
      const csv = await (await fetch(server.url + href!)).text();
      expect(csv).toContain(`\r\n${MISSING},,,,1,0,`);
      for (const hour of hoursOf(ALL)) {
        if (hour === MISSING) continue;
        const count = viewsOf(views, { range: { from: hour, to: addHours(hour, 1) }, filters: [] }).length;
        expect([hour, rows.get(en.hour(hour))]).toEqual([hour, [en.count(count), 'complete']]);
      }
    },
    PATIENCE_MS,
  );

  it(
    'shows the rhythm of the week',
    async () => {
      const page = await show({ range: ALL, filters: [] });
      await page.locator('#heatmap').getByRole('button', { name: 'Show as table' }).click();
      const rows = names(await tableOf(page, '#heatmap'));
      const sundayEvening = viewsOf(views, { range: { from: START, to: addHours(START, 1) }, filters: [] }).length;
      expect(rows.get('18:00')).toEqual(['–', '–', '–', '–', '–', '–', en.count(sundayEvening)]);
    },
    PATIENCE_MS,
  );

  it(
    'filters everything by a click on a value, in the address, and back again',
    async () => {
      const query: PanelQuery = { range: ALL, filters: [] };
      const page = await show(query);
      await page.locator('#sources').getByRole('button', { name: 'google' }).click();
      await settled(page);
      const filters: Filter[] = [{ dimension: 'source', value: 'google' }];
      const filtered = viewsOf(views, { ...query, filters }).length;
      expect(new URL(page.url()).searchParams.getAll('f')).toEqual(['source:google']);
      expect(await kpi(page, 'page_views')).toBe(en.count(filtered));
      expect(await page.locator('#sources tr.kept').innerText()).toContain('google');

      const second = await newPage();
      await open(second, page.url());
      expect(await kpi(second, 'page_views')).toBe(en.count(filtered));

      await page.goBack();
      await settled(page);
      expect(await kpi(page, 'page_views')).toBe(en.count(viewsOf(views, query).length));
      await page.goForward();
      await page.locator('.chip').click();
      await settled(page);
      expect(new URL(page.url()).searchParams.getAll('f')).toEqual([]);
      expect(await kpi(page, 'page_views')).toBe(en.count(viewsOf(views, query).length));
    },
    PATIENCE_MS,
  );

  it(
    'saves a panel as CSV with the figures that it shows',
    async () => {
      const page = await show({ range: ALL, filters: [{ dimension: 'device', value: 'Mobile' }] });
      const saved = page.waitForEvent('download');
      await page.locator('#pages a[download]').click();
      const stream = await (await saved).createReadStream();
      let text = '';
      for await (const chunk of stream) text += String(chunk);
      const rows = text
        .replace('\u{feff}', '')
        .trim()
        .split('\r\n')
        .slice(1)
        .map((row) => row.split(','));
      const shown = (await tableOf(page, '#pages')).map((row) => row.map((cell) => (cell === 'not known' ? '' : cell)));
      expect(rows).toEqual(shown);
      expect(rows.length).toBeGreaterThan(5);
    },
    PATIENCE_MS,
  );
});
