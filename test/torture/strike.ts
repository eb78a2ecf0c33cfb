/** One strike: a deed is done, someone dies or stands still at one moment of one step, and everything is right afterwards. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DoubledError, FULL, TABLE, type Arena, type Seen } from './arena.ts';
import { doDeed, type Deed } from './deeds.ts';
import { act, isSame, SCENES, type Scene, type SceneName } from './scenes.ts';
import type { Moment, Step } from './step-proxy.ts';
import { asActivity, createWorkbench } from './workbench.ts';

/** Who is struck and how: `kill` is SIGKILL, `stop` is SIGSTOP and later SIGCONT. */
export interface Blow {
  readonly who: 'worker' | 'clickhouse';
  readonly how: 'kill' | 'stop';
  /** Requests of the deed before the one that is met. */
  readonly stepIndex: number;
  readonly moment: Moment;
}

/** Something that must not be. */
export interface Wrong {
  readonly kind: 'lost' | 'doubled' | 'partial' | 'orphan';
  readonly what: string;
}

/** What came of a strike. */
export interface Strike {
  /** The step that was met; undefined when the deed has fewer. */
  readonly met: string | undefined;
  /** From the blow until readers see what they should, milliseconds. */
  readonly recoveryMs: number;
  /** What is wrong; empty when all is right. */
  readonly wrong: readonly Wrong[];
}

/** Longer than a client waits for a silent server. */
const STANDSTILL_MS = 700;
const TRIES_MOST = 20;

/** Does it and checks everything. @param victimFile the program of a worker that is struck */
export async function strike(arena: Arena, name: SceneName, blow: Blow, victimFile: string): Promise<Strike> {
  const scene = await SCENES[name](arena);
  const reader = startReader(arena, scene);
  const struck = await doAndStrike(arena, scene.deed, blow, victimFile);
  const wrong: Wrong[] = [];
  await untilDone(arena, scene.deed);
  await expectSeen(arena, scene.end, 'when it was done again', wrong);
  const recoveryMs = performance.now() - struck.atMs;
  await struck.awake(); // the zombie goes on, and ends
  await expectSeen(arena, scene.end, 'when the zombie had ended', wrong);
  wrong.push(...(await reader.end()));
  await scene.cleanUp();
  wrong.push(...(await disagreements(arena)));
  wrong.push(...(await orphans(arena)));
  return { met: struck.met?.name, recoveryMs: struck.met === undefined ? 0 : recoveryMs, wrong };
}

interface Struck {
  readonly met: Step | undefined;
  readonly atMs: number;
  awake(): Promise<void>;
}

async function doAndStrike(arena: Arena, deed: Deed, blow: Blow, victimFile: string): Promise<Struck> {
  let index = -1;
  let met: Step | undefined;
  let atMs = performance.now();
  const child = blow.who === 'worker' ? startVictim(arena, deed, victimFile) : undefined;
  const state = { hit: (): void => undefined, restarted: Promise.resolve() };
  const wasHit = new Promise<void>((resolve) => {
    state.hit = resolve;
  });
  arena.watch((step) => {
    index += 1;
    if (index !== blow.stepIndex) return () => Promise.resolve('on');
    return async (moment) => {
      if (moment !== blow.moment || met !== undefined) return 'on';
      met = step;
      atMs = performance.now();
      const answer = await deal(arena, blow, child, state);
      state.hit();
      return answer;
    };
  });
  const ended = child === undefined ? doInProcess(arena, deed) : exited(child);
  await Promise.race([ended, wasHit]);
  if (blow.how === 'kill' || child === undefined) await ended;
  await state.restarted;
  arena.watch(undefined);
  const awake = async (): Promise<void> => {
    if (child !== undefined && blow.how === 'stop') child.kill('SIGCONT');
    await ended;
  };
  return { met, atMs, awake };
}

/** Strikes. A standing worker's request goes on in the network; a dead one's does not. */
async function deal(
  { clickhouse }: Arena,
  { who, how }: Blow,
  child: ChildProcess | undefined,
  state: { restarted: Promise<void> },
): Promise<'on' | 'cut'> {
  if (who === 'worker') {
    child?.kill(how === 'kill' ? 'SIGKILL' : 'SIGSTOP');
    return how === 'kill' ? 'cut' : 'on';
  }
  if (how === 'kill') {
    await clickhouse.process.kill('SIGKILL');
    state.restarted = clickhouse.process.restart();
    return 'cut';
  }
  await clickhouse.process.kill('SIGSTOP');
  state.restarted = sleep(STANDSTILL_MS).then(() => clickhouse.process.kill('SIGCONT'));
  return 'on';
}

function startVictim({ place }: Arena, deed: Deed, file: string): ChildProcess {
  const order = JSON.stringify({ place, deed });
  return spawn(process.execPath, ['--no-warnings', file], { env: { TORTURE_ORDER: order }, stdio: 'ignore' });
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** An attempt whose server is struck: that it fails is right. */
async function doInProcess({ place }: Arena, deed: Deed): Promise<void> {
  const workbench = createWorkbench(place);
  try {
    await asActivity(() => doDeed(workbench, deed));
  } catch {
    // The next attempt does it.
  } finally {
    await workbench.close();
  }
}

/** Tries again, as Temporal does. */
async function untilDone(arena: Arena, deed: Deed): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await act(arena, deed);
      return;
    } catch (error) {
      if (tries === TRIES_MOST) throw error;
      await sleep(20);
    }
  }
}

async function expectSeen(arena: Arena, expected: Seen, when: string, wrong: Wrong[]): Promise<void> {
  const seen = await looking(arena);
  if (!isSame(seen, expected)) wrong.push({ kind: 'lost', what: `${when}: readers see ${JSON.stringify(seen)}` });
}

/** Looks; a connection of before a restart may be dead. */
async function looking(arena: Arena): Promise<Seen> {
  return arena.look().catch(() => arena.look());
}

/** Polls until `end()`, which says what was seen that must not be. */
function startReader(arena: Arena, scene: Scene): { end(): Promise<Wrong[]> } {
  const wrong: Wrong[] = [];
  const state = { reading: true };
  const polling = (async () => {
    while (state.reading) {
      try {
        const seen = await arena.look();
        if (!scene.allows(seen)) wrong.push({ kind: 'partial', what: `meanwhile readers saw ${JSON.stringify(seen)}` });
      } catch (error) {
        if (error instanceof DoubledError) wrong.push({ kind: 'doubled', what: error.message });
        await sleep(20); // the server is down
      }
      await sleep(5);
    }
  })();
  return {
    end: async () => {
      state.reading = false;
      await polling;
      return wrong;
    },
  };
}

/** Receipts of current loads that the stored rows and quarantined lines do not bear out. */
async function disagreements(arena: Arena): Promise<Wrong[]> {
  const found = await arena.rows<{ load_id: string }>(
    `SELECT l.load_id AS load_id FROM (SELECT DISTINCT load_id, rows, quarantined FROM loads WHERE event = 'committed') AS l
     INNER JOIN current_loads AS c USING (load_id)
     LEFT JOIN (SELECT _load AS load_id, count() AS n FROM ${TABLE}_raw GROUP BY _load) AS r USING (load_id)
     LEFT JOIN (SELECT load_id, count() AS n FROM quarantine GROUP BY load_id) AS q USING (load_id)
     WHERE l.rows != r.n OR l.quarantined != q.n`,
  );
  return found.map(({ load_id }) => ({ kind: 'lost', what: `load ${load_id}: its receipt and its rows differ` }));
}

/** What is stored and not visible after a sweep. */
async function orphans(arena: Arena): Promise<Wrong[]> {
  await act(arena, { kind: 'sweep', table: TABLE });
  const [stored] = await arena.rows<{ rows: string; lines: string }>(
    `SELECT (SELECT count() FROM ${TABLE}_raw) AS rows, (SELECT count() FROM quarantine) AS lines`,
  );
  const expected = Object.values(FULL).reduce((sum, rows) => sum + rows, 0);
  const isRight = Number(stored?.rows) === expected && Number(stored?.lines) === 1;
  const what = `after a sweep ${stored?.rows} rows and ${stored?.lines} quarantined lines are stored`;
  return isRight ? [] : [{ kind: 'orphan', what }];
}
