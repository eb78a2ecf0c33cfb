/** Coverage and scorecard over ClickHouse, in a browser. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createInsightReader } from '../../adapters/clickhouse/insight/index.ts';
import { createQuarantineReader } from '../../adapters/clickhouse/insight/quarantine.ts';
import type { DashboardServer } from '../../dashboard/server.ts';
import type { ScorecardExport } from '../../dashboard/wire.ts';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { addHours, parseHour } from '../../domain/hour.ts';
import { SCORECARD_LINES } from '../../domain/metrics/scorecard.ts';
import { CONVERSION_DIMENSIONS } from '../../dashboard/conversions.ts';
import { Formats } from '../../dashboard/page/format.ts';
import type { PanelQuery } from '../../dashboard/reader.ts';
import { createInsightFixture, type InsightFixture } from '../adapters/clickhouse/insight/fixture.ts';
import {
  generateViews,
  linesOfHours,
  sessionMetrics,
  sessionsOf,
  sessionValues,
  type ModelView,
} from '../adapters/clickhouse/insight/model.ts';
import { open, SHIFT_MOST, tableOf, useBrowser, watchShifts } from './support/browser.ts';
import { serve } from './support/dashboard.ts';

const START = parseHour('2024-05-01T00');
const HOURS = 6;
const MISSING = addHours(START, 3);
const PATIENCE_MS = 120_000;
/** A page without its margins. */
const A4 = { width: 726, height: 1055 };

describe('coverage and scorecard', () => {
  const newPage = useBrowser();
  let fixture: InsightFixture;
  let server: DashboardServer;
  let lines = 0;
  let views: ModelView[];

  beforeAll(async () => {
    fixture = await createInsightFixture();
    views = generateViews(START, HOURS, 60, 3).filter(({ hour }) => hour !== MISSING);
    const hours = linesOfHours(views, { from: START, to: addHours(START, HOURS) });
    for (const own of hours.values()) lines += own.browser_events.length;
    await fixture.loadHours(hours);
    const { url } = inject('stack').clickhouse;
    server = await serve({
      reader: createInsightReader(fixture.server, { nowMs: () => Date.UTC(2024, 4, 1, HOURS) }),
      quarantine: createQuarantineReader({ url, database: fixture.database.name }),
      temporalUi: { url: 'http://localhost:8233', namespace: 'default' },
    });
  }, PATIENCE_MS);
  afterAll(async () => {
    await server.close();
    await fixture.database.drop();
  });

  const range = `from=${START}&to=${addHours(START, HOURS)}`;

  it(
    'shows each hour of each table in the words of the coverage, and its receipts',
    async () => {
      const page = await newPage();
      await open(page, `${server.url}/coverage?month=2024-05`);
      const words = (hour: string): Promise<string | null> =>
        page.locator(`[data-hour="${hour}"]`).getAttribute('aria-label');
      expect(await words(MISSING)).toContain('browser_events: not loaded, rows: 0');
      expect(await words(START)).toContain('browser_events: loaded');
      await page.locator(`[data-hour="${START}"]`).click();
      const dialog = page.locator('dialog');
      await dialog.locator('.receipt').first().waitFor();
      expect(await dialog.locator('.receipt').count()).toBe(TABLE_NAMES.length);
      expect(await dialog.innerText()).toContain(`clickfeed load ${START} --mode all`);
      const run = await dialog.getByRole('link', { name: 'Run in Temporal' }).first().getAttribute('href');
      expect(run).toBe('http://localhost:8233/namespaces/default/workflows/hourly-1/run-1/history');
      expect(new URL(page.url()).searchParams.get('hour')).toBe(START);
      expect(page.troubles).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'judges every line with its reason, and exports the same as JSON',
    async () => {
      const page = await newPage();
      const shifted = await watchShifts(page);
      await open(page, `${server.url}/scorecard?${range}`);
      expect(await shifted()).toBeLessThan(SHIFT_MOST);
      const rows = await tableOf(page, '.judged');
      expect(rows.map(([name]) => name?.split('\n')[0])).toEqual(SCORECARD_LINES.map(({ name }) => name.en));
      const [, value, verdict, , reason] = rows[0]!;
      expect([value, verdict]).toEqual(['83.3%', 'bad']);
      expect(reason).toBe('20 of 24 objects loaded, 4 missing.');
      expect(rows.flat().join(' ')).not.toMatch(/undefined|NaN|\{/);

      const saved = await savedScorecard();
      expect(saved.lines.find(({ id }) => id === 'coverage')).toMatchObject({
        value: 20 / 24,
        verdict: 'bad',
        name: { en: 'Coverage', ru: 'Покрытие' },
        unit: 'share',
        expected: { en: 'at least 99.5%; watch from 97%' },
        reason: { en: reason, ru: 'Загружено объектов: 20 из 24, не хватает: 4.' },
      });
      expect(saved.proof.find(({ table }) => table === 'browser_events')).toMatchObject({ objects: 5, lines });
      const proof = await tableOf(page, '.proof');
      expect(proof.find(([table]) => table === 'browser_events')?.[3]).toBe(lines.toLocaleString('en'));
    },
    PATIENCE_MS,
  );

  async function savedScorecard(): Promise<ScorecardExport> {
    return (await (await fetch(`${server.url}/api/scorecard.json?${range}`)).json()) as ScorecardExport;
  }

  it(
    'shows what the visitors look like and which of them buy, on the page and in the file',
    async () => {
      const query: PanelQuery = { range: { from: START, to: addHours(START, HOURS) }, filters: [] };
      const all = sessionsOf(views, query);
      const { visitors } = await savedScorecard();
      expect(visitors.map(({ dimension }) => dimension)).toEqual(CONVERSION_DIMENSIONS);
      for (const { dimension, rows } of visitors) {
        expect([dimension, rows.length > 0]).toEqual([dimension, true]);
        for (const { value, values } of rows) {
          const own = all.filter((session) => sessionValues(views, query, session, dimension).includes(value));
          const { sessions, conversion } = sessionMetrics(own);
          expect([dimension, value, values]).toEqual([
            dimension,
            value,
            expect.objectContaining({ sessions, conversion: expect.closeTo(conversion!, 12) as number }),
          ]);
        }
      }
      const page = await newPage();
      await open(page, `${server.url}/scorecard?${range}`);
      const en = new Formats('en');
      const shown = (await tableOf(page, '.conversions')).map(([, ...figures]) => figures);
      expect(shown).toEqual(
        visitors.flatMap(({ rows }) =>
          rows.map(({ values }) => [en.value(values.sessions, 'count'), en.value(values.conversion, 'share')]),
        ),
      );
    },
    PATIENCE_MS,
  );

  it(
    'prints on one page, with its range and when it was judged, with nothing cut off',
    async () => {
      for (const language of ['en', 'ru']) {
        const page = await newPage({ locale: language });
        await open(page, `${server.url}/scorecard?${range}`);
        await page.setViewportSize(A4);
        await page.emulateMedia({ media: 'print' });
        const wider = await page.locator('.conversions .panel').evaluateAll((panels) => {
          const boxes = panels as unknown as { readonly scrollWidth: number; readonly clientWidth: number }[];
          return boxes.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).length;
        });
        expect([language, wider]).toEqual([language, 0]);
        expect(await page.locator('.scorecard .print-only').first().innerText()).toMatch(
          /judged 1 May 2024, 06:00 UTC|оценено 1 мая 2024, 06:00 UTC/,
        );
        const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
        expect([language, pdf.match(/\/Type\s*\/Page\b/g)?.length]).toEqual([language, 1]);
      }
    },
    PATIENCE_MS,
  );

  it(
    'judges by thresholds of the operator in place of the defaults',
    async () => {
      const lenient = await serve({
        reader: createInsightReader(fixture.server, { nowMs: () => Date.UTC(2024, 4, 1, HOURS) }),
        thresholds: { coverage: { better: 'up', good: 0.8, watch: 0.5 } },
      });
      const page = await newPage();
      await open(page, `${lenient.url}/scorecard?${range}`);
      const [, , verdict, expected] = (await tableOf(page, '.judged'))[0]!;
      expect([verdict, expected]).toEqual(['good', 'at least 80%; watch from 50%']);
    },
    PATIENCE_MS,
  );

  it(
    "shows quarantined lines to an operator's name and password only",
    async () => {
      const secret = '{"user_custom_id":"someone@example.com"';
      const hour = addHours(START, HOURS - 1);
      const [{ load_id: load } = { load_id: '0' }] = await fixture.database.rows<{ load_id: string }>(
        `SELECT load_id FROM current_loads WHERE table_name = 'device_events' AND hour = toDateTime({at:String}, 'UTC')`,
        { at: `${hour.replace('T', ' ')}:00:00` },
      );
      await fixture.database.client.insert({
        table: 'quarantine',
        values: [
          {
            table_name: 'device_events',
            hour: `${hour.replace('T', ' ')}:00:00`,
            load_id: load,
            line_number: 7,
            object_key: 'feed/device',
            object_etag: '"e1"',
            text: secret,
            encoding: 'utf8',
            reason: 'not one JSON object',
          },
        ],
        format: 'JSONEachRow',
      });
      const ask = (user: string, password: string): Promise<Response> =>
        fetch(`${server.url}/api/quarantine`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ hour, user, password }),
        });
      const { user, password } = inject('stack').clickhouse;
      expect(await (await ask(user, password)).json()).toEqual({
        data: [
          { table: 'device_events', hour, key: 'feed/device', line: 7, reason: 'not one JSON object', text: secret },
        ],
      });
      const refused = await ask(user, `${password}x`);
      expect(refused.status).toBe(502);
      expect(await refused.text()).not.toMatch(/someone@example|x"/);
      for (const path of [`hour?hour=${hour}`, `coverage?${range}`]) {
        expect(await (await fetch(`${server.url}/api/${path}`)).text()).not.toContain('someone@');
      }
    },
    PATIENCE_MS,
  );
});
