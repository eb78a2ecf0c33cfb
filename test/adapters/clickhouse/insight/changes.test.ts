/** Figures through everything that changes what readers see: a truncation, its restoration, a republished hour, quarantined lines. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createInsightReader } from '../../../../adapters/clickhouse/insight/index.ts';
import { createTruncations } from '../../../../adapters/clickhouse/operations/index.ts';
import type { DashboardReader, PanelQuery } from '../../../../dashboard/reader.ts';
import { TABLE_NAMES } from '../../../../domain/catalogue.ts';
import { addHours } from '../../../../domain/hour.ts';
import { linesOf } from '../../../support/feed-lines.ts';
import { HOUR, SIGNAL } from '../fixture.ts';
import { createInsightFixture, type InsightFixture } from './fixture.ts';

const NEXT = addHours(HOUR, 1);
const QUERY: PanelQuery = { range: { from: HOUR, to: addHours(HOUR, 2) }, filters: [] };

function readerOf({ server }: InsightFixture): DashboardReader {
  return createInsightReader(server, { nowMs: () => Date.UTC(2024, 5, 1) });
}

/** Page views as each panel tells them, each in an answer of its own. */
async function pageViews(reader: DashboardReader): Promise<Record<string, number>> {
  const sum = (numbers: readonly (number | undefined)[]): number => numbers.reduce<number>((a, b) => a + (b ?? 0), 0);
  const [kpis, series, heatmap, source, device, map] = await Promise.all([
    reader.kpis(QUERY, 'views'),
    reader.series(QUERY, 'hour', 'views'),
    reader.heatmap(QUERY),
    reader.breakdown(QUERY, { dimension: 'source', family: 'views', limit: 100 }),
    reader.breakdown(QUERY, { dimension: 'device', family: 'views', limit: 100 }),
    reader.map(QUERY, 100),
  ]);
  return {
    kpis: kpis.current.page_views ?? 0,
    series: sum(series.map(({ values }) => values.page_views)),
    heatmap: sum(heatmap.map(({ values }) => values.page_views)),
    source: sum(source.rows.map(({ values }) => values.page_views)),
    device: sum(device.rows.map(({ values }) => values.page_views)),
    map: sum(map.map((place) => place.pageViews)),
  };
}

/** Every hour's four tables with so many page views. */
async function publish(fixture: InsightFixture, hour: typeof HOUR, rows: number, modifiedMs: number): Promise<void> {
  for (const table of TABLE_NAMES) {
    const object = { key: `${hour}/${table}`, etag: `"${modifiedMs}"`, sizeBytes: 100, modifiedMs };
    await fixture.load(table, hour, linesOf(table, hour, rows), { object });
  }
}

function all(views: number): Record<string, number> {
  return Object.fromEntries(['kpis', 'series', 'heatmap', 'source', 'device', 'map'].map((panel) => [panel, views]));
}

test('the panels follow a truncation, its restoration, a republished hour and quarantined lines', async () => {
  const fixture = await createInsightFixture();
  const reader = readerOf(fixture);
  const truncations = createTruncations(fixture.server);
  await publish(fixture, HOUR, 30, 1_000);
  await publish(fixture, NEXT, 12, 1_000);
  await fixture.build(QUERY.range);
  expect(await pageViews(reader)).toEqual(all(42));

  const truncationId = randomUUID();
  await truncations.truncate({ truncationId, tables: ['browser_events'], from: HOUR, to: NEXT }, SIGNAL);
  expect(await pageViews(reader)).toEqual(all(12));
  const { cells } = await reader.coverage(QUERY.range);
  expect(cells.filter(({ state }) => state === 'cleared')).toHaveLength(1);
  expect((await reader.kpis(QUERY, 'views')).basis).toMatchObject({ hours: 2, hoursBuilt: 1 });
  await truncations.restore(truncationId, SIGNAL);
  expect(await pageViews(reader)).toEqual(all(42));

  // Published again: the former page views stay, whole and marked as stale, until the new ones are built.
  await publish(fixture, HOUR, 50, 2_000);
  expect(await pageViews(reader)).toEqual(all(42));
  expect((await reader.kpis(QUERY, 'views')).basis).toMatchObject({ hoursBuilt: 2, hoursStale: 1 });
  await fixture.build(QUERY.range);
  expect(await pageViews(reader)).toEqual(all(62));
  expect((await reader.kpis(QUERY, 'views')).basis).toMatchObject({ hoursBuilt: 2, hoursStale: 0 });

  await fixture.load('browser_events', NEXT, linesOf('browser_events', NEXT, 9), {
    object: { key: 'k', etag: '"3"', sizeBytes: 100, modifiedMs: 3_000 },
    lines: 12,
    rows: 9,
    quarantined: 3,
  });
  await fixture.build(QUERY.range);
  expect(await pageViews(reader)).toEqual(all(59));
  expect((await reader.kpis(QUERY, 'views')).basis).toMatchObject({ hoursQuarantined: 1 });
  const { lines, proof } = await reader.scorecard(QUERY.range);
  expect(proof[0]).toMatchObject({ table: 'browser_events', objects: 2, lines: 62, rows: 59, quarantined: 3 });
  expect(lines.find(({ id }) => id === 'quarantined_lines')?.evidence).toMatchObject({ part: 3 });
});

test('no panel mixes loads while an hour is published again and again', async () => {
  const fixture = await createInsightFixture();
  const reader = readerOf(fixture);
  // No sum of parts of two versions is a version of its own.
  const versions = [7, 20, 53, 111];
  await publish(fixture, HOUR, 7, 0);
  await fixture.build(QUERY.range);
  let published = false;
  const publishing = (async () => {
    for (const [index, rows] of versions.entries()) {
      await publish(fixture, HOUR, rows, index);
      await fixture.build(QUERY.range);
    }
  })().finally(() => {
    published = true;
  });
  const seen = new Set<number>();
  while (!isTrue(published)) for (const views of Object.values(await pageViews(reader))) seen.add(views);
  await publishing;
  for (const views of seen) expect(versions).toContain(views);
  expect(await pageViews(reader)).toEqual(all(111));
}, 90_000);

/** A call, so that the compiler does not take the flag for a constant. */
function isTrue(flag: boolean): boolean {
  return flag;
}
