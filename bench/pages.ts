/** How fast the pages are: every panel through the reader, and the page whole in a browser, over a feed made up in ClickHouse. */
import { existsSync } from 'node:fs';
import type { ClickHouseServer } from '../adapters/clickhouse/index.ts';
import { createInsightReader, createLedgerVersion } from '../adapters/clickhouse/insight/index.ts';
import { createRememberingReader } from '../dashboard/remembering-reader.ts';
import type { DashboardReader, Filter } from '../dashboard/reader.ts';
import { addHours, hourAt, type HourRange } from '../domain/hour.ts';
import type { Bench, BenchContext } from './harness/bench.ts';
import { cpuSeconds, totalSince } from './harness/cpu.ts';
import { merged } from './harness/merged.ts';
import type { BenchResult, Measure, Target } from './harness/result.ts';
import { onDatabase } from './harness/servers.ts';
import { fill, fillDays, fillMonths } from './pages/fill.ts';
import { FILTERS, measure, queryOf, SESSION_PANELS, VIEW_PANELS, type Question } from './pages/measure.ts';
import { CHROMIUM_PATH, timePage } from './pages/whole.ts';

const MONTH_HOURS = 720;
const DAY_MS = 86_400_000;
const REMEMBERED = ', remembered';

/** The measurement. */
export const pages: Bench = {
  name: 'pages',
  summary: 'panels of the dashboard and the page whole',
  sizes: {
    usual: { hours: 720, lines: 1_000, runs: 3, seed: 1 },
    full: { hours: 22_964, lines: 1_000, runs: 3, seed: 1 },
  },
  run: (context) => onDatabase(context.servers, 'set up', (server) => run(context, server)),
};

/** Panels asked without a filter, and with each filter the key figures alone. */
interface Group {
  readonly panels: readonly Question[];
  readonly filter?: Filter;
}

const GROUPS: readonly Group[] = [
  { panels: VIEW_PANELS },
  { panels: SESSION_PANELS },
  ...FILTERS.map((filter) => ({ panels: [VIEW_PANELS[0], SESSION_PANELS[0]].filter(isThere), filter })),
];

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}

async function run(context: BenchContext, server: ClickHouseServer): Promise<BenchResult> {
  const { sizes, servers, say } = context;
  const clickhouse = { ClickHouse: servers.processes['ClickHouse'] ?? 0 };
  // It ends yesterday: the days are all over, and the page opens with the last of them.
  const to = hourAt(Math.floor(Date.now() / DAY_MS) * DAY_MS);
  const whole: HourRange = { from: addHours(to, -sizes.hours), to };
  await fill(server, { ...whole, viewsPerHour: sizes.lines }, say);
  say('sessions of days');
  const before = cpuSeconds(clickhouse);
  await fillDays(server, whole);
  const daysSeconds = totalSince(clickhouse, before);
  say('months by value');
  const beforeMonths = cpuSeconds(clickhouse);
  await fillMonths(server);
  const monthsSeconds = totalSince(clickhouse, beforeMonths);
  await merged(server);
  const reader = createInsightReader(server, { nowMs: Date.now });
  const ranges =
    sizes.hours > MONTH_HOURS
      ? { '30 days': { from: addHours(to, -MONTH_HOURS), to }, 'whole feed': whole }
      : { 'whole feed': whole };
  const measures: Measure[] = [
    { what: 'sessions of days, CPU for an hour of the feed', unit: 'ms', values: [(daysSeconds * 1000) / sizes.hours] },
    {
      what: 'months by value, CPU for an hour of the feed',
      unit: 'ms',
      values: [(monthsSeconds * 1000) / sizes.hours],
    },
  ];
  const slowest = { views: [] as number[], others: [] as number[] };
  for (const [name, range] of Object.entries(ranges)) {
    for (const group of GROUPS) {
      const asked = await askGroup(reader, group, range, { times: sizes.runs, clickhouse });
      measures.push(...asked.map((one) => ({ ...one, what: `${one.what}, ${name}` })));
      const into = group.panels === VIEW_PANELS ? slowest.views : slowest.others;
      into.push(...asked.filter(({ unit }) => unit === 'ms').flatMap(({ values }) => values));
    }
    say(`panels over ${name}`);
  }
  measures.push(...(await pageMeasures(reader, sizes.runs, '')));
  const remembering = createRememberingReader(reader, {
    ledgerVersion: createLedgerVersion(server),
    nowMs: Date.now,
  });
  measures.push(...(await pageMeasures(remembering, sizes.runs, REMEMBERED)));
  return {
    name: pages.name,
    setting: `${sizes.hours} hours with about ${sizes.lines} page views each, ${sizes.runs} runs after one that warms up`,
    measures,
    targets: targetsOf(slowest, measures),
    notes: [
      'The time of a panel is that of the reader, without the browser, and nothing is remembered. Of the last day no month tells yet, as of a day that runs.',
      'The page opens with the last 30 days. It is whole when no panel waits any more. What it opens with is asked beforehand after each change of the feed, so a person meets answers that are remembered.',
    ],
  };
}

async function askGroup(
  reader: DashboardReader,
  { panels, filter }: Group,
  range: HourRange,
  options: Parameters<typeof measure>[1],
): Promise<Measure[]> {
  const query = queryOf(range, ...(filter === undefined ? [] : [filter]));
  const measures: Measure[] = [];
  for (const panel of panels) {
    const taken = await measure(() => panel.ask(reader, query), options);
    const what = filter === undefined ? panel.name : `${panel.name}, ${filter.dimension} = ${filter.value ?? ''}`;
    measures.push({ what, unit: 'ms', values: taken.map(({ ms }) => ms) });
    measures.push({ what, unit: 'ms of CPU', values: taken.map(({ cpuMs }) => cpuMs) });
  }
  return measures;
}

async function pageMeasures(reader: DashboardReader, runs: number, how: string): Promise<Measure[]> {
  if (!existsSync(CHROMIUM_PATH)) return [];
  const times = await timePage(reader, runs);
  return [...times].map(([path, values]) => ({ what: `page ${path}${how}`, unit: 'ms', values }));
}

/** The slowest answer counts. */
function targetsOf(
  slowest: { readonly views: number[]; readonly others: number[] },
  measures: readonly Measure[],
): Target[] {
  const page = measures.find(({ what }) => what === `page /${REMEMBERED}`)?.values ?? [];
  const target = (what: string, goal: number, values: readonly number[]): Target => {
    return { what, unit: 'ms', floor: goal, goal, better: 'less', values };
  };
  return [
    target('slowest panel of page views without a filter', 300, [Math.max(...slowest.views)]),
    target('slowest panel of sessions or with a filter', 3_000, [Math.max(...slowest.others)]),
    ...(page.length === 0 ? [] : [target('overview whole, in a browser', 1_500, page)]),
  ];
}
