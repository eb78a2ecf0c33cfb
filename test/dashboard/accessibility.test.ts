/** The page for everyone: what axe-core finds in it, and the way through it by keyboard. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, inject, it } from 'vitest';
import { createInsightReader } from '../../adapters/clickhouse/insight/index.ts';
import { createQuarantineReader } from '../../adapters/clickhouse/insight/quarantine.ts';
import { Formats } from '../../dashboard/page/format.ts';
import type { DashboardReader, HourDetails } from '../../dashboard/reader.ts';
import { AccessError, UnavailableError } from '../../domain/errors.ts';
import { parseHour } from '../../domain/hour.ts';
import { createInsightFixture } from '../adapters/clickhouse/insight/fixture.ts';
import { generateViews, linesOfHour } from '../adapters/clickhouse/insight/model.ts';
import { open, settled, useBrowser, type WatchedPage } from './support/browser.ts';
import { serve } from './support/dashboard.ts';
import { scriptedReader } from './support/scripted-reader.ts';

const HOUR = parseHour('2024-05-01T00');
const NOW = { nowMs: () => Date.UTC(2024, 4, 10) };
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe-core finds. It runs beside the page, which forbids foreign scripts. */
async function violations(page: WatchedPage): Promise<string[]> {
  const found = await page.evaluate(`(async () => {
    ${AXE};
    return (await axe.run(document, { resultTypes: ['violations'] })).violations;
  })()`);
  return (found as Violation[]).flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

/** An hour with all that can be amiss. */
const FLAWED: HourDetails = {
  hour: HOUR,
  cells: [
    { table: 'browser_events', hour: HOUR, state: 'loaded', rows: 9, quarantined: 1 },
    { table: 'device_events', hour: HOUR, state: 'rejected', rows: 0, quarantined: 0 },
    { table: 'geo_events', hour: HOUR, state: 'absent', rows: 0, quarantined: 0 },
  ],
  receipts: [],
  rejections: [{ table: 'device_events', key: 'feed/device', reason: 'not-an-archive', atMs: Date.UTC(2024, 4, 1, 2) }],
  events: { state: 'stale', rows: 9 },
};

describe('the page', () => {
  const newPage = useBrowser();

  it.each([
    ['light', { width: 1400, height: 900 }],
    ['dark', { width: 390, height: 800 }],
  ] as const)(
    'is accessible by axe-core: %s',
    async (colorScheme, viewport) => {
      const fixture = await createInsightFixture();
      const lines = linesOfHour(generateViews(HOUR, 1, 20, 5), HOUR);
      await fixture.loadHour(HOUR, lines);
      const { url } = await serve({
        reader: createInsightReader(fixture.server, NOW),
        quarantine: createQuarantineReader({ url: inject('stack').clickhouse.url, database: fixture.database.name }),
      });
      for (const path of [
        '/',
        '/?f=source:google',
        '/coverage',
        `/coverage?hour=${HOUR}`,
        '/scorecard',
        '/definitions',
      ]) {
        const page = await newPage({ colorScheme, viewport });
        await open(page, url + path);
        expect([path, await violations(page)]).toEqual([path, []]);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
        expect([path, overflow]).toEqual([path, 0]);
      }
    },
    120_000,
  );

  it('is used by keyboard: skip link, filters, the coverage by arrow keys', async () => {
    const fixture = await createInsightFixture();
    await fixture.loadHour(HOUR, linesOfHour(generateViews(HOUR, 1, 20, 5), HOUR));
    const { url } = await serve({
      reader: createInsightReader(fixture.server, { nowMs: () => Date.UTC(2024, 4, 1, 3) }),
    });
    const page = await newPage();
    await open(page, url);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the figures');
    await page.locator('#sources .value-button').first().focus();
    await page.keyboard.press('Enter');
    await settled(page);
    expect(await page.locator('.chip').count()).toBe(1);
    await page.locator('.chip').focus();
    await page.keyboard.press('Enter');
    await page.locator('.chip').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.id')).toBe('main');

    await open(page, `${url}/coverage?month=2024-05`);
    await page.locator(`[data-hour="${HOUR}"]`).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate('document.activeElement.dataset.hour')).toBe('2024-05-01T01');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await page.locator('dialog .receipt').first().waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.dataset.hour')).toBe(HOUR);
  }, 120_000);

  it.each(['light', 'dark'] as const)('is accessible by axe-core in what opens over it: %s', async (colorScheme) => {
    const { url } = await serve({
      reader: scriptedReader({ hour: () => Promise.resolve(FLAWED) }),
      quarantine: { lines: () => Promise.reject(new AccessError('Cannot read quarantined lines: found no right to')) },
    });
    const page = await newPage({ colorScheme });
    await open(page, `${url}/?f=source:google`);
    for (const panel of ['series', 'heatmap']) {
      await page.locator(`#${panel}`).getByRole('button', { name: 'Show as table' }).click();
    }
    await page.locator('#funnel').getByRole('button', { name: 'Definition: Way to a purchase' }).click();
    await page.locator('#funnel .popover summary').first().click();
    expect(await violations(page)).toEqual([]);

    await open(page, `${url}/coverage?hour=${HOUR}`);
    const dialog = page.getByRole('dialog');
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('textbox', { name: 'Operator' }).fill('someone');
    await dialog.getByRole('button', { name: 'Show the lines' }).click();
    await dialog.getByRole('alert').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'is accessible by axe-core when there are no figures: %s',
    async (colorScheme) => {
      const failing = (): Promise<never> => Promise.reject(new UnavailableError('Cannot answer: found no server'));
      const { lastCompleteHour } = await scriptedReader().extent();
      const readers: Partial<DashboardReader>[] = [
        { extent: failing },
        { extent: () => Promise.resolve({ lastCompleteHour }) },
        { kpis: failing, funnel: failing, products: () => Promise.resolve({ rows: [], purchases: undefined }) },
      ];
      for (const over of readers) {
        const { url } = await serve({ reader: scriptedReader(over) });
        const page = await newPage({ colorScheme });
        await page.goto(url);
        await page.locator('main h2, main [role=alert]').first().waitFor();
        expect(await violations(page)).toEqual([]);
      }
    },
  );

  it('gives every control a name of its own kind, and shows days in the language of the page', async () => {
    const { url } = await serve({ reader: scriptedReader() });
    const page = await newPage({ locale: 'ru-RU' });
    await open(page, url);
    for (const name of ['Источники: скачать CSV', 'Главные показатели: скачать CSV']) {
      expect([name, await page.getByRole('link', { name, exact: true }).count()]).toEqual([name, 1]);
    }
    expect(await page.getByRole('button', { name: 'Просмотры: 10', exact: true }).count()).toBe(1);
    const day = page.locator('.day').first();
    expect((await day.locator('.day-words').innerText()).trim()).toBe(new Formats('ru').day(HOUR));
    await page.getByLabel('Первый день').focus();
    expect(await day.locator('.day-words').isVisible()).toBe(false);
  });
});
