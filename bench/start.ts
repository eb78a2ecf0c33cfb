/** How soon there is something to see: `npm start` with its servers at hand, into an empty folder; and a worker beside running servers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort, freePortPair } from '../devstack/process/ports.ts';
import { parseHour } from '../domain/hour.ts';
import type { Bench, BenchContext } from './harness/bench.ts';
import { residentBytes } from './harness/cpu.ts';
import { descendants } from './harness/processes.ts';
import type { BenchResult, Measure } from './harness/result.ts';
import { onDatabase } from './harness/servers.ts';
import { spreadOf } from './harness/statistics.ts';
import { buildProgram, startWorker } from './harness/worker.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MIB = 2 ** 20;
/** What `up` prints as soon as the four objects of an hour are loaded. */
const LOADED = /Loaded (\d+)(?: of \d+)? objects/;
const OBJECTS_OF_AN_HOUR = 4;

interface Start {
  readonly seconds: number;
  /** MiB by process. */
  readonly memory: Readonly<Record<string, number>>;
}

/** The measurement. */
export const start: Bench = {
  name: 'start',
  summary: 'npm start to the first loaded hour, a worker to polling, memory of each process',
  sizes: {
    usual: { hours: 48, lines: 1_000, runs: 3, seed: 1 },
    full: { hours: 48, lines: 1_000, runs: 5, seed: 1 },
  },
  run,
};

async function run(context: BenchContext): Promise<BenchResult> {
  const { servers, sizes, say } = context;
  buildProgram();
  const starts: Start[] = [];
  // The first one may download the servers, and compiles; it is not counted.
  for (let round = 0; round <= sizes.runs; round += 1) {
    const one = await startUp(context, path.join(servers.dir, `up-${round}`));
    if (round > 0) starts.push(one);
    say(`npm start ${round}: ${one.seconds.toFixed(1)} s`);
  }
  const pollingSeconds: number[] = [];
  for (let round = 1; round <= sizes.runs; round += 1) {
    await onDatabase(servers, 'set up', async ({ database }) => {
      const worker = await startWorker({ servers, database, prefix: '', feedStart: parseHour('2024-04-10T23') });
      pollingSeconds.push(worker.readyMs / 1000);
      await worker.stop();
    });
  }
  return resultOf(context, starts, pollingSeconds);
}

async function startUp({ sizes }: BenchContext, dir: string): Promise<Start> {
  const ports = ['DASHBOARD_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'CLICKHOUSE_HTTP_PORT', 'CLICKHOUSE_TCP_PORT'];
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    HEALTH_PORT: '0',
  };
  for (const name of ports) env[name] = String(await freePort());
  env['S3_PORT'] = String(await freePortPair());
  const options = ['--dir', dir, '--hours', String(sizes.hours), '--rows-per-hour', String(sizes.lines)];
  const startedMs = performance.now();
  const child = spawn('npm', ['start', '--silent', '--', ...options], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = (): void => {
    // npm passes no signal on to what it runs.
    for (const { pid, name } of descendants(child.pid ?? 0)) if (name === 'clickfeed up') process.kill(pid, 'SIGTERM');
  };
  process.once('exit', stop);
  try {
    await firstHour(child);
    const seconds = (performance.now() - startedMs) / 1000;
    const memory = Object.fromEntries(
      descendants(child.pid ?? 0).map(({ pid, name }) => [name, (residentBytes(pid) ?? 0) / MIB]),
    );
    return { seconds, memory };
  } finally {
    process.off('exit', stop);
    if (child.exitCode === null) {
      const exited = once(child, 'exit');
      stop();
      await exited;
    }
  }
}

/** Waits for the line that says so. @throws {Error} with what was printed, when the process ends before */
async function firstHour(child: ChildProcess): Promise<void> {
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on('line', (line) => {
        said.push(line);
        if (Number(LOADED.exec(line)?.[1] ?? 0) >= OBJECTS_OF_AN_HOUR) resolve();
      });
    }
    child.once('exit', () => {
      reject(new Error(`npm start ended before an hour was loaded:\n${said.join('\n')}`));
    });
  });
}

function resultOf({ sizes }: BenchContext, starts: readonly Start[], polling: readonly number[]): BenchResult {
  const seconds = starts.map((one) => one.seconds);
  const names = Object.keys(starts[0]?.memory ?? {}).sort();
  const memory = names.map((name): Measure => {
    const values = starts.map((one) => one.memory[name]).filter((value) => value !== undefined);
    return { what: `memory of ${name}`, unit: 'MiB', values };
  });
  const all: Measure[] = [
    { what: 'npm start to the first loaded hour', unit: 's', values: seconds },
    { what: 'worker to polling', unit: 's', values: polling },
    ...memory,
  ];
  return {
    name: start.name,
    setting: `npm start into an empty folder, its servers at hand, ${sizes.hours} hours of demo feed; ${sizes.runs} runs`,
    measures: all.filter(({ values }) => spreadOf(values).most > 0),
    targets: [
      { what: 'second start to first loaded hour', unit: 's', floor: 10, goal: 5, better: 'less', values: seconds },
      { what: 'production worker polling', unit: 's', floor: 2, goal: 1, better: 'less', values: polling },
    ],
    notes: ['Memory is the resident set of each process when the first hour is loaded.'],
  };
}
