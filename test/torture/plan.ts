/** Which strikes there are, and in what order: every deed, victim and step once before any of them a second time. */
import fc from 'fast-check';
import { TABLE, type Lane } from './arena.ts';
import { doDeed } from './deeds.ts';
import { act, SCENE_NAMES, SCENES, type SceneName } from './scenes.ts';
import type { Moment } from './step-proxy.ts';
import type { Blow, Target } from './strike.ts';
import { asActivity, createWorkbench } from './workbench.ts';

/** The steps of each deed, by name, as they are when nobody is struck. */
export type Steps = Readonly<Record<SceneName, readonly string[]>>;

export const BLOWS: readonly Blow[] = [
  { who: 'worker', how: 'kill' },
  { who: 'clickhouse', how: 'kill' },
  { who: 'worker', how: 'stop' },
  { who: 'clickhouse', how: 'stop' },
];

const MOMENTS: readonly Moment[] = ['before', 'half', 'sent', 'after'];
/** Moments that differ for a step that only reads. */
const MOMENTS_OF_READS: readonly Moment[] = ['before', 'half'];
const REHEARSAL_IDLE_MS = 20_000;

/** Does every deed once without any fault and notes its steps. */
export async function rehearse(lane: Lane): Promise<Steps> {
  const steps: Partial<Record<SceneName, readonly string[]>> = {};
  for (const name of SCENE_NAMES) {
    const scene = await SCENES[name](lane);
    const names: string[] = [];
    lane.watch((step) => {
      names.push(step.name);
      return () => Promise.resolve('on');
    });
    const workbench = createWorkbench(lane.place(REHEARSAL_IDLE_MS));
    await asActivity(() => doDeed(workbench, scene.deed));
    await workbench.close();
    lane.watch(undefined);
    await scene.cleanUp();
    await act(lane, { kind: 'sweep', table: TABLE }); // as after every strike: what a deed finds decides on its steps
    steps[name] = names;
  }
  return steps as Steps;
}

/** Whether a step changes something in ClickHouse. */
export function isWrite(step: string): boolean {
  return /^(?:insert|alter)/.test(step);
}

/** What the step of a target was called when nobody was struck. */
export function stepNameOf(steps: Steps, { scene, stepIndex }: Target): string {
  return steps[scene][stepIndex] ?? '';
}

/** Targets by round: in round `n` every step is met at the `n`th of its moments, in an order of the seed's; then the next moments come. */
export function targetRounds(steps: Steps, seed: number): readonly (readonly Target[])[] {
  const places = SCENE_NAMES.flatMap((scene) =>
    steps[scene].map((step, stepIndex) => {
      const moments = isWrite(step) ? MOMENTS : MOMENTS_OF_READS;
      return shuffled(moments, seed + stepIndex).map((moment): Target => ({ scene, stepIndex, moment }));
    }),
  );
  return MOMENTS.map((_, round) =>
    shuffled(
      places.flatMap((targets) => targets.slice(round, round + 1)),
      seed + round,
    ),
  );
}

/** The same order for the same seed. */
export function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const all = fc.shuffledSubarray([...items], { minLength: items.length });
  return fc.sample(all, { seed, numRuns: 1 })[0] ?? [];
}
