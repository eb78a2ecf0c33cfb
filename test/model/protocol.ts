/** The protocol as a model to explore, and what must hold in every state of it. */
import { abandon, attemptSteps, plan, takeCommit, withLoad, type Step } from './attempt-steps.ts';
import type { Model } from './explore.ts';
import {
  deleteRows,
  PURGE_WRITES,
  purgeSteps,
  restoreSteps,
  sweepSteps,
  truncateSteps,
  worldSteps,
} from './operator-steps.ts';
import { drawLoadId, numbersOf, Rule } from './rule.ts';
import { exactKey, outlookKey, shortKey } from './state-key.ts';
import { ALL_SAFEGUARDS, keyed, type Safeguards, type Scenario, type State } from './state.ts';

/** Far beyond every deadline and wait. */
const MUCH_LATER = 100;
/** Remembered at a time; they are texts, and memory is not endless. */
const OUTLOOKS_MOST = 1_000_000;

/** Builds the model; `without` names safeguards that are taken away, which makes everything matter. */
export function protocol(scenario: Scenario, without: Partial<Safeguards> = {}): Model<State> {
  const safeguards = { ...ALL_SAFEGUARDS, ...without };
  const rule = new Rule(safeguards.abandonedIsTerminal);
  const outlooks = new Map<string, string | undefined>();
  const isWhole = Object.keys(without).length === 0;
  return {
    initial: initialState(scenario),
    keyOf: (state) => (isWhole ? shortKey(state, scenario) : exactKey(state)),
    *steps(state) {
      for (const [name, next] of bareSteps(state, scenario, safeguards, rule))
        yield [name, noteReads(next, rule, safeguards)];
    },
    stepFault: (next, before, step) =>
      momentFault(next, before, step, rule, safeguards) ?? orderFault(next, before, scenario, rule),
    stateFault(state) {
      const key = outlookKey(state);
      if (outlooks.size > OUTLOOKS_MOST) outlooks.clear();
      if (!outlooks.has(key)) outlooks.set(key, outlookFault(state, scenario, safeguards, rule));
      return outlooks.get(key);
    },
  };
}

function* bareSteps(state: State, scenario: Scenario, safeguards: Safeguards, rule: Rule): Generator<Step> {
  yield* worldSteps(state, scenario);
  for (const number of state.attempts.keys()) yield* attemptSteps(state, number, scenario, safeguards, rule);
  yield* truncateSteps(state, scenario);
  yield* restoreSteps(state, scenario, safeguards);
  yield* purgeSteps(state, scenario, safeguards);
  yield* sweepSteps(state, scenario, safeguards, rule);
}

function initialState({ attempts, bucket, faults }: Scenario): State {
  const first = keyed({
    loadId: drawLoadId(-5, undefined),
    version: bucket[0],
    seen: false,
    beganUnder: false,
    rows: 'all',
    isInsertLate: false,
    isCommitSent: false,
    isCommitted: true,
    deadline: -3,
    withdraw: [],
  });
  return {
    clock: 0,
    loads: [first, ...attempts.map(() => undefined)],
    attempts: attempts.map((mode) => ({ mode, at: 'idle', beganUnder: false })),
    bucketStep: 0,
    isTruncated: false,
    isRestored: false,
    truncatedAt: 0,
    sweep: { at: 'idle', picked: [] },
    restore: { at: 'idle', allowedAt: 0, writtenAt: 0 },
    purge: { at: 'idle', isAnnounced: false, announcedAt: 0, picked: [], pickedAt: 0, writtenAt: 0 },
    readThisTick: [0],
    lackedThisTick: [],
    faultsLeft: faults,
  };
}

/** Remembers what a query that began in this tick may be reading. */
function noteReads(state: State, rule: Rule, { pinsLedgerFirst }: Safeguards): State {
  const { current } = rule.judge(state);
  const isNoted = current < 0 || state.readThisTick.includes(current);
  const readThisTick = isNoted ? state.readThisTick : [...state.readThisTick, current].sort();
  if (pinsLedgerFirst) return isNoted ? state : { ...state, readThisTick };
  const lacking = numbersOf(state, (load) => load.rows !== 'all');
  return { ...state, readThisTick, lackedThisTick: [...new Set([...state.lackedThisTick, ...lacking])].sort() };
}

function momentFault(next: State, before: State, step: string, rule: Rule, safeguards: Safeguards): string | undefined {
  const { current } = rule.judge(next);
  const load = next.loads[current];
  if (load !== undefined && load.rows !== 'all') return 'readers see a part of a load';
  if (next.readThisTick.some((number) => next.loads[number]?.rows !== 'all')) return 'a running query loses rows';
  if (!safeguards.pinsLedgerFirst && next.lackedThisTick.includes(current)) return 'a query sees a part of a load';
  if (load === undefined && rule.judge(before).current >= 0 && step !== 'truncate' && step !== PURGE_WRITES) {
    return 'the hour vanishes';
  }
  if (next.isTruncated && !next.isRestored && load?.beganUnder === false)
    return 'a load shows from before the truncation';
  const isPurged = next.loads.some((other) => other?.abandoned === 'purged');
  if (next.restore.at === 'done' && isPurged) return 'what was restored is purged';
  return undefined;
}

/** Where the bucket only ever gets newer versions, readers never go back to an older one. */
function orderFault(next: State, before: State, { bucket }: Scenario, rule: Rule): string | undefined {
  const isAscending = bucket.every((version, i) => i === 0 || version >= (bucket[i - 1] ?? 0));
  const [was, is] = [before, next].map((state) => state.loads[rule.judge(state).current]?.version);
  if (!isAscending || was === undefined || is === undefined || is >= was) return undefined;
  return 'readers go back to an older version';
}

/** What becomes of it when everybody crashes now, time passes, one look at the bucket runs alone, and then all that was on its way arrives. */
function outlookFault(state: State, scenario: Scenario, safeguards: Safeguards, rule: Rule): string | undefined {
  const version = scenario.bucket[state.bucketStep] ?? 0;
  const loaded = loadAlone({ ...state, clock: state.clock + MUCH_LATER }, version, safeguards, rule);
  const arrived = numbersOf(loaded, () => true).reduce((world, number) => {
    const load = world.loads[number];
    const rows = load?.isInsertLate === true ? withLoad(world, number, { rows: 'all', isInsertLate: false }) : world;
    return load?.isCommitSent === true ? takeCommit(rows, number, safeguards) : rows;
  }, loaded);
  const { current } = rule.judge(arrived);
  if (arrived.loads[current]?.version !== version) return 'at the end readers do not see what the bucket has';
  const swept = sweepAlone(sweepAlone({ ...arrived, clock: arrived.clock + MUCH_LATER }, rule), rule);
  if (rule.judge(swept).current !== current || swept.loads[current]?.rows !== 'all')
    return 'a sweep takes what is current';
  const left = numbersOf(swept, (load) => load.rows !== 'none' && (!load.isCommitted || load.abandoned !== undefined));
  return left.length > 0 ? 'rows of a dead load outlive the sweep' : undefined;
}

function loadAlone(state: State, version: number, safeguards: Safeguards, rule: Rule): State {
  const number = state.attempts.length;
  const isUnder = state.isTruncated && !state.isRestored;
  const withAttempt: State = {
    ...state,
    attempts: [...state.attempts, { mode: isUnder ? 'all' : 'changed', at: 'begun', beganUnder: isUnder }],
    loads: [...state.loads, undefined],
  };
  const planned = plan(withAttempt, number, withAttempt, version, 0, rule).at(-1) ?? withAttempt;
  if (planned.loads[number + 1] === undefined) return planned;
  return takeCommit(withLoad(planned, number + 1, { rows: 'all' }), number + 1, safeguards);
}

function sweepAlone(state: State, rule: Rule): State {
  const given = abandon(state, rule.doomed(state, ALL_SAFEGUARDS), 'swept');
  return deleteRows(given, rule.deletable({ ...given, clock: given.clock + 2 }, true));
}
