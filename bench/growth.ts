/**
 * What an object costs when much is loaded already: some hours are loaded by a worker, then copied within ClickHouse into earlier
 * hours, rows and receipts, those of page views among them, until there are as many as wanted; then further hours are loaded, by one
 * worker and by two.
 */
import { LEDGER_COLUMN_NAMES } from '../adapters/clickhouse/ledger-rows.ts';
import { rawColumns, rawName } from '../adapters/clickhouse/columns.ts';
import type { ClickHouseServer } from '../adapters/clickhouse/index.ts';
import { VIEWED_TABLES } from '../adapters/clickhouse/insight/tables.ts';
import { CATALOGUE, TABLE_NAMES } from '../domain/catalogue.ts';
import { addHours, parseHour, type HourRange } from '../domain/hour.ts';
import { LOAD_ID_CLOCK_SHIFT } from '../domain/load-id.ts';
import { eventsBuilt, runBackfill } from './harness/backfill.ts';
import type { Bench, BenchContext } from './harness/bench.ts';
import { cpuSeconds, cpuSince } from './harness/cpu.ts';
import { publishFeed } from './harness/feed.ts';
import { merged } from './harness/merged.ts';
import type { BenchResult, Measure } from './harness/result.ts';
import { onDatabase } from './harness/servers.ts';
import { timeViews, viewMeasures, viewTargets, type ViewTimes } from './harness/views.ts';
import { buildProgram, startWorker, type BenchWorker, type WorkerPlace } from './harness/worker.ts';

/** The newest hours are measured, those before them copied. */
const END = parseHour('2026-11-01T00');
const PREFIX = 'growth/';
/** Loaded by a worker and then copied. */
const SAMPLE_HOURS = 24;
/** Loaded at each size, by one worker and by two. */
const MEASURED_HOURS = 240;
/** Of the hours wanted in the end. */
const SHARES = [0.025, 0.25, 1] as const;

interface Point {
  readonly what: string;
  readonly objectsPerSecond: number;
  readonly cpuMs: number;
}

/** The measurement. */
export const growth: Bench = {
  name: 'growth',
  summary: 'cost of an object at more and more hours loaded, one worker against two, views against raw',
  sizes: {
    usual: { hours: 4_000, lines: 1_000, runs: 1, seed: 1 },
    full: { hours: 20_000, lines: 1_000, runs: 1, seed: 1 },
  },
  run,
};

async function run(context: BenchContext): Promise<BenchResult> {
  const { servers, sizes, say } = context;
  buildProgram();
  const ranges = measuredRanges();
  const [oldest] = ranges;
  const sample = { from: addHours(oldest?.from ?? END, -SAMPLE_HOURS), to: oldest?.from ?? END };
  say('Publishing the feed');
  await publishFeed(servers, PREFIX, { from: sample.from, to: END, seed: sizes.seed, linesPerObject: sizes.lines });
  return onDatabase(servers, 'set up', async (server) => {
    const feedStart = addHours(sample.from, -sizes.hours);
    const place: WorkerPlace = { servers, database: server.database, prefix: PREFIX, feedStart };
    const points: Point[] = [];
    const workers = [await startWorker(place)];
    try {
      await runBackfill(servers.client, sample);
      await eventsBuilt(servers.client);
      let copied = 0;
      for (const [i, share] of SHARES.entries()) {
        const wanted = Math.floor((sizes.hours * share) / SAMPLE_HOURS);
        await copySample(server, sample, copied, wanted);
        copied = Math.max(copied, wanted);
        const hours = (copied + 1) * SAMPLE_HOURS;
        say(`${hours} hours are loaded`);
        points.push(await measure(context, server, workers, `at ${hours} hours`, ranges[i] ?? sample));
      }
      workers.push(await startWorker(place));
      points.push(await measure(context, server, workers, 'the same with two workers', ranges.at(-1) ?? sample));
      const views = await timeViews(server, { from: feedStart, to: END });
      return resultOf(context, points, views, (copied + 1) * SAMPLE_HOURS);
    } finally {
      for (const worker of workers) await worker.stop();
    }
  });
}

/** One range for each size and one for two workers, the oldest first. */
function measuredRanges(): HourRange[] {
  const count = SHARES.length + 1;
  return Array.from({ length: count }, (_, i) => {
    const from = addHours(END, (i - count) * MEASURED_HOURS);
    return { from, to: addHours(from, MEASURED_HOURS) };
  });
}

async function measure(
  { servers, say }: BenchContext,
  server: ClickHouseServer,
  workers: readonly BenchWorker[],
  what: string,
  range: HourRange,
): Promise<Point> {
  await merged(server);
  const pids = Object.fromEntries(workers.map(({ pid }, i) => [`worker ${i + 1}`, pid]));
  const processes = { ...pids, ...servers.processes };
  const before = cpuSeconds(processes);
  const { seconds } = await runBackfill(servers.client, range);
  const used = Object.values(cpuSince(processes, before)).reduce((sum, one) => sum + one, 0);
  await eventsBuilt(servers.client);
  const objects = MEASURED_HOURS * TABLE_NAMES.length;
  say(`${what}: ${Math.round(objects / seconds)} objects/s`);
  return { what, objectsPerSecond: objects / seconds, cpuMs: (used * 1000) / objects };
}

/** Copies the sample into the hours before it, copy number `begin` + 1 to `end`. */
async function copySample(server: ClickHouseServer, sample: HourRange, begin: number, end: number): Promise<void> {
  if (end <= begin) return;
  const copies = `(SELECT number AS copy FROM numbers(${begin + 1}, ${end - begin})) AS c`;
  // Ids stay apart: a copy's are a multiple of an hour of the clock in their upper bits before those of the sample.
  const shiftedId = (id: string): string =>
    `toUInt64(${id} - bitShiftLeft(toUInt64(copy) * 3600000, ${LOAD_ID_CLOCK_SHIFT}))`;
  const shift: Record<string, string> = {
    ...Object.fromEntries(
      ['_hour', 'hour', 'event_timestamp', 'started_at', 'ended_at'].map((column) => [
        column,
        `${column} - toIntervalHour(copy * ${SAMPLE_HOURS})`,
      ]),
    ),
    _load: shiftedId('_load'),
    load_id: shiftedId('load_id'),
    sources: `arrayMap(source -> if(source = 0, source, ${shiftedId('source')}), sources)`,
  };
  const copy = async (table: string, columns: readonly string[], where: string): Promise<void> => {
    const selected = columns.map((name) => shift[name] ?? name).join(', ');
    await server.command({
      sql: `INSERT INTO ${server.name(table)} (${columns.join(', ')})
        SELECT ${selected} FROM ${server.name(table)} CROSS JOIN ${copies} WHERE ${where}
        SETTINGS max_partitions_per_insert_block = 1000`,
      doing: `copy ${table}`,
      timeoutMs: Infinity,
    });
  };
  const within = (column: string): string =>
    `${column} >= '${sqlTime(sample.from)}' AND ${column} < '${sqlTime(sample.to)}'`;
  for (const name of TABLE_NAMES) {
    const columns = rawColumns(CATALOGUE[name]).map((column) => column.name);
    await copy(rawName(name), columns, within('_hour'));
  }
  for (const { raw, columns } of VIEWED_TABLES) {
    await copy(
      raw,
      columns.map((column) => column.name),
      within('_hour'),
    );
  }
  await copy('loads', [...LEDGER_COLUMN_NAMES, 'sources'], `event = 'committed' AND ${within('hour')}`);
}

function sqlTime(hour: HourRange['from']): string {
  return `${hour.slice(0, 10)} ${hour.slice(11, 13)}:00:00`;
}

function resultOf({ sizes }: BenchContext, points: readonly Point[], views: ViewTimes, hours: number): BenchResult {
  const measures = points.flatMap(({ what, objectsPerSecond, cpuMs }): Measure[] => [
    { what, unit: 'objects/s', values: [objectsPerSecond] },
    { what: `${what}: CPU of all processes`, unit: 'ms an object', values: [cpuMs] },
  ]);
  return {
    name: growth.name,
    setting: `${MEASURED_HOURS} hours x ${TABLE_NAMES.length} tables x ${sizes.lines} lines at each size, seed ${sizes.seed}`,
    measures: [...measures, ...viewMeasures(views)],
    targets: viewTargets(views).map((target) => ({ ...target, what: `${target.what}, ${hours} hours loaded` })),
    notes: ['Hours that are loaded already are copies of loaded ones, made within ClickHouse: rows and receipts.'],
  };
}
