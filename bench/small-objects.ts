/**
 * Small objects: a backfill through Temporal with ledger and verification, against the same pipeline without both, against the old
 * way in Python, and against dlt. All load the same objects into the same ClickHouse, in turn, each run into a fresh database.
 */
import { type ClickHouseServer } from '../adapters/clickhouse/index.ts';
import { TABLE_NAMES } from '../domain/catalogue.ts';
import { addHours, parseHour } from '../domain/hour.ts';
import { rawName } from '../adapters/clickhouse/columns.ts';
import { eventsBuilt, runBackfill } from './harness/backfill.ts';
import type { Bench, BenchContext } from './harness/bench.ts';
import { cpuMeasures, cpuSeconds, cpuSince } from './harness/cpu.ts';
import { publishFeed } from './harness/feed.ts';
import { runPeer } from './harness/peer.ts';
import { findPython } from './harness/python.ts';
import type { BenchResult, Measure, Target } from './harness/result.ts';
import { onDatabase } from './harness/servers.ts';
import { ratios } from './harness/statistics.ts';
import { buildProgram, startWorker, type WorkerPlace } from './harness/worker.ts';

const FROM = parseHour('2024-05-01T00');
/** A day that nobody is timed on. */
const WARM_FROM = addHours(FROM, -24);
const PREFIX = 'small/';

/** One run of a contender. */
interface Run {
  readonly seconds: number;
  /** By process: the contender's own, and the servers'. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  /** Further figures, such as the events of a history. */
  readonly more?: Readonly<Record<string, number>>;
}

/** Loads the feed into a database; what it must have stored is checked by the caller. */
interface Contender {
  readonly name: string;
  readonly database: 'set up' | 'empty';
  /** Where its rows of browser_events are. */
  readonly table: string;
  load(place: WorkerPlace, context: BenchContext): Promise<Run>;
}

const OURS = 'clickfeed';
const BARE = 'pipeline';
const OLD = 'old way';
const DLT = 'dlt';

const CONTENDERS: readonly Contender[] = [
  { name: OURS, database: 'set up', table: 'browser_events', load: loadThroughTemporal },
  {
    name: BARE,
    database: 'set up',
    table: rawName('browser_events'),
    load: (place, context) => loadByPeer(place, context, ['--import', 'tsx', 'pipeline.ts'], process.execPath),
  },
  { name: OLD, database: 'empty', table: 'browser_events', load: (...args) => loadByPython(...args, 'old_way.py') },
  {
    name: DLT,
    database: 'empty',
    table: 'feed___browser_events',
    load: (...args) => loadByPython(...args, 'dlt_way.py'),
  },
];

/** The measurement. */
export const smallObjects: Bench = {
  name: 'small-objects',
  summary: 'a backfill against the bare pipeline, the old way in Python, and dlt',
  sizes: {
    usual: { hours: 200, lines: 1_000, runs: 3, seed: 1 },
    full: { hours: 1_000, lines: 1_000, runs: 5, seed: 1 },
  },
  run,
};

async function run(context: BenchContext): Promise<BenchResult> {
  const { servers, sizes, only, say } = context;
  const contenders = CONTENDERS.filter(({ name }) => only.length === 0 || only.includes(name));
  say('Compiling the program');
  buildProgram();
  say(`Publishing ${sizes.hours + 24} hours`);
  const plan = { from: WARM_FROM, to: addHours(FROM, sizes.hours), seed: sizes.seed, linesPerObject: sizes.lines };
  await publishFeed(servers, PREFIX, plan);
  const runs = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= sizes.runs; round += 1) {
    for (const contender of contenders) {
      const one = await onDatabase(servers, contender.database, (server) => runOnce(context, contender, server));
      runs.get(contender.name)?.push(one);
      say(`Run ${round}: ${contender.name} ${one.seconds.toFixed(2)} s, CPU ${cpuText(one.cpuSeconds)}`);
    }
  }
  return resultOf(context, runs);
}

async function runOnce(context: BenchContext, contender: Contender, server: ClickHouseServer): Promise<Run> {
  const { servers, sizes } = context;
  const place = {
    servers,
    database: server.database,
    prefix: PREFIX,
    feedStart: WARM_FROM,
    profileDir: context.profileDir,
  };
  const one = await contender.load(place, context);
  const stored = await server.query<{ rows: string }>({
    sql: `SELECT count() AS rows FROM ${server.name(contender.table)}`,
    doing: 'count what was loaded',
  });
  // Who has warmed up in the same process has a day more.
  const isWarmed = contender.name === OURS || contender.name === BARE;
  const expected = (sizes.hours + (isWarmed ? 24 : 0)) * sizes.lines;
  if (Number(stored[0]?.rows) !== expected) {
    throw new Error(`${contender.name} stored ${stored[0]?.rows} rows of browser_events, expected ${expected}`);
  }
  return one;
}

async function loadThroughTemporal(place: WorkerPlace, { servers, sizes }: BenchContext): Promise<Run> {
  const worker = await startWorker(place);
  const { client } = servers;
  const processes = { [OURS]: worker.pid, ...servers.processes };
  try {
    await runBackfill(client, { from: WARM_FROM, to: FROM });
    await eventsBuilt(client);
    const before = cpuSeconds(processes);
    const { seconds, historyEvents } = await runBackfill(client, { from: FROM, to: addHours(FROM, sizes.hours) });
    const used = cpuSince(processes, before);
    const eventsSeconds = await eventsBuilt(client);
    return { seconds, cpuSeconds: used, more: { 'events of history': historyEvents, 'page views, s': eventsSeconds } };
  } finally {
    await worker.stop();
  }
}

async function loadByPython(place: WorkerPlace, context: BenchContext, script: string): Promise<Run> {
  return loadByPeer(place, context, [script], await findPython(context.say));
}

async function loadByPeer(
  place: WorkerPlace,
  { servers, sizes }: BenchContext,
  args: readonly string[],
  program: string,
): Promise<Run> {
  const before = cpuSeconds(servers.processes);
  const task = { warmFrom: WARM_FROM, from: FROM, to: addHours(FROM, sizes.hours), tables: TABLE_NAMES };
  const said = await runPeer(place, program, args, task);
  if (said.objects !== sizes.hours * TABLE_NAMES.length) {
    throw new Error(`${args.join(' ')} loaded ${said.objects} objects, expected ${sizes.hours * TABLE_NAMES.length}`);
  }
  return { seconds: said.seconds, cpuSeconds: { peer: said.cpuSeconds, ...cpuSince(servers.processes, before) } };
}

function cpuText(used: Readonly<Record<string, number>>): string {
  return Object.entries(used)
    .map(([name, seconds]) => `${name} ${seconds.toFixed(1)} s`)
    .join(', ');
}

function resultOf({ sizes }: BenchContext, runs: ReadonlyMap<string, readonly Run[]>): BenchResult {
  const objects = sizes.hours * TABLE_NAMES.length;
  const secondsOf = (name: string): number[] => (runs.get(name) ?? []).map(({ seconds }) => seconds);
  const measures = [...runs].flatMap(([name, list]) => measuresOf(name, list, objects));
  const targets: Target[] = [
    ratioTarget('small objects, end to end, against the old way', 4, 6, secondsOf(OLD)),
    ratioTarget('small objects, end to end, against dlt', 9, 12, secondsOf(DLT)),
    ratioTarget('small objects against the pipeline without Temporal and ledger', 0.85, 0.95, secondsOf(BARE)),
  ].filter(({ values }) => values.length > 0);
  return {
    name: smallObjects.name,
    setting: `${sizes.hours} hours x ${TABLE_NAMES.length} tables x ${sizes.lines} lines, ${sizes.runs} runs in turn, seed ${sizes.seed}`,
    measures,
    targets,
    notes: [
      'The pipeline lists, reads, unpacks, checks and inserts as a worker does; it reads no ledger, counts nothing back and commits nothing.',
      'The clock of each contender starts when its process is up; clickfeed and the pipeline have loaded a day before.',
      'CPU of the servers covers, for the peers, their start and warm-up as well.',
    ],
  };

  function ratioTarget(what: string, floor: number, goal: number, peer: readonly number[]): Target {
    const ours = secondsOf(OURS);
    const values = peer.length === ours.length ? ratios(peer, ours) : [];
    return { what, unit: 'times', floor, goal, better: 'more', values };
  }
}

function measuresOf(name: string, runs: readonly Run[], objects: number): Measure[] {
  const speed = { what: name, unit: 'objects/s', values: runs.map(({ seconds }) => objects / seconds) };
  const cpu = cpuMeasures(name, runs, { unit: 'an object', units: objects });
  const more = Object.keys(runs[0]?.more ?? {}).map((what) => ({
    what: `${name}: ${what}`,
    unit: '',
    values: runs.map((one) => one.more?.[what] ?? 0),
  }));
  return [speed, ...cpu, ...more];
}
