/** How long the page takes in Debian's chromium, from its address to the last panel. */
import { chromium } from 'playwright-core';
import { buildPage } from '../../dashboard/build-page.ts';
import type { DashboardReader } from '../../dashboard/reader.ts';
import { startDashboard } from '../../dashboard/server.ts';

/** The browser; where there is none the page is not timed. */
export const CHROMIUM_PATH = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

const PATHS = ['/', '/?f=source:google', '/coverage'];

/** Times the page's views in a browser that knows the scripts; milliseconds. */
export async function timePage(reader: DashboardReader, runs: number): Promise<Map<string, number[]>> {
  const dashboard = await startDashboard({ reader, page: await buildPage(), version: 'bench', port: 0, now: Date.now });
  const browser = await chromium.launch({
    executablePath: CHROMIUM_PATH,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const times = new Map<string, number[]>();
    for (const path of PATHS) {
      const taken: number[] = [];
      for (let run = 0; run <= runs; run += 1) {
        await page.goto('about:blank');
        const startMs = performance.now();
        await page.goto(dashboard.url + path);
        await page.locator('main h2').first().waitFor();
        // Not waitForFunction(): the page's policy allows no text to be run.
        await page
          .locator('main [aria-busy=true], main .skeleton')
          .first()
          .waitFor({ state: 'detached', timeout: 120_000 });
        if (run > 0) taken.push(performance.now() - startMs);
      }
      times.set(path, taken);
    }
    return times;
  } finally {
    await browser.close();
    await dashboard.close();
  }
}
