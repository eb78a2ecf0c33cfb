/** Many strikes: every deed, victim and step once, then their other moments, then all again until enough are dead. */
import type { Arena, Lane } from './arena.ts';
import type { Wrong } from './checks.ts';
import { BLOWS, isWrite, rehearse, stepNameOf, targetRounds, type Steps } from './plan.ts';
import { strike, type Blow, type Struck, type Target } from './strike.ts';
import type { Victims } from './victims.ts';

/** How long and what. */
export interface CampaignOptions {
  /** SIGKILLs in all; every deed, victim and step is struck once, also when that takes more. */
  readonly kills: number;
  readonly minutesMost: number;
  readonly seed: number;
  /**
   * Whether each attempt that is killed for the first time at a step is followed by one that succeeds, SIGSTOP strikes at each step and
   * not only in each deed, and ClickHouse is struck at all moments of every step and not only at one of those that write: that takes
   * five times as long.
   */
  readonly isThorough: boolean;
  readonly victims: Victims;
  /** Is told of every strike; for long runs. */
  readonly say?: (line: string) => void;
}

/** The figures of docs/reliability.md. */
export interface CampaignReport {
  readonly seed: number;
  /** Signals sent while a deed was in flight. */
  readonly kills: number;
  readonly stops: number;
  /** `worker kill` and the like: how many signals. */
  readonly byBlow: Readonly<Record<string, number>>;
  /** Deeds struck: a signal strikes all that are in flight. */
  readonly struckByDeed: Readonly<Record<string, number>>;
  /** Deed, victim, signal, step and moment: how many different ones were met. */
  readonly places: number;
  /** Deeds, victims, signals and steps that were planned and never met; empty when the time sufficed. */
  readonly missed: readonly string[];
  readonly longestRecoveryMs: number;
  /** Strikes after which rows were missing, or receipts and rows differed. */
  readonly lost: number;
  /** Looks that found a line twice. */
  readonly doubled: number;
  /** Looks that found neither what was before nor what came after. */
  readonly partialReads: number;
  /** Loads of which a sweep left something that is not visible. */
  readonly orphans: number;
  /** Each of them, in words. */
  readonly wrong: readonly string[];
}

/** Workers that are struck at the same time, each in a lane of its own. */
const WORKERS_AT_ONCE = 3;

/** Attempts of one deed that are killed one after the other: to prepare a deed and to look at everything behind it costs most. */
const CHAIN_LENGTHS = { worker: 8, clickhouse: 3 } as const;

/** Runs it. */
export async function runCampaign(arena: Arena, options: CampaignOptions): Promise<CampaignReport> {
  const [first] = arena.lanes;
  if (first === undefined) throw new RangeError('Cannot torture without a lane');
  const steps = await rehearse(first);
  options.say?.(JSON.stringify(steps));
  const campaign = new Campaign(arena, steps, options);
  await campaign.run();
  return campaign.report();
}

class Campaign {
  readonly #arena: Arena;
  readonly #steps: Steps;
  readonly #options: CampaignOptions;
  readonly #places = new Set<string>();
  readonly #missed: Set<string>;
  readonly #byBlow: Record<string, number> = {};
  readonly #struckByDeed: Record<string, number> = {};
  readonly #wrong: Wrong[] = [];
  readonly #endMs: number;
  #longestRecoveryMs = 0;

  constructor(arena: Arena, steps: Steps, options: CampaignOptions) {
    this.#arena = arena;
    this.#steps = steps;
    this.#options = options;
    this.#endMs = performance.now() + options.minutesMost * 60_000;
    const [first = []] = this.#rounds(0);
    this.#missed = new Set(BLOWS.flatMap((blow) => this.#targetsOf(blow, first).map((target) => stepOf(blow, target))));
  }

  async run(): Promise<void> {
    const { isThorough } = this.#options;
    const [first = [], ...others] = this.#rounds(0);
    for (const blow of BLOWS) {
      const targets = this.#targetsOf(blow, first);
      await this.#strikeAll(blow, targets, true);
      // A statement that is sent in one piece has no half; each has a beginning.
      const unmet = targets.filter((target) => this.#missed.has(stepOf(blow, target)));
      await this.#strikeAll(
        blow,
        unmet.map((target) => ({ ...target, moment: 'before' as const })),
        true,
      );
    }
    for (let cycle = 1, rounds: readonly (readonly Target[])[] = others; !this.#isEnough(); cycle += 1) {
      for (const targets of rounds)
        for (const blow of isThorough ? BLOWS : BLOWS.slice(0, 1)) await this.#strikeAll(blow, targets, false);
      rounds = this.#rounds(cycle);
    }
  }

  #rounds(cycle: number): readonly (readonly Target[])[] {
    return targetRounds(this.#steps, this.#options.seed + cycle);
  }

  #targetsOf({ who, how }: Blow, targets: readonly Target[]): readonly Target[] {
    if (this.#options.isThorough) return targets;
    const ofWho = who === 'worker' ? targets : targets.filter((target) => isWrite(stepNameOf(this.#steps, target)));
    if (how === 'kill') return ofWho;
    return ofWho.filter(({ scene }, index) => ofWho.findIndex((target) => target.scene === scene) === index);
  }

  #isOver(): boolean {
    return performance.now() > this.#endMs;
  }

  #isEnough(): boolean {
    return this.#isOver() || this.#count('kill') >= this.#options.kills;
  }

  #count(how: Blow['how']): number {
    return BLOWS.filter((blow) => blow.how === how).reduce((sum, blow) => sum + (this.#byBlow[nameOf(blow)] ?? 0), 0);
  }

  /** @param isFirst whether they are struck for the first time, which happens in any case */
  async #strikeAll(blow: Blow, targets: readonly Target[], isFirst: boolean): Promise<void> {
    const left = [...targets];
    const { lanes } = this.#arena;
    // ClickHouse is struck under all lanes at once, each worker in a lane of its own.
    const groups = blow.who === 'clickhouse' ? [lanes] : lanes.slice(0, WORKERS_AT_ONCE).map((lane) => [lane]);
    const length = this.#chainLength(blow, isFirst);
    await Promise.all(
      groups.map(async (own) => {
        while (left.length > 0 && !(isFirst ? this.#isOver() : this.#isEnough()))
          await this.#strike(
            blow,
            own,
            own.map(() => takeChain(left, isFirst ? length : Math.min(length, this.#shareLeft()))),
          );
      }),
    );
  }

  /** Of the kills that are left, those of one lane. */
  #shareLeft(): number {
    return Math.ceil(Math.max(1, this.#options.kills - this.#count('kill')) / WORKERS_AT_ONCE);
  }

  #chainLength({ who, how }: Blow, isFirst: boolean): number {
    if (how === 'stop') return 1;
    return this.#options.isThorough && (isFirst || who === 'clickhouse') ? 1 : CHAIN_LENGTHS[who];
  }

  async #strike(blow: Blow, lanes: readonly Lane[], chains: readonly (readonly Target[])[]): Promise<void> {
    for (const struck of await strike(this.#arena, lanes, chains, blow, this.#options.victims)) {
      const met = struck.filter((one) => one.met !== undefined).length;
      // ClickHouse is struck once under all of them, a worker once for each.
      const signals = blow.who === 'clickhouse' ? Math.min(1, met) : met;
      this.#byBlow[nameOf(blow)] = (this.#byBlow[nameOf(blow)] ?? 0) + signals;
      for (const one of struck) this.#note(blow, one);
    }
  }

  #note(blow: Blow, { target, met, recoveryMs, wrong }: Struck): void {
    const { scene, moment } = target;
    const place = `${stepOf(blow, target)}, ${moment} ${met ?? ''}`;
    this.#wrong.push(...wrong.map(({ kind, what }) => ({ kind, what: `${place}: ${what}` })));
    this.#options.say?.(`${this.#count('kill')} ${place}, ${Math.round(recoveryMs)} ms ${JSON.stringify(wrong)}`);
    if (met === undefined) return;
    this.#places.add(place);
    this.#missed.delete(stepOf(blow, target));
    this.#struckByDeed[scene] = (this.#struckByDeed[scene] ?? 0) + 1;
    this.#longestRecoveryMs = Math.max(this.#longestRecoveryMs, recoveryMs);
  }

  report(): CampaignReport {
    const count = (kind: Wrong['kind']): number => this.#wrong.filter((wrong) => wrong.kind === kind).length;
    return {
      seed: this.#options.seed,
      kills: this.#count('kill'),
      stops: this.#count('stop'),
      byBlow: this.#byBlow,
      struckByDeed: this.#struckByDeed,
      places: this.#places.size,
      missed: [...this.#missed],
      longestRecoveryMs: Math.round(this.#longestRecoveryMs),
      lost: count('lost'),
      doubled: count('doubled'),
      partialReads: count('partial'),
      orphans: count('orphan'),
      wrong: this.#wrong.map(({ what }) => what),
    };
  }
}

/** Takes the next target and others of the same deed, those of early steps first: an attempt may find less to do than the one before it. */
function takeChain(left: Target[], length: number): readonly Target[] {
  const chain = left.filter(({ scene }) => scene === left[0]?.scene).slice(0, length);
  for (const target of chain) left.splice(left.indexOf(target), 1);
  return chain.sort((a, b) => a.stepIndex - b.stepIndex);
}

function nameOf({ who, how }: Blow): string {
  return `${who} ${how}`;
}

function stepOf(blow: Blow, { scene, stepIndex }: Target): string {
  return `${scene}: ${nameOf(blow)} at step ${stepIndex}`;
}
