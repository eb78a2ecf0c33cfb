/** Asks every panel as the page does, and times the answers. */
import { grainsOf } from '../../dashboard/ranges.ts';
import type { BreakdownRequest, DashboardReader, Filter, Grain, PanelQuery } from '../../dashboard/reader.ts';
import type { HourRange } from '../../domain/hour.ts';
import type { DimensionId } from '../../domain/metrics/dimensions.ts';
import { cpuSeconds, totalSince, type Processes } from '../harness/cpu.ts';

/** A panel's question. */
export interface Question {
  readonly name: string;
  readonly ask: (reader: DashboardReader, query: PanelQuery) => Promise<unknown>;
}

function breakdown(dimension: DimensionId, family: BreakdownRequest['family']): Question {
  return {
    name: `breakdown by ${dimension}, ${family}`,
    ask: (reader, query) => reader.breakdown(query, { dimension, family, limit: 8 }),
  };
}

function finest({ range }: PanelQuery): Grain {
  return grainsOf(range)[0] ?? 'month';
}

/** Panels of page views. */
export const VIEW_PANELS: readonly Question[] = [
  { name: 'key figures, views', ask: (reader, query) => reader.kpis(query, 'views') },
  { name: 'time chart by month, views', ask: (reader, query) => reader.series(query, 'month', 'views') },
  // Of hours over 30 days, of days over the whole feed: the page offers no more than 2,000 of them.
  { name: 'time chart, finest, views', ask: (reader, query) => reader.series(query, finest(query), 'views') },
  breakdown('source', 'views'),
  breakdown('page', 'views'),
  breakdown('country', 'views'),
  breakdown('region', 'views'),
  breakdown('device', 'views'),
  breakdown('language', 'views'),
  { name: 'map', ask: (reader, query) => reader.map(query, 500) },
  { name: 'heatmap', ask: (reader, query) => reader.heatmap(query) },
];

/** Panels of sessions. */
export const SESSION_PANELS: readonly Question[] = [
  { name: 'key figures, sessions', ask: (reader, query) => reader.kpis(query, 'sessions') },
  { name: 'time chart by month, sessions', ask: (reader, query) => reader.series(query, 'month', 'sessions') },
  breakdown('source', 'sessions'),
  breakdown('entry_page', 'sessions'),
  { name: 'funnel', ask: (reader, query) => reader.funnel(query) },
  { name: 'products bought', ask: (reader, query) => reader.products(query) },
];

/** Filters of each kind. */
export const FILTERS: readonly Filter[] = [
  { dimension: 'source', value: 'google' },
  { dimension: 'page', value: '/cart' },
  { dimension: 'visitor_kind', value: 'new' },
  { dimension: 'entry_page', value: '/home' },
];

/** What an answer took. */
export interface Taken {
  readonly ms: number;
  /** Of ClickHouse. */
  readonly cpuMs: number;
}

/** Asks once to warm up, then so many times. */
export async function measure(
  ask: () => Promise<unknown>,
  { times, clickhouse }: { readonly times: number; readonly clickhouse: Processes },
): Promise<Taken[]> {
  await ask();
  const taken: Taken[] = [];
  for (let run = 0; run < times; run += 1) {
    const [before, startMs] = [cpuSeconds(clickhouse), performance.now()];
    await ask();
    const ms = performance.now() - startMs;
    taken.push({ ms, cpuMs: totalSince(clickhouse, before) * 1000 });
  }
  return taken;
}

/** The query of a range. */
export function queryOf(range: HourRange, ...filters: readonly Filter[]): PanelQuery {
  return { range, filters };
}
