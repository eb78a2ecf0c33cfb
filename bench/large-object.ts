/**
 * One large object, from S3 to visible rows: by clickfeed; by curl, the same lines already unzipped into a table with the same columns
 * (no S3, no unzipping, no check: a limit, not a peer); and by ClickHouse's own s3() from the same lines as .gz.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { rawName } from '../adapters/clickhouse/columns.ts';
import type { ClickHouseServer } from '../adapters/clickhouse/index.ts';
import { CATALOGUE } from '../domain/catalogue.ts';
import { objectKey } from '../domain/feed-object.ts';
import { addHours, parseHour } from '../domain/hour.ts';
import { eventsBuilt, runBackfill } from './harness/backfill.ts';
import type { Bench, BenchContext } from './harness/bench.ts';
import { cpuMeasures, cpuSeconds, cpuSince, peakResidentBytes } from './harness/cpu.ts';
import { publishLargeObject, type LargeObject } from './harness/large-object.ts';
import { publishFeed } from './harness/feed.ts';
import type { BenchResult } from './harness/result.ts';
import { onDatabase, type BenchServers } from './harness/servers.ts';
import { ratios } from './harness/statistics.ts';
import { buildProgram, startWorker } from './harness/worker.ts';

const HOUR = parseHour('2024-05-02T00');
const TABLE = 'browser_events';
const PREFIX = 'large/';
const MIB = 2 ** 20;
const WAYS = ['clickfeed', 'curl', 's3()'] as const;

type Way = (typeof WAYS)[number];

interface Run {
  readonly seconds: number;
  /** By process. That of curl itself is left out. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  /** Of the worker. */
  readonly peakBytes?: number;
}

/** The measurement. */
export const largeObject: Bench = {
  name: 'large-object',
  summary: 'one large object against curl of its lines and against s3()',
  sizes: {
    usual: { hours: 1, lines: 1_500_000, runs: 3, seed: 1 },
    full: { hours: 1, lines: 5_800_000, runs: 3, seed: 1 },
  },
  run,
};

async function run(context: BenchContext): Promise<BenchResult> {
  const { servers, sizes, say } = context;
  buildProgram();
  say(`Publishing an object of ${sizes.lines} lines`);
  const object = await publishLargeObject(servers, PREFIX + objectKey(TABLE, HOUR), TABLE, sizes);
  // A small hour before it, so that the worker has loaded something when the clock starts.
  const warm = { from: addHours(HOUR, -2), to: addHours(HOUR, -1), seed: sizes.seed, linesPerObject: 1_000 };
  await publishFeed(servers, PREFIX, warm);
  const runs: Record<Way, Run[]> = { clickfeed: [], curl: [], 's3()': [] };
  for (let round = 1; round <= sizes.runs; round += 1) {
    for (const way of WAYS) {
      const took = await onDatabase(servers, 'set up', async (server) => {
        return way === 'clickfeed'
          ? loadByWorker(context, server)
          : loadByPeer(servers, server, object, way, sizes.lines);
      });
      runs[way].push(took);
      say(
        `Run ${round}: ${way} ${took.seconds.toFixed(2)} s, ${Math.round(object.sizeBytes / MIB / took.seconds)} MiB/s`,
      );
    }
  }
  return resultOf(context, object, runs);
}

async function loadByWorker({ servers, sizes, profileDir }: BenchContext, server: ClickHouseServer): Promise<Run> {
  const place = { servers, database: server.database, prefix: PREFIX, feedStart: addHours(HOUR, -24), profileDir };
  const worker = await startWorker(place);
  try {
    await runBackfill(servers.client, { from: addHours(HOUR, -2), to: addHours(HOUR, -1) });
    await eventsBuilt(servers.client);
    const processes = { clickfeed: worker.pid, ...servers.processes };
    const before = cpuSeconds(processes);
    const { seconds, rows } = await runBackfill(servers.client, { from: HOUR, to: addHours(HOUR, 1) });
    if (rows !== sizes.lines) throw new Error(`Loaded ${rows} rows, expected ${sizes.lines}`);
    const cpu = cpuSince(processes, before);
    const peakBytes = peakResidentBytes(worker.pid) ?? Number.NaN;
    await eventsBuilt(servers.client);
    return { seconds, cpuSeconds: cpu, peakBytes };
  } finally {
    await worker.stop();
  }
}

/** Into a table of the same structure; both peers fill the columns of the feed alone. */
async function loadByPeer(
  servers: BenchServers,
  server: ClickHouseServer,
  object: LargeObject,
  way: 'curl' | 's3()',
  lines: number,
): Promise<Run> {
  const fields = CATALOGUE[TABLE].fields.map(({ name }) => name).join(', ');
  const target = server.name('peer');
  await server.command({
    sql: `CREATE TABLE ${target} AS ${server.name(rawName(TABLE))}`,
    doing: 'create a table',
  });
  const before = cpuSeconds(servers.processes);
  const startedMs = performance.now();
  if (way === 'curl') await curl(servers, object.plainFile, `INSERT INTO ${target} (${fields}) FORMAT JSONEachRow`);
  else {
    const { endpoint, bucket, accessKeyId, secretAccessKey } = servers.s3;
    const from = `s3('${endpoint}/${bucket}/${object.gzipKey}', '${accessKeyId}', '${secretAccessKey}', 'JSONEachRow', 'auto', 'gzip')`;
    await server.command({
      sql: `INSERT INTO ${target} (${fields}) SELECT ${fields} FROM ${from}`,
      doing: 'read by s3()',
      timeoutMs: Infinity,
    });
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const cpu = cpuSince(servers.processes, before);
  const [stored] = await server.query<{ rows: string }>({
    sql: `SELECT count() AS rows FROM ${target}`,
    doing: 'count',
  });
  if (Number(stored?.rows) !== lines) throw new Error(`${way} stored ${stored?.rows} rows, expected ${lines}`);
  return { seconds, cpuSeconds: cpu };
}

/** From standard input, which curl streams; with `--data-binary` it would first take all of the file into memory. */
async function curl({ clickhouse, dir }: BenchServers, file: string, sql: string): Promise<void> {
  const url = `${clickhouse.url}/?query=${encodeURIComponent(sql)}`;
  const args = ['--fail', '--silent', '--show-error', '-X', 'POST', '-T', '-', '-H', 'Expect:'];
  const login = ['-H', `X-ClickHouse-User: ${clickhouse.user}`, '-H', `X-ClickHouse-Key: ${clickhouse.password}`];
  const input = await open(file);
  try {
    const child = spawn('curl', [...args, ...login, url], { cwd: dir, stdio: [input.fd, 'ignore', 'inherit'] });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`curl ended with ${code}`);
  } finally {
    await input.close();
  }
}

function resultOf(
  { sizes }: BenchContext,
  { sizeBytes, packedBytes }: LargeObject,
  runs: Readonly<Record<Way, readonly Run[]>>,
): BenchResult {
  const size = `${Math.round(sizeBytes / MIB)} MiB, packed ${Math.round(packedBytes / MIB)} MiB`;
  const memory = runs.clickfeed.map(({ peakBytes = Number.NaN }) => peakBytes / MIB);
  const secondsOf = (way: Way): number[] => runs[way].map(({ seconds }) => seconds);
  return {
    name: largeObject.name,
    setting: `${sizes.lines} lines of ${TABLE} in one object, ${size}, ${sizes.runs} runs in turn, seed ${sizes.seed}`,
    measures: [
      ...WAYS.flatMap((way) => [
        { what: way, unit: 'MiB/s', values: secondsOf(way).map((took) => sizeBytes / MIB / took) },
        ...cpuMeasures(way, runs[way], { unit: 'a MiB', units: sizeBytes / MIB }),
      ]),
      { what: 'most memory of the worker', unit: 'MiB', values: memory },
    ],
    targets: [
      {
        what: 'large object against curl',
        unit: 'times',
        floor: 0.8,
        goal: 0.95,
        better: 'more',
        values: ratios(secondsOf('curl'), secondsOf('clickfeed')),
      },
      { what: 'worker memory with a large object', unit: 'MiB', floor: 300, goal: 200, better: 'less', values: memory },
    ],
    notes: [
      'MiB of unpacked lines. clickfeed: from the start of a backfill to its end, with S3, unzipping, CRC-32, ledger, counting back and Temporal.',
      'curl and s3() load into a table of the same structure and fill the columns of the feed alone: no hashed twins, no hour, load or line number.',
    ],
  };
}
