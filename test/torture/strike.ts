/**
 * One strike: deeds are in flight, one in each lane; each is held at its own step and moment; then whoever serves them all dies or stands
 * still; and everything is right afterwards.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Arena, Lane } from './arena.ts';
import { expectSeen, expectSettled, startReader, type Reader, type Wrong } from './checks.ts';
import { doDeed, type Deed } from './deeds.ts';
import { act, SCENES, type Scene, type SceneName } from './scenes.ts';
import type { Moment, Step } from './step-proxy.ts';
import type { Attempt, Victims } from './victims.ts';
import { asActivity, createWorkbench } from './workbench.ts';

/** Who is struck and how: `kill` is SIGKILL, `stop` is SIGSTOP and later SIGCONT. */
export interface Blow {
  readonly who: 'worker' | 'clickhouse';
  readonly how: 'kill' | 'stop';
}

/** Where a deed is when it is struck. */
export interface Target {
  readonly scene: SceneName;
  /** Requests of the deed before the one that is met. */
  readonly stepIndex: number;
  readonly moment: Moment;
}

/** What came of a strike for one deed. */
export interface Struck {
  readonly target: Target;
  /** The step that was met; undefined when the deed ended before. */
  readonly met: string | undefined;
  /** From the blow until readers see what they should, milliseconds. */
  readonly recoveryMs: number;
  /** What is wrong; empty when all is right. */
  readonly wrong: readonly Wrong[];
}

/** Longer than any step here takes. */
const PATIENT_MS = 20_000;
/** A client gives up on a server that is silent for so long ... */
const IMPATIENT_MS = 1_500;
/** ... and ClickHouse stands still for longer. */
const STANDSTILL_MS = 2_000;
const TRIES_MOST = 20;
const TRY_PAUSE_MS = 20;

/** A deed in its lane. */
interface Prepared {
  readonly lane: Lane;
  readonly scene: Scene;
  readonly reader: Reader;
}

/** One that is about to be struck. */
interface InFlight extends Prepared {
  readonly target: Target;
}

/**
 * Does it and checks everything. Chain `n` is of lane `n`: attempts at one deed, all of them struck; behind the last one an attempt succeeds.
 * Shorter chains begin later, so that all end together.
 * @returns what came of each blow, in order
 */
export async function strike(
  arena: Pick<Arena, 'clickhouse'>,
  lanes: readonly Lane[],
  chains: readonly (readonly Target[])[],
  blow: Blow,
  victims: Victims,
): Promise<readonly (readonly Struck[])[]> {
  const deeds = await Promise.all(
    lanes.flatMap((lane, index) => {
      const chain = chains[index] ?? [];
      return chain.length === 0 ? [] : [prepare(lane, chain)];
    }),
  );
  const blows: (readonly Struck[])[] = [];
  for (let left = Math.max(...chains.map(({ length }) => length)); left > 1; left -= 1)
    blows.push(await strikeAgain(arena, inFlight(deeds, left), blow, victims));
  return [...blows, await strikeLast(arena, inFlight(deeds, 1), blow, victims)];
}

async function prepare(
  lane: Lane,
  chain: readonly Target[],
): Promise<Prepared & { readonly chain: readonly Target[] }> {
  const [first] = chain;
  if (first === undefined) throw new RangeError('Cannot strike a deed without a target');
  const scene = await SCENES[first.scene](lane);
  return { lane, chain, scene, reader: startReader(lane, scene) };
}

/** The deeds whose chain still has so many targets, with the next one. */
function inFlight(
  deeds: readonly (Prepared & { readonly chain: readonly Target[] })[],
  left: number,
): readonly InFlight[] {
  return deeds.flatMap(({ chain, ...deed }) => {
    const target = chain.at(-left);
    return target === undefined ? [] : [{ ...deed, target }];
  });
}

async function strikeLast(
  arena: Pick<Arena, 'clickhouse'>,
  deeds: readonly InFlight[],
  blow: Blow,
  victims: Victims,
): Promise<readonly Struck[]> {
  const { atMs, met, awake } = await doAndStrike(arena, deeds, blow, victims);
  await Promise.all(deeds.map(({ lane, scene }) => untilDone(lane, scene.deed)));
  const recoveryMs = performance.now() - atMs;
  const again = await Promise.all(
    deeds.map(({ lane, scene }) => expectSeen(lane, scene.end, 'when it was done again')),
  );
  await awake?.(); // the zombie goes on, and ends
  const afterwards = await Promise.all(
    deeds.map(async ({ lane, scene }) =>
      awake === undefined ? [] : expectSeen(lane, scene.end, 'when the zombie had ended'),
    ),
  );
  return Promise.all(
    deeds.map(async (deed, index): Promise<Struck> => {
      const name = met[index]?.name;
      const wrong = [...(again[index] ?? []), ...(afterwards[index] ?? []), ...(await expectRight(deed))];
      return { target: deed.target, met: name, recoveryMs: name === undefined ? 0 : recoveryMs, wrong };
    }),
  );
}

/** A strike after which the next attempt is struck as well: readers see what they may. */
async function strikeAgain(
  arena: Pick<Arena, 'clickhouse'>,
  deeds: readonly InFlight[],
  blow: Blow,
  victims: Victims,
): Promise<readonly Struck[]> {
  const { met } = await doAndStrike(arena, deeds, blow, victims);
  await Promise.all(deeds.map(({ reader }) => reader.look()));
  return deeds.map(({ target }, index) => ({ target, met: met[index]?.name, recoveryMs: 0, wrong: [] }));
}

/** Of readers during all of it, and of what is stored at the end. */
async function expectRight({ lane, scene, reader }: Prepared): Promise<Wrong[]> {
  const seen = await reader.end();
  await scene.cleanUp();
  return [...seen, ...(await expectSettled(lane))];
}

interface Outcome {
  readonly atMs: number;
  readonly met: readonly (Step | undefined)[];
  /** Lets a worker that stands still go on, and waits until it has ended; undefined when none does. */
  readonly awake?: () => Promise<void>;
}

async function doAndStrike(
  { clickhouse }: Pick<Arena, 'clickhouse'>,
  deeds: readonly InFlight[],
  { who, how }: Blow,
  victims: Victims,
): Promise<Outcome> {
  const { verdict, decide } = createVerdict();
  const holds = deeds.map((deed) => hold(deed, verdict));
  const orders = deeds.map(({ lane, scene }) => ({
    place: lane.place(who === 'clickhouse' && how === 'stop' ? IMPATIENT_MS : PATIENT_MS),
    deed: scene.deed,
  }));
  const victim = who === 'worker' ? victims.start(orders) : undefined;
  const attempt: Attempt = victim ?? { ended: orders.map((order) => doHere(order)) };
  await Promise.all(holds.map(({ held }, index) => Promise.race([held, attempt.ended[index]])));
  const atMs = performance.now();
  const ended = Promise.all(attempt.ended);
  if (victim !== undefined) victim.signal(how === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  else await clickhouse.process.kill(how === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  decide(how === 'kill' ? 'cut' : 'on');
  if (victim === undefined) {
    if (how === 'stop') await sleep(STANDSTILL_MS);
    await (how === 'kill' ? clickhouse.process.restart() : clickhouse.process.kill('SIGCONT'));
  }
  const zombie = how === 'stop' ? victim : undefined;
  if (zombie === undefined) await ended;
  for (const { lane } of deeds) lane.watch(undefined);
  const outcome = { atMs, met: holds.map(({ met }) => met()) };
  if (zombie === undefined) return outcome;
  const awake = async (): Promise<void> => {
    zombie.signal('SIGCONT');
    await ended;
  };
  return { ...outcome, awake };
}

interface Hold {
  /** Resolves when the deed stands at its step and moment. */
  readonly held: Promise<void>;
  readonly met: () => Step | undefined;
}

/** Lets a deed go on to its step, lets a reader look there, and waits for the verdict. */
function hold({ lane, target, reader }: InFlight, verdict: Promise<'on' | 'cut'>): Hold {
  let index = -1;
  let met: Step | undefined;
  const held = new Promise<void>((resolve) => {
    lane.watch((step) => {
      index += 1;
      if (index !== target.stepIndex) return () => Promise.resolve('on');
      return async (moment) => {
        if (moment !== target.moment || met !== undefined) return 'on';
        met = step;
        await reader.look();
        resolve();
        return verdict;
      };
    });
  });
  return { held, met: () => met };
}

function createVerdict(): { readonly verdict: Promise<'on' | 'cut'>; readonly decide: (what: 'on' | 'cut') => void } {
  let decide: (what: 'on' | 'cut') => void = () => undefined;
  const verdict = new Promise<'on' | 'cut'>((resolve) => {
    decide = resolve;
  });
  return { verdict, decide };
}

/** An attempt whose server is struck: that it fails is right. */
async function doHere({ place, deed }: { place: ReturnType<Lane['place']>; deed: Deed }): Promise<void> {
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
async function untilDone(lane: Lane, deed: Deed): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await act(lane, deed);
      return;
    } catch (error) {
      if (tries === TRIES_MOST) throw error;
      await sleep(TRY_PAUSE_MS);
    }
  }
}
