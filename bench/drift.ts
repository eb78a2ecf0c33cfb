/** A feed with one undeclared field on every line, against the same feed without it: both by a backfill, in turn. */
import { TABLE_NAMES } from '../domain/catalogue.ts';
import { addHours, parseHour } from '../domain/hour.ts';
import { eventsBuilt, runBackfill } from './harness/backfill.ts';
import type { Bench, BenchContext } from './harness/bench.ts';
import { cpuMeasures, cpuSeconds, cpuSince } from './harness/cpu.ts';
import { publishFeed } from './harness/feed.ts';
import type { BenchResult, Measure } from './harness/result.ts';
import { onDatabase } from './harness/servers.ts';
import { ratios } from './harness/statistics.ts';
import { buildProgram, startWorker } from './harness/worker.ts';

const FROM = parseHour('2024-05-01T00');
/** A day that is not timed. */
const WARM_FROM = addHours(FROM, -24);
const FEEDS = [
  { name: 'clean', prefix: 'clean/', moreFields: '' },
  { name: 'undeclared field', prefix: 'drift/', moreFields: ', "experiment": "b"' },
] as const;

type Feed = (typeof FEEDS)[number];

interface Run {
  readonly seconds: number;
  readonly cpuSeconds: Readonly<Record<string, number>>;
}

/** The measurement. */
export const drift: Bench = {
  name: 'drift',
  summary: 'a feed with an undeclared field on every line against a clean one',
  sizes: {
    usual: { hours: 96, lines: 1_000, runs: 3, seed: 1 },
    full: { hours: 500, lines: 1_000, runs: 5, seed: 1 },
  },
  run,
};

async function run(context: BenchContext): Promise<BenchResult> {
  const { servers, sizes, say } = context;
  const { hours, lines, runs, seed } = sizes;
  buildProgram();
  for (const { prefix, moreFields } of FEEDS) {
    say(`Publishing ${hours + 24} hours under ${prefix}`);
    const plan = { from: WARM_FROM, to: addHours(FROM, hours), seed, linesPerObject: lines, moreFields };
    await publishFeed(servers, prefix, plan, say);
  }
  const done = new Map<string, Run[]>(FEEDS.map(({ name }) => [name, []]));
  for (let round = 1; round <= runs; round += 1) {
    for (const feed of FEEDS) {
      const one = await load(context, feed);
      done.get(feed.name)?.push(one);
      say(`Run ${round}: ${feed.name} ${one.seconds.toFixed(2)} s`);
    }
  }
  return resultOf(context, done);
}

async function load({ servers, sizes, profileDir }: BenchContext, { name, prefix }: Feed): Promise<Run> {
  return onDatabase(servers, 'set up', async (server) => {
    const worker = await startWorker({ servers, database: server.database, prefix, feedStart: WARM_FROM, profileDir });
    try {
      await runBackfill(servers.client, { from: WARM_FROM, to: FROM });
      await eventsBuilt(servers.client);
      const processes = { clickfeed: worker.pid, ...servers.processes };
      const before = cpuSeconds(processes);
      const { seconds } = await runBackfill(servers.client, { from: FROM, to: addHours(FROM, sizes.hours) });
      const used = cpuSince(processes, before);
      const [stored] = await server.query<{ drifting: string }>({
        sql: `SELECT countIf(_extra = '{"experiment":"b"}') AS drifting FROM ${server.name('browser_events_raw')}`,
        doing: 'count the undeclared fields',
      });
      const expected = name === 'clean' ? 0 : (sizes.hours + 24) * sizes.lines;
      if (Number(stored?.drifting) !== expected) {
        throw new Error(`Found ${stored?.drifting} undeclared fields stored, expected ${expected}`);
      }
      await eventsBuilt(servers.client);
      return { seconds, cpuSeconds: used };
    } finally {
      await worker.stop();
    }
  });
}

function resultOf({ sizes }: BenchContext, done: ReadonlyMap<string, readonly Run[]>): BenchResult {
  const objects = sizes.hours * TABLE_NAMES.length;
  const secondsOf = ({ name }: Feed): number[] => (done.get(name) ?? []).map(({ seconds }) => seconds);
  const measures = FEEDS.flatMap((feed): Measure[] => {
    const runs = done.get(feed.name) ?? [];
    const speed = { what: feed.name, unit: 'objects/s', values: secondsOf(feed).map((seconds) => objects / seconds) };
    const cpu = cpuMeasures(feed.name, runs, { unit: 'an object', units: objects }, ['clickfeed', 'ClickHouse']);
    return [speed, ...cpu];
  });
  const [clean, drifting] = FEEDS;
  return {
    name: drift.name,
    setting: `${sizes.hours} hours x ${TABLE_NAMES.length} tables x ${sizes.lines} lines, ${sizes.runs} runs in turn, seed ${sizes.seed}`,
    measures,
    targets: [
      {
        what: 'a feed with one unknown field on every line against a clean one',
        unit: 'times',
        floor: 0.5,
        goal: 0.8,
        better: 'more',
        values: ratios(secondsOf(clean), secondsOf(drifting)),
      },
    ],
    notes: ['The field is stored in `_extra` and counted in the receipt; the bench looks that every line has it.'],
  };
}
