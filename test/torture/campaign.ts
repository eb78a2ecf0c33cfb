/** Many strikes: first one at every step of every deed, then at random until enough are dead. */
import fc from 'fast-check';
import type { Arena } from './arena.ts';
import { SCENE_NAMES, type SceneName } from './scenes.ts';
import { strike, type Blow, type Wrong } from './strike.ts';
import type { Moment } from './step-proxy.ts';

/** How long and what. */
export interface CampaignOptions {
  /** SIGKILLs in all; those at every step come first, also when they are more. */
  readonly kills: number;
  readonly minutesMost: number;
  readonly seed: number;
  readonly victimFile: string;
  /** Is told of every strike; for long runs. */
  readonly say?: (line: string) => void;
}

/** The figures of docs/reliability.md. */
export interface CampaignReport {
  readonly seed: number;
  readonly kills: number;
  readonly stops: number;
  /** Deed, who, how, step and moment: how many different ones were met. */
  readonly places: number;
  readonly killsByDeed: Readonly<Record<string, number>>;
  readonly killsByVictim: Readonly<Record<string, number>>;
  readonly longestRecoveryMs: number;
  /** Strikes after which rows were missing, or receipts and rows differed. */
  readonly lost: number;
  /** Looks that found a line twice. */
  readonly doubled: number;
  /** Looks that found neither what was before nor what came after. */
  readonly partialReads: number;
  /** Strikes after which a sweep left more than what is visible. */
  readonly orphans: number;
  /** Each of them, in words. */
  readonly wrong: readonly string[];
}

const MOMENTS: readonly Moment[] = ['before', 'half', 'sent', 'after'];
/** Moments that differ for a step that only reads. */
const MOMENTS_OF_READS: readonly Moment[] = ['before', 'half'];
const STEPS_MOST = 60;
const STEPS_TYPICAL = 6;

/** Runs it. */
export async function runCampaign(arena: Arena, options: CampaignOptions): Promise<CampaignReport> {
  const campaign = new Campaign(arena, options);
  await campaign.everyStep();
  await campaign.atRandom();
  return campaign.report();
}

class Campaign {
  readonly #arena: Arena;
  readonly #options: CampaignOptions;
  readonly #places = new Set<string>();
  readonly #killsByDeed: Record<string, number> = {};
  readonly #killsByVictim: Record<string, number> = {};
  readonly #wrong: Wrong[] = [];
  readonly #steps = new Map<SceneName, number>();
  readonly #endMs: number;
  #kills = 0;
  #stops = 0;
  #longestRecoveryMs = 0;

  constructor(arena: Arena, options: CampaignOptions) {
    this.#arena = arena;
    this.#options = options;
    this.#endMs = performance.now() + options.minutesMost * 60_000;
  }

  /** A worker is killed at every step and moment, the first step of every deed first, until no deed has more of them. */
  async everyStep(): Promise<void> {
    for (let stepIndex = 0; stepIndex < STEPS_MOST; stepIndex += 1) {
      for (const scene of SCENE_NAMES) {
        if (this.#isOver() || this.#steps.has(scene)) continue;
        const met = await this.#strike(scene, { who: 'worker', how: 'kill', stepIndex, moment: 'before' });
        if (met === undefined) this.#steps.set(scene, stepIndex);
        else await this.#restOf(scene, stepIndex, /^(?:insert|alter)/.test(met) ? MOMENTS : MOMENTS_OF_READS);
      }
    }
  }

  async #restOf(scene: SceneName, stepIndex: number, moments: readonly Moment[]): Promise<void> {
    for (const moment of moments.slice(1)) await this.#strike(scene, { who: 'worker', how: 'kill', stepIndex, moment });
  }

  #isOver(): boolean {
    return performance.now() > this.#endMs;
  }

  /** Workers and ClickHouse are killed and stopped anywhere. */
  async atRandom(): Promise<void> {
    const places = fc.record({
      scene: fc.constantFrom(...SCENE_NAMES),
      who: fc.constantFrom('worker' as const, 'clickhouse' as const),
      how: fc.constantFrom('kill' as const, 'kill' as const, 'stop' as const),
      share: fc.integer({ min: 0, max: 999 }),
      moment: fc.constantFrom(...MOMENTS),
    });
    const { seed, kills } = this.#options;
    for (const { scene, who, how, share, moment } of fc.sample(places, { seed, numRuns: 20 * kills })) {
      if (this.#kills >= kills || this.#isOver()) return;
      const stepIndex = Math.floor((share / 1000) * (this.#steps.get(scene) ?? STEPS_TYPICAL));
      await this.#strike(scene, { who, how, stepIndex, moment });
    }
  }

  async #strike(scene: SceneName, blow: Blow): Promise<string | undefined> {
    const { met, recoveryMs, wrong } = await strike(this.#arena, scene, blow, this.#options.victimFile);
    const place = `${scene}: ${blow.who} ${blow.how} ${blow.moment} step ${blow.stepIndex} ${met ?? ''}`;
    this.#wrong.push(...wrong.map(({ kind, what }) => ({ kind, what: `${place}: ${what}` })));
    this.#options.say?.(`${this.#kills} ${place}, ${Math.round(recoveryMs)} ms ${JSON.stringify(wrong)}`);
    if (met === undefined) return undefined;
    this.#places.add(place);
    this.#longestRecoveryMs = Math.max(this.#longestRecoveryMs, recoveryMs);
    if (blow.how === 'stop') this.#stops += 1;
    else {
      this.#kills += 1;
      this.#killsByDeed[scene] = (this.#killsByDeed[scene] ?? 0) + 1;
      this.#killsByVictim[blow.who] = (this.#killsByVictim[blow.who] ?? 0) + 1;
    }
    return met;
  }

  #count(kind: Wrong['kind']): number {
    return this.#wrong.filter((wrong) => wrong.kind === kind).length;
  }

  report(): CampaignReport {
    return {
      seed: this.#options.seed,
      kills: this.#kills,
      stops: this.#stops,
      places: this.#places.size,
      killsByDeed: this.#killsByDeed,
      killsByVictim: this.#killsByVictim,
      longestRecoveryMs: Math.round(this.#longestRecoveryMs),
      lost: this.#count('lost'),
      doubled: this.#count('doubled'),
      partialReads: this.#count('partial'),
      orphans: this.#count('orphan'),
      wrong: this.#wrong.map(({ what }) => what),
    };
  }
}
