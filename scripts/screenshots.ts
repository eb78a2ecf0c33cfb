/**
 * Takes the pictures of docs/screenshots from a running dashboard, in Debian's chromium:
 *
 *     npm start                                  # in another terminal
 *     npx tsx scripts/screenshots.ts http://127.0.0.1:8090
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';

const [url = 'http://127.0.0.1:8090'] = process.argv.slice(2);
const FOLDER = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
const WIDE = { width: 1400, height: 900 };
const NARROW = { width: 400, height: 860 };
const WAITING = 'main [aria-busy=true], main .skeleton';

const SHOTS = [
  { name: 'overview', path: '/?range=7d', viewport: WIDE, colorScheme: 'light', whole: true },
  { name: 'overview-dark', path: '/?range=7d&metric=conversion&f=device:Mobile', viewport: WIDE, colorScheme: 'dark' },
  { name: 'overview-narrow', path: '/?range=7d&lang=ru', viewport: NARROW, colorScheme: 'light' },
  { name: 'coverage', path: '/coverage', viewport: WIDE, colorScheme: 'light' },
  { name: 'scorecard', path: '/scorecard?range=all', viewport: WIDE, colorScheme: 'light', whole: true },
] as const;

async function settle(page: Page): Promise<void> {
  await page.locator('main h2').first().waitFor();
  while ((await page.locator(WAITING).count()) > 0) await page.waitForTimeout(100);
  await page.waitForTimeout(600); // fonts and canvases
}

mkdirSync(FOLDER, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
for (const { name, path, viewport, colorScheme, ...rest } of SHOTS) {
  const page = await browser.newPage({ viewport, colorScheme, locale: 'en-GB', reducedMotion: 'reduce' });
  await page.goto(url + path);
  await settle(page);
  await page.screenshot({ path: `${FOLDER}${name}.png`, fullPage: 'whole' in rest });
  await page.close();
}
await browser.close();
