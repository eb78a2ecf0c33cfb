/**
 * Takes the pictures of docs/operations.md from Temporal's Web UI, in Debian's chromium. It clears a day of the demo feed and loads it again:
 *
 *     npm start                                           # in another terminal
 *     npx tsx scripts/screenshots-web-ui.ts http://127.0.0.1:8233
 */
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { addHours, lastCompleteHour } from '../domain/hour.ts';
import { HOURLY_SCHEDULE_ID } from '../domain/service.ts';
import { WebUi } from '../test/support/web-ui.ts';

const [url = 'http://127.0.0.1:8233'] = process.argv.slice(2);
const FOLDER = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
const WIDE = { width: 1400, height: 900 };

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
const page = await browser.newPage({ viewport: WIDE, colorScheme: 'light', locale: 'en-GB', timezoneId: 'UTC' });
const webUi = new WebUi(page, url, 'default');
const shoot = (name: string): Promise<Buffer> => page.screenshot({ path: `${FOLDER}web-ui-${name}.png` });

const to = addHours(lastCompleteHour(Date.now()), -1);
const day = { from: addHours(to, -24), to };
const id = new Date().toISOString().slice(0, 16);

const truncate = { workflow: 'truncateTables', workflowId: `truncate/${id}`, input: JSON.stringify(day) };
await webUi.fillStartForm(truncate);
await shoot('start');
await webUi.start(truncate);
await webUi.waitForStatus('Completed');
await webUi.waitForDetails('Hid');

await webUi.start({ workflow: 'backfill', workflowId: `backfill/${id}` });
await webUi.waitForStatus('Completed');
await webUi.openRun(`backfill/${id}`, 'user-metadata');
await webUi.waitForDetails('(100 %)');
await shoot('details');

await webUi.start({ workflow: 'backfill', workflowId: `backfill/wrong-${id}`, input: '{"form": "2024-05-01T00"}' });
await webUi.waitForStatus('Failed');
await webUi.result().filter({ hasText: 'Cannot start backfill' }).waitFor();
await shoot('failed');

await webUi.openSchedule(HOURLY_SCHEDULE_ID);
await webUi.openScheduleAction('Backfill');
// Unfilled: typing a date opens a calendar over the fields.
await page.getByTestId('backfill-end-second').waitFor();
await shoot('schedule-backfill');
await browser.close();
