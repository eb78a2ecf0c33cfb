/** The page when things are not as they should be: nothing loaded, nothing reachable, a hostile feed. */
import { describe, expect, it } from 'vitest';
import { createInsightReader } from '../../adapters/clickhouse/insight/index.ts';
import { ClickHouseServer } from '../../adapters/clickhouse/index.ts';
import { CONVERSION_DIMENSIONS } from '../../dashboard/conversions.ts';
import type { DashboardReader } from '../../dashboard/reader.ts';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { UnavailableError } from '../../domain/errors.ts';
import { onlyHour, parseHour } from '../../domain/hour.ts';
import { createInsightFixture } from '../adapters/clickhouse/insight/fixture.ts';
import { generateViews, linesOfHour } from '../adapters/clickhouse/insight/model.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { open, settled, SHIFT_MOST, useBrowser, watchShifts } from './support/browser.ts';
import { serve } from './support/dashboard.ts';
import { scriptedReader } from './support/scripted-reader.ts';

const HOUR = parseHour('2024-05-01T00');
const NOT_KNOWN = 'Not known: no hour of the range has all the tables that this needs.';
const NOW = { nowMs: () => Date.UTC(2024, 4, 10) };

/** The same answers, none of them at once: what is drawn before they come is seen. */
function slowly(reader: DashboardReader): DashboardReader {
  type Ask = (...asked: readonly unknown[]) => Promise<unknown>;
  const late = (Object.entries(reader) as [string, Ask][]).map(([name, ask]): [string, Ask] => [
    name,
    async (...asked) => {
      await new Promise((resolve) => setTimeout(resolve, name === 'extent' ? 100 : 250));
      return ask(...asked);
    },
  ]);
  return Object.fromEntries(late) as unknown as DashboardReader;
}

describe('the page', () => {
  const newPage = useBrowser();

  it('says what to do when nothing is loaded', async () => {
    const fixture = await createInsightFixture();
    const { url } = await serve({ reader: createInsightReader(fixture.server, NOW) });
    const page = await newPage();
    await open(page, url);
    expect(await page.locator('main').innerText()).toContain('No page views yet');
    await page.getByRole('button', { name: 'See coverage' }).click();
    await settled(page);
    expect(await page.locator('#hours .hour').count()).toBeGreaterThan(0);
    expect(page.troubles).toEqual([]);
  });

  it('says that ClickHouse cannot be reached', async () => {
    const gone = new ClickHouseServer({ url: 'http://127.0.0.1:1', user: 'x', password: 'hunter2', database: 'x' });
    cleanUpLater(() => gone.close());
    const { url } = await serve({ reader: createInsightReader(gone, NOW) });
    const page = await newPage();
    await page.goto(url);
    const alert = page.getByRole('alert').first();
    await alert.waitFor();
    expect(await alert.innerText()).toContain('Not available right now');
    expect(await page.content()).not.toContain('hunter2');
  });

  it('shows the figures again once ClickHouse is back', async () => {
    let isDown = true;
    const working = scriptedReader();
    const { url } = await serve({
      reader: scriptedReader({
        extent: () =>
          isDown ? Promise.reject(new UnavailableError('Cannot read: found no server')) : working.extent(),
      }),
    });
    const page = await newPage();
    await page.goto(url);
    const again = page.getByRole('button', { name: 'Try again' });
    await again.waitFor();
    isDown = false;
    await again.click();
    await page.locator('[data-metric=page_views]').waitFor();
    await settled(page);
    expect(await page.locator('[data-metric=page_views] .kpi-value').innerText()).toBe('10');
  });

  it('fails panel by panel: what can be answered is shown', async () => {
    const broken = { funnel: () => Promise.reject(new UnavailableError('Cannot compute the funnel: found it broken')) };
    const { url } = await serve({ reader: scriptedReader(broken) });
    const page = await newPage();
    await page.goto(url);
    await page.getByRole('alert').waitFor();
    expect(await page.locator('#funnel').innerText()).toContain('Cannot compute the funnel: found it broken');
    expect(await page.locator('[data-metric=page_views] .kpi-value').innerText()).toBe('10');
  });

  it('shows values of a hostile feed as text', async () => {
    const hostile = [
      '<img src=x onerror="window.hacked=1">',
      "'; DROP TABLE events; --",
      '\u{202e}evil\u{0}',
      '"><script>window.hacked=1</script>',
    ];
    const rows = hostile.map((value) => ({ value, values: { page_views: 1, visitors: 1, purchases: 0 } }));
    const { url } = await serve({
      reader: scriptedReader({
        breakdown: (_, { dimension }) => Promise.resolve({ dimension, rows, distinctValues: 4, total: {} }),
        products: () => Promise.resolve({ rows: [{ product: hostile[0]!, purchases: 1 }], purchases: 1 }),
        map: () =>
          Promise.resolve([{ country: hostile[0]!, region: hostile[3]!, latitude: 1, longitude: 1, pageViews: 1 }]),
      }),
    });
    const page = await newPage();
    await open(page, url);
    const shown = await page.locator('#sources .value').allInnerTexts();
    expect(shown).toEqual([hostile[0], hostile[1], '\\u{202e}evil\\u{0}', hostile[3]]);
    await page
      .locator('#map canvas')
      .first()
      .hover({ position: { x: 300, y: 100 } });
    await page.locator('#sources .value-button').first().click();
    await settled(page);
    expect(await page.locator('.chip').innerText()).toContain('<img src=x');
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(page.troubles).toEqual([]);
  });

  it.each(['/', '/?f=source:google&f=device:Mobile&lang=ru'])(
    'lets nothing jump while the answers come in: %s',
    async (path) => {
      const { url } = await serve({ reader: slowly(scriptedReader()) });
      const page = await newPage();
      const shifted = await watchShifts(page);
      await open(page, url + path);
      expect(await shifted()).toBeLessThan(SHIFT_MOST);
    },
  );

  it('says in every panel when nothing matches, and goes on to count hours', async () => {
    const fixture = await createInsightFixture();
    await fixture.loadHour(HOUR, linesOfHour(generateViews(HOUR, 1, 20, 5), HOUR));
    const { url } = await serve({ reader: createInsightReader(fixture.server, NOW) });
    const page = await newPage();
    await open(page, `${url}/?range=all&f=source:nobody`);
    for (const panel of ['sources', 'pages', 'funnel', 'products', 'map', 'places', 'heatmap', 'technology']) {
      expect([panel, await page.locator(`#${panel} .nothing`).count()]).toEqual([panel, 1]);
    }
    expect(await page.locator('[data-metric=page_views] .kpi-value').innerText()).toBe('0');
    expect(await page.getByTestId('basis').innerText()).toMatch(/^Based on .+% of hours$/);
  });

  it('says of the funnel and of products bought that they are not known where the table of the pages is missing', async () => {
    const fixture = await createInsightFixture();
    const views = generateViews(HOUR, 1, 60, 5);
    const { location_events: locations, ...others } = linesOfHour(views, HOUR);
    await fixture.loadHour(HOUR, others);
    const { url } = await serve({ reader: createInsightReader(fixture.server, NOW) });
    const page = await newPage();
    await open(page, `${url}/?range=all`);
    const said = (panel: string): Promise<string> => page.locator(`#${panel} .panel-body`).innerText();
    for (const panel of ['funnel', 'products']) expect([panel, await said(panel)]).toEqual([panel, NOT_KNOWN]);
    const csv = await page.locator('#funnel a[download]').getAttribute('href');
    expect(await (await fetch(url + csv!)).text()).toContain('\r\nhome,,\r\n');

    await fixture.load('location_events', HOUR, locations);
    await fixture.build(onlyHour(HOUR));
    await open(page, `${url}/?range=all`);
    expect(await said('funnel')).toContain('Home');
    await open(page, `${url}/?range=all&f=page:/nowhere`);
    expect(await said('products')).toBe('No purchases match this range and these filters.');
  });

  it.each([
    ['/', 11],
    ['/coverage', 2],
    ['/scorecard', 1 + CONVERSION_DIMENSIONS.length],
  ])('gives every panel a link to its figures as CSV, each of which is there: %s', async (path, panels) => {
    const { url } = await serve({ reader: scriptedReader() });
    const page = await newPage();
    await open(page, url + path);
    const links = page.locator('a[download][href*=".csv?"]');
    const addresses = await links.evaluateAll((found) =>
      (found as unknown as { href: string }[]).map(({ href }) => href),
    );
    expect(addresses).toHaveLength(panels);
    for (const address of new Set(addresses)) {
      const { status, headers } = await fetch(address);
      expect([address, status, headers.get('content-type')]).toEqual([address, 200, 'text/csv; charset=utf-8']);
    }
  });

  it('leaves what became of a table the width of a narrow hour', async () => {
    const cells = [
      { table: 'location_events' as const, hour: HOUR, state: 'rejected' as const, rows: 0, quarantined: 0 },
    ];
    const { url } = await serve({
      reader: scriptedReader({
        hour: (hour) =>
          Promise.resolve({ hour, cells, receipts: [], rejections: [], events: { state: 'stale', rows: 1 } }),
      }),
    });
    const page = await newPage({ viewport: { width: 360, height: 800 }, locale: 'ru-RU' });
    await open(page, `${url}/coverage?hour=${HOUR}`);
    const table = await page.locator('.states').boundingBox();
    const word = await page.locator('.states td').first().boundingBox();
    expect(word?.width).toBeCloseTo(table?.width ?? 0, 0);
  });

  it('tells the files of a narrow scorecard apart by their words', async () => {
    const { url } = await serve({ reader: scriptedReader() });
    const page = await newPage({ viewport: { width: 390, height: 800 } });
    await open(page, `${url}/scorecard`);
    for (const word of ['JSON', 'CSV']) {
      const box = await page.locator('#scorecard .panel-controls a span', { hasText: word }).boundingBox();
      expect([word, (box?.width ?? 0) > 20]).toEqual([word, true]);
    }
  });

  it('shows the whole proof of a narrow scorecard', async () => {
    const proof = TABLE_NAMES.map((table) => ({
      table,
      objects: 22_964,
      sizeBytes: 786_000_000,
      lines: 22_964_000,
      rows: 22_963_999,
      quarantined: 1,
    }));
    const line = { id: 'coverage', value: 1, verdict: 'good', evidence: { hours: 1, missing: 0 } } as const;
    const { url } = await serve({
      reader: scriptedReader({ scorecard: (range) => Promise.resolve({ range, judgedAtMs: 0, lines: [line], proof }) }),
    });
    const page = await newPage({ viewport: { width: 360, height: 800 }, locale: 'ru-RU' });
    await open(page, `${url}/scorecard`);
    expect(await page.locator('.proof tbody tr').count()).toBe(TABLE_NAMES.length);
    const isWider = await page.locator('.scroll:has(.proof)').evaluate((region) => {
      const { scrollWidth, clientWidth } = region as unknown as { scrollWidth: number; clientWidth: number };
      return scrollWidth > clientWidth;
    });
    expect(isWider).toBe(false);
  });

  it('asks nobody but its own server', async () => {
    const { url } = await serve({ reader: scriptedReader() });
    const page = await newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    await open(page, url);
    expect(new Set(asked)).toEqual(new Set([url]));
  });

  it('asks again and cancels what it asked before when the filter changes', async () => {
    const aborted: string[] = [];
    const { url } = await serve({
      reader: scriptedReader({
        funnel: ({ filters }, { signal } = {}) =>
          new Promise((resolve, reject) => {
            if (filters.length > 0)
              resolve({ steps: [{ step: 'home', sessions: 7, shareOfPrevious: 1 }], sessions: 7 });
            signal?.addEventListener('abort', () => {
              aborted.push('funnel');
              reject(new UnavailableError('Cannot go on: found no one waiting'));
            });
          }),
      }),
    });
    const page = await newPage();
    await page.goto(url);
    await page.locator('#sources .value-button').first().click();
    await settled(page);
    expect(await page.locator('#funnel').innerText()).toContain('Of 7 sessions');
    expect(aborted).toEqual(['funnel']);
  });

  it('speaks Russian, in the numbers too', async () => {
    const { url } = await serve({ reader: scriptedReader() });
    const page = await newPage({ locale: 'ru-RU' });
    await open(page, url);
    expect(await page.locator('html').getAttribute('lang')).toBe('ru');
    expect(await page.locator('#funnel h2').innerText()).toBe('Путь к покупке');
    await page.getByRole('radio', { name: 'EN', exact: true }).check();
    expect(await page.locator('#funnel h2').innerText()).toBe('Way to a purchase');
  });
});
