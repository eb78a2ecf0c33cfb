/** What a person at a terminal sees and does: questions, bars, Ctrl-C. The terminal is Python's, as Node can open none. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { addHours, parseHour } from '../../domain/hour.ts';
import { builtProgram } from '../support/build.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { eventually } from '../support/eventually.ts';
import { publishRange } from '../support/publish-range.ts';
import { start } from '../support/runs.ts';
import { createService, type Service } from '../support/service.ts';

const START = parseHour('2024-05-01T00');
const RANGE = { from: START, to: addHours(START, 6) };
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
/** Runs its arguments on a terminal of their own: what is written to it is typed, what it writes is the screen. */
const TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

/** A command at a terminal. */
interface Terminal {
  type(keys: string): void;
  /** Waits until the screen has shown the text. */
  shows(text: string): Promise<void>;
  /** Waits for the end. @returns exit code, and all that was ever on the screen */
  end(): Promise<{ code: number | null; screen: string }>;
}

async function atTerminal(service: Service, ...args: string[]): Promise<Terminal> {
  const command = ['-c', TERMINAL, process.execPath, await builtProgram(), ...args];
  const child = spawn('python3', command, { env: { ...service.env, TERM: 'xterm' }, stdio: 'pipe' });
  let screen = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (screen += chunk.toString()));
  }
  const closed = once(child, 'close');
  cleanUpLater(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  return {
    type: (keys) => child.stdin.write(keys),
    shows: (text) => eventually(() => screen.includes(text), 60_000),
    end: async () => {
      await closed;
      return { code: child.exitCode, screen };
    },
  };
}

test('clickfeed at a terminal asks before it truncates, draws a bar for a backfill, and leaves it alone at Ctrl-C', async () => {
  const service = await createService({ FEED_START: START });
  await publishRange(service.prefix, RANGE, 3);
  const rows = async (): Promise<string | undefined> =>
    (await service.database.rows<{ n: string }>('SELECT count() AS n FROM geo_events'))[0]?.n;

  // No worker yet, so that the backfill is still there when the person leaves.
  const backfill = await start(service, 'backfill', 'backfill/first', RANGE);
  const watched = await atTerminal(service, 'follow', 'backfill/first');
  await watched.shows('no worker is running');
  watched.type(CTRL_C);
  const left = await watched.end();
  expect(left).toMatchObject({ code: 130, screen: expect.stringContaining('Detached, the run goes on') as string });
  expect(left.screen).toContain('Follow it again: clickfeed follow backfill/first');

  await backfill.signal('pause');
  await service.startWorker();
  const bar = await atTerminal(service, 'backfill', 'follow');
  await bar.shows('0 %  paused, 0 of 24 hours in 4 tables (6 each)');
  await backfill.signal('resume');
  expect(await bar.end()).toMatchObject({ code: 0, screen: expect.stringContaining('Hours: current 24') as string });
  expect(await rows()).toBe('18');

  for (const [keys, found] of [
    ['yes\r', 'found "yes"'],
    [CTRL_C, 'found no answer from a terminal'],
    [CTRL_D, 'found no answer from a terminal'],
  ] as const) {
    const refused = await atTerminal(service, 'truncate', '--tables', 'geo_events');
    await refused.shows('Type truncate to go on');
    refused.type(keys);
    const { code, screen } = await refused.end();
    expect({ code, screen }).toMatchObject({ code: 2, screen: expect.stringContaining(found) as string });
    expect(screen).toContain('rows that vanish');
    expect(screen).not.toContain('please report');
    expect(await rows()).toBe('18');
  }
  const confirmed = await atTerminal(service, 'truncate', '--tables', 'geo_events');
  await confirmed.shows('Type truncate to go on');
  confirmed.type('truncate\r');
  const done = await confirmed.end();
  expect(done).toMatchObject({ code: 0, screen: expect.stringContaining('Hid 6 loads: 18 rows') as string });
  expect(await rows()).toBe('0');
});
