/** What queries cost through a view, against the raw table beneath it. */
import type { ClickHouseServer } from '../../adapters/clickhouse/index.ts';
import { rawName } from '../../adapters/clickhouse/columns.ts';
import { addHours, hourStartMs, type HourRange } from '../../domain/hour.ts';
import { merged } from './merged.ts';
import type { Measure, Target } from './result.ts';

const TABLE = 'browser_events';
const ROUNDS = 9;
const RANGES = ['full scan', 'one day', 'one hour'] as const;

/** Milliseconds of each round, by range. */
export type ViewTimes = Readonly<
  Record<(typeof RANGES)[number], { readonly raw: readonly number[]; readonly view: readonly number[] }>
>;

/** Times three aggregates through the view and over raw, in turn, once ClickHouse merges no more. @param loaded hours that have rows */
export async function timeViews(server: ClickHouseServer, loaded: HourRange): Promise<ViewTimes> {
  await merged(server);
  const middle = addHours(loaded.from, Math.floor((hourStartMs(loaded.to) - hourStartMs(loaded.from)) / 7_200_000));
  return {
    'full scan': await timeBoth(server, ''),
    'one day': await timeBoth(server, hoursFrom(middle, 24)),
    'one hour': await timeBoth(server, hoursFrom(middle, 1)),
  };
}

function hoursFrom(hour: HourRange['from'], count: number): string {
  const seconds = hourStartMs(hour) / 1000;
  return `WHERE _hour >= toDateTime(${seconds}, 'UTC') AND _hour < toDateTime(${seconds + count * 3600}, 'UTC')`;
}

async function timeBoth(server: ClickHouseServer, where: string): Promise<{ raw: number[]; view: number[] }> {
  const times = { raw: [] as number[], view: [] as number[] };
  // The first round warms caches and is left out.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const raw = await timeOne(server, rawName(TABLE), where);
    const view = await timeOne(server, TABLE, where);
    // Raw may hold the rows of an attempt that failed, until a sweep takes them.
    if (raw.rows < view.rows || raw.rest !== view.rest) {
      throw new Error(`The view says ${view.rows} rows, ${view.rest}, raw says ${raw.rows}, ${raw.rest}`);
    }
    if (round === 0) continue;
    times.raw.push(raw.ms);
    times.view.push(view.ms);
  }
  return times;
}

async function timeOne(
  server: ClickHouseServer,
  table: string,
  where: string,
): Promise<{ ms: number; rows: number; rest: string }> {
  const startedMs = performance.now();
  const [answer] = await server.query<{ rows: string; browsers: string; last: string }>({
    sql: `SELECT count() AS rows, uniq(browser_name) AS browsers, max(event_timestamp) AS last FROM ${server.name(table)} ${where}`,
    doing: `time a query of ${table}`,
  });
  const ms = performance.now() - startedMs;
  return { ms, rows: Number(answer?.rows), rest: `${answer?.browsers} browsers up to ${answer?.last}` };
}

/** Milliseconds through the view and over raw. */
export function viewMeasures(times: ViewTimes): Measure[] {
  return RANGES.flatMap((range) => [
    { what: `${range} over raw`, unit: 'ms', values: times[range].raw },
    { what: `${range} through the view`, unit: 'ms', values: times[range].view },
  ]);
}

/** How much dearer the view is. */
export function viewTargets(times: ViewTimes): Target[] {
  const { raw, view } = times['full scan'];
  const more = (range: 'one day' | 'one hour'): Target => ({
    what: `${range} through a view, beyond raw`,
    unit: 'ms',
    floor: 60,
    goal: 20,
    better: 'less',
    values: times[range].view.map((ms, i) => ms - (times[range].raw[i] ?? Number.NaN)),
  });
  const scan = view.map((ms, i) => ms / (raw[i] ?? Number.NaN));
  return [
    {
      what: 'full scan through a view against raw',
      unit: 'times',
      floor: 1.4,
      goal: 1.15,
      better: 'less',
      values: scan,
    },
    more('one day'),
    more('one hour'),
  ];
}
