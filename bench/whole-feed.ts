/** The whole feed, once: how long, how fast from its first to its last tenth, and what queries through the views cost then. */
import { TABLE_NAMES } from '../domain/catalogue.ts';
import { addHours, parseHour } from '../domain/hour.ts';
import { eventsBuilt, runBackfill } from './harness/backfill.ts';
import type { Bench, BenchContext } from './harness/bench.ts';
import { cpuSeconds, cpuSince, peakResidentBytes } from './harness/cpu.ts';
import { Curve } from './harness/curve.ts';
import { publishFeed } from './harness/feed.ts';
import type { BenchResult, Measure, Target } from './harness/result.ts';
import { onDatabase } from './harness/servers.ts';
import { viewMeasures, viewTargets, timeViews, type ViewTimes } from './harness/views.ts';
import { buildProgram, startWorker } from './harness/worker.ts';

const FROM = parseHour('2024-04-10T23');
const FEED_HOURS = 22_964;
const PREFIX = 'whole/';
const MIB = 2 ** 20;

interface Loaded {
  readonly curve: Curve;
  readonly seconds: number;
  readonly cpuSeconds: Readonly<Record<string, number>>;
  readonly workerPeakBytes: number;
  readonly historyEvents: number;
  /** Lines of the worker's log: attempts that failed, and were made again. */
  readonly warnings: number;
  readonly eventsSeconds: number;
  readonly views: ViewTimes;
}

/** The measurement. */
export const wholeFeed: Bench = {
  name: 'whole-feed',
  summary: 'the whole feed once, with the curve of its speed and queries through the views',
  sizes: {
    usual: { hours: 1_000, lines: 1_000, runs: 1, seed: 1 },
    full: { hours: FEED_HOURS, lines: 1_000, runs: 1, seed: 1 },
  },
  run,
};

async function run(context: BenchContext): Promise<BenchResult> {
  const { servers, sizes, say } = context;
  const { hours, lines, seed } = sizes;
  buildProgram();
  say(`Publishing ${hours} hours`);
  const startedMs = performance.now();
  const packedBytes = await publishFeed(
    servers,
    PREFIX,
    { from: FROM, to: addHours(FROM, hours), seed, linesPerObject: lines },
    say,
  );
  say(`Published ${Math.round(packedBytes / MIB)} MiB in ${seconds(performance.now() - startedMs)} s`);
  const loaded = await load(context);
  return resultOf(context, loaded);
}

async function load({ servers, sizes, profileDir, say }: BenchContext): Promise<Loaded> {
  return onDatabase(servers, 'set up', async (server) => {
    const place = { servers, database: server.database, prefix: PREFIX, feedStart: FROM, profileDir };
    const worker = await startWorker(place);
    const to = addHours(FROM, sizes.hours);
    try {
      const processes = { clickfeed: worker.pid, ...servers.processes };
      const before = cpuSeconds(processes);
      const curve = new Curve(sizes.hours * TABLE_NAMES.length, say);
      const backfill = await runBackfill(servers.client, { from: FROM, to }, (objects) => {
        curve.add(objects);
      });
      curve.add(sizes.hours * TABLE_NAMES.length);
      const used = cpuSince(processes, before);
      const expected = sizes.hours * TABLE_NAMES.length * sizes.lines;
      if (backfill.rows !== expected) throw new Error(`Loaded ${backfill.rows} rows, expected ${expected}`);
      say(`Loaded in ${backfill.seconds.toFixed(1)} s; waiting for page views`);
      const warnings = worker.warnings();
      for (const line of warnings) say(line);
      const workerPeakBytes = peakResidentBytes(worker.pid) ?? Number.NaN;
      const eventsSeconds = await eventsBuilt(servers.client);
      say(`Page views derived in ${eventsSeconds.toFixed(1)} s; timing queries`);
      const views = await timeViews(server, { from: FROM, to });
      const { seconds: loadSeconds, historyEvents } = backfill;
      return {
        curve,
        seconds: loadSeconds,
        cpuSeconds: used,
        workerPeakBytes,
        historyEvents,
        warnings: warnings.length,
        eventsSeconds,
        views,
      };
    } finally {
      await worker.stop();
    }
  });
}

function resultOf({ sizes }: BenchContext, loaded: Loaded): BenchResult {
  const objects = sizes.hours * TABLE_NAMES.length;
  const tenths = loaded.curve.tenths();
  const one = (what: string, unit: string, value: number): Measure => ({ what, unit, values: [value] });
  const measures: Measure[] = [
    one('time', 's', loaded.seconds),
    one('speed', 'objects/s', objects / loaded.seconds),
    ...tenths.map((speed, i) => one(`speed in tenth ${i + 1}`, 'objects/s', speed)),
    ...Object.entries(loaded.cpuSeconds).map(([name, used]) =>
      one(`CPU of ${name}`, 'ms an object', (used * 1000) / objects),
    ),
    one('most memory of the worker', 'MiB', loaded.workerPeakBytes / MIB),
    one('events of the last history', '', loaded.historyEvents),
    one('warnings in the log of the worker', '', loaded.warnings),
    one('page views, derived afterwards', 's', loaded.eventsSeconds),
    ...viewMeasures(loaded.views),
  ];
  return {
    name: wholeFeed.name,
    setting: `${sizes.hours} hours x ${TABLE_NAMES.length} tables x ${sizes.lines} lines, once, seed ${sizes.seed}`,
    measures,
    targets: [...loadTargets(sizes.hours, loaded, tenths), ...viewTargets(loaded.views)],
    notes: [
      'Newest hours first, from the start of the worker: no warm-up, so the first tenth holds the compiling of the worker and of nothing else.',
    ],
  };
}

function loadTargets(
  hours: number,
  { seconds: loadSeconds, workerPeakBytes }: Loaded,
  tenths: readonly number[],
): Target[] {
  const isWhole = hours === FEED_HOURS;
  const what = isWhole ? 'whole feed, 92 million rows' : `whole feed, at the speed of ${hours} hours`;
  const minutes = ((loadSeconds / 60) * FEED_HOURS) / hours;
  const [first = Number.NaN] = tenths;
  const slope = (tenths.at(-1) ?? Number.NaN) / first;
  return [
    {
      what: 'worker memory over many small objects',
      unit: 'MiB',
      floor: 300,
      goal: 200,
      better: 'less',
      values: [workerPeakBytes / MIB],
    },
    { what, unit: 'minutes', floor: 12, goal: 8, better: 'less', values: [minutes] },
    {
      what: 'objects/s in its last tenth against its first',
      unit: 'times',
      floor: 0.9,
      goal: 1,
      better: 'more',
      values: [slope],
    },
  ];
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(0);
}
