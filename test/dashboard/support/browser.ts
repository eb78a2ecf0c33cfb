/** Debian's chromium, driven as a reader uses it. */
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { cleanUpLater } from '../../support/cleanup.ts';
import { eventually } from '../../support/eventually.ts';

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page that is watched: what it logs as an error, and what it asks of others. */
export interface WatchedPage extends Page {
  /** Errors of scripts, of the console and of the content security policy. */
  readonly troubles: readonly string[];
}

/** One browser for the tests of a file. */
export function useBrowser(): (options?: BrowserContextOptions) => Promise<WatchedPage> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterAll(() => browser.close());
  return async (options = {}) => {
    const context = await browser.newContext({
      locale: 'en-GB',
      reducedMotion: 'reduce',
      viewport: { width: 1400, height: 900 },
      ...options,
    });
    cleanUpLater(() => context.close());
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') troubles.push(message.text());
    });
    return Object.assign(page, { troubles });
  };
}

/** Opens an address and waits until every panel has its answer. */
export async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await settled(page);
}

/** Waits until no panel waits any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h2').first().waitFor();
  const waiting = page.locator('main [aria-busy=true], main .skeleton');
  await eventually(async () => (await waiting.count()) === 0);
}

/** The texts of a table's body, row by row. */
export function tableOf(page: Page, selector: string): Promise<string[][]> {
  return page
    .locator(`${selector} tbody tr`)
    .evaluateAll((rows) =>
      rows.map((row) =>
        [...(row as unknown as { cells: Iterable<{ innerText: string }> }).cells].map((cell) => cell.innerText.trim()),
      ),
    );
}

/** What browsers call good is 0.1; ours comes from text that changes its width by a letter. */
export const SHIFT_MOST = 0.02;

/** Adds up how far things jump in a page that is opened next: the sum of its layout shifts. */
export async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(`new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) window.shifted = (window.shifted ?? 0) + value;
  }).observe({ type: 'layout-shift', buffered: true })`);
  return async () => Number(await page.evaluate('window.shifted ?? 0'));
}
