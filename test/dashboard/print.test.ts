/** The pages on paper. The scorecard's own is in scorecard.test.ts. */
import { describe, expect, it } from 'vitest';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { hoursOf, parseHour } from '../../domain/hour.ts';
import { eventually } from '../support/eventually.ts';
import { open, useBrowser } from './support/browser.ts';
import { serve } from './support/dashboard.ts';
import { scriptedReader } from './support/scripted-reader.ts';

/** An A4 sheet less its margins, in pixels of CSS. */
const PAPER = { width: Math.floor(((210 - 2 * 9) / 25.4) * 96), height: 1000 };

interface Styles {
  getComputedStyle(element: unknown): { readonly breakInside: string };
}

function pagesOf(pdf: Buffer): number | undefined {
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length;
}

describe('the page', () => {
  const newPage = useBrowser();

  it('prints with its range and filters, in light colours, no panel on two pages', async () => {
    const { url } = await serve({ reader: scriptedReader() });
    const page = await newPage({ colorScheme: 'dark' });
    await open(page, `${url}/?range=all&f=source:google&f=device:Mobile`);
    const head = page.locator('.print-head');
    expect(await head.isVisible()).toBe(false);
    await page.emulateMedia({ media: 'print' });
    expect(await head.innerText()).toBe(
      'clickfeed · Overview 1 May 2024, 00:00 to 2 May 2024, 00:00 UTC · Filters: Source: google; Device: Mobile',
    );
    const theme = page.locator('html');
    expect(await theme.getAttribute('data-theme')).toBe('light');
    const breaks = await page
      .locator('main .panel, main .kpis')
      .evaluateAll((panels) =>
        panels.map((panel) => (globalThis as unknown as Styles).getComputedStyle(panel).breakInside),
      );
    expect(new Set(breaks)).toEqual(new Set(['avoid']));
    for (const shown of ['.panel-controls', '.basis .button', '.toolbar', '.top']) {
      expect([shown, await page.locator(shown).first().isVisible()]).toEqual([shown, false]);
    }
    expect(pagesOf(await page.pdf({ preferCSSPageSize: true }))).toBeLessThanOrEqual(2);
    await page.emulateMedia({ media: 'screen' });
    await eventually(async () => (await theme.getAttribute('data-theme')) === 'dark');
  });

  it('prints the coverage of two years and a month hour by hour on one sheet', async () => {
    const [from, to] = [parseHour('2022-05-01T00'), parseHour('2024-05-31T23')];
    const days = [...hoursOf({ from, to })].filter((hour) => hour.endsWith('T00')).map((hour) => hour.slice(0, 10));
    const { url } = await serve({
      reader: scriptedReader({
        extent: () => Promise.resolve({ firstHour: from, lastHour: to, lastCompleteHour: to }),
        coverageDays: () => Promise.resolve(days.map((day) => ({ day, states: { loaded: 96 }, quarantined: 0 }))),
        coverage: (range) => {
          const cell = { state: 'loaded' as const, rows: 10, quarantined: 0 };
          const hours = [...hoursOf(range)];
          return Promise.resolve({
            cells: hours.flatMap((hour) => TABLE_NAMES.map((table) => ({ ...cell, table, hour }))),
          });
        },
      }),
    });
    const page = await newPage({ viewport: PAPER, locale: 'ru-RU' });
    await open(page, `${url}/coverage`);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.print-head').innerText()).toBe(
      'clickfeed · Покрытие 1 мая 2022, 00:00 – 1 июн. 2024, 00:00 UTC',
    );
    expect(await page.locator('.hour').count()).toBe(31 * 24);
    const last = await page.locator(`[data-hour="${to}"]`).boundingBox();
    expect(last!.width).toBeGreaterThan(16);
    expect(last!.x + last!.width).toBeLessThanOrEqual(PAPER.width);
    expect(pagesOf(await page.pdf({ preferCSSPageSize: true }))).toBe(1);
  });
});
