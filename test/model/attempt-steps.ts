/** The steps of a load attempt, and of its statements in the server. */
import { ATTEMPT_TICKS, drawnLoadIds, type Rule } from './rule.ts';
import {
  keyed,
  type Attempt,
  type LedgerView,
  type Load,
  type Safeguards,
  type Scenario,
  type State,
} from './state.ts';

/** A step's name and where it leads. */
export type Step = readonly [name: string, next: State];

export function withLoad(state: State, number: number, changes: Partial<Load>): State {
  return {
    ...state,
    loads: state.loads.map((load, i) => (i === number && load ? keyed({ ...load, ...changes }) : load)),
  };
}

function withAttempt(state: State, number: number, changes: Partial<Attempt>): State {
  const attempts = state.attempts.map((attempt, i) => (i === number ? { ...attempt, ...changes } : attempt));
  return { ...state, attempts };
}

/** An attempt that ended, or was never: nothing of it matters but what it left in the server. */
function ended(state: State, number: number): State {
  const attempts = state.attempts.map((attempt, i): Attempt =>
    i === number ? { mode: attempt.mode, at: 'ended', beganUnder: false } : attempt,
  );
  return { ...state, attempts };
}

/** Abandons loads; the first reason stays, as the event is terminal. */
export function abandon(state: State, numbers: readonly number[], reason: NonNullable<Load['abandoned']>): State {
  const loads = state.loads.map((load, i) =>
    load !== undefined && load.abandoned === undefined && numbers.includes(i)
      ? keyed({ ...load, abandoned: reason, abandonedAt: state.clock })
      : load,
  );
  return { ...state, loads };
}

/** What the server does with a commit: one conditional INSERT. */
export function takeCommit(state: State, number: number, safeguards: Safeguards): State {
  const load = state.loads[number];
  if (load === undefined) return state;
  const arrived = withLoad(state, number, { isCommitSent: false });
  if (safeguards.commitChecksDeadline && state.clock >= load.deadline) return arrived;
  if (safeguards.commitChecksAbandoned && load.abandoned !== undefined) return arrived;
  const seen = safeguards.readsTruncationsAtBegin ? load.seen : state.isTruncated && !state.isRestored;
  return abandon(withLoad(arrived, number, { isCommitted: true, seen }), load.withdraw, 'withdrawn');
}

/** Draws an id and plans, or ends when there is nothing to load or the hour was truncated meanwhile: one state for each order of ids. */
export function plan(
  state: State,
  number: number,
  ledger: LedgerView,
  version: number,
  skew: number,
  rule: Rule,
): readonly State[] {
  const attempt = state.attempts[number];
  if (attempt === undefined) return [state];
  const isUnseen = rule.judge(ledger).window.truncations.length > 0 && !attempt.beganUnder;
  const decision = isUnseen ? undefined : rule.plan(ledger, version, attempt.mode);
  if (decision === undefined) return [ended(state, number)];
  const planned: Attempt = { mode: attempt.mode, at: 'planned', beganUnder: attempt.beganUnder };
  const attempts = state.attempts.map((other, i) => (i === number ? planned : other));
  return drawnLoadIds(state.clock - skew, decision.greatest, state.loads).map((loadId) => {
    const load = keyed({
      loadId,
      version,
      seen: attempt.beganUnder,
      beganUnder: attempt.beganUnder,
      rows: 'none',
      isInsertLate: false,
      isCommitSent: false,
      isCommitted: false,
      deadline: ledger.clock + ATTEMPT_TICKS + skew,
      withdraw: decision.withdraw,
    });
    return { ...state, attempts, loads: state.loads.map((other, i) => (i === number + 1 ? load : other)) };
  });
}

/** {@link plan} as steps of this name. */
function* planSteps(name: string, ...of: Parameters<typeof plan>): Generator<Step> {
  for (const planned of plan(...of)) yield [name, planned];
}

/** Every step of attempt `number`, the server's part included. */
export function* attemptSteps(
  state: State,
  number: number,
  scenario: Scenario,
  safeguards: Safeguards,
  rule: Rule,
): Generator<Step> {
  const attempt = state.attempts[number];
  if (attempt === undefined) return;
  const name = `attempt ${number + 1}`;
  const own = number + 1;
  const version = scenario.bucket[state.bucketStep] ?? 0;
  switch (attempt.at) {
    case 'idle':
      if (!isFirstIdle(state, number)) break;
      // Without a truncation nothing can happen between the begin and the first read that would matter.
      if (scenario.truncates === true) yield [`${name} begins`, begin(state, number)];
      else yield* readSteps(begin(state, number), number, scenario, safeguards, rule, version);
      break;
    case 'begun':
      yield* readSteps(state, number, scenario, safeguards, rule, version);
      break;
    case 'read':
      for (const skew of scenario.skews ?? [0]) {
        const ledger = attempt.ledger ?? state;
        const listed = attempt.listed ?? version;
        yield* planSteps(`${name} lists the bucket and plans`, state, number, ledger, listed, skew, rule);
      }
      break;
    case 'planned':
      yield* insertSteps(state, number, safeguards);
      break;
    case 'failing':
      yield [`${name} gives its load up`, ended(abandon(state, [own], 'attempt-failed'), number)];
      break;
    case 'committing':
      if (!safeguards.keepsUnknownCommit && state.faultsLeft > 0) {
        const failing = withAttempt({ ...state, faultsLeft: state.faultsLeft - 1 }, number, { at: 'failing' });
        yield [`${name} does not hear of its commit`, failing];
      }
      break;
    case 'ended':
  }
  yield* serverSteps(state, own, safeguards);
}

/** Attempts alike begin in order: which of them is first makes no difference. */
function isFirstIdle({ attempts }: State, number: number): boolean {
  const mode = attempts[number]?.mode;
  return attempts.findIndex((attempt) => attempt.at === 'idle' && attempt.mode === mode) === number;
}

function begin(state: State, number: number): State {
  return withAttempt(state, number, { at: 'begun', beganUnder: state.isTruncated && !state.isRestored });
}

function* readSteps(
  state: State,
  number: number,
  scenario: Scenario,
  safeguards: Safeguards,
  rule: Rule,
  version: number,
): Generator<Step> {
  const name = `attempt ${number + 1}`;
  const attempt = state.attempts[number];
  if (!safeguards.readsLedgerBeforeBucket) {
    if (attempt?.listed === undefined)
      yield [`${name} lists the bucket`, withAttempt(state, number, { listed: version })];
    else yield* planSteps(`${name} reads the ledger and plans`, state, number, state, attempt.listed, 0, rule);
    return;
  }
  const { loads, isTruncated, isRestored, clock } = state;
  const read = withAttempt(state, number, { at: 'read', ledger: { loads, isTruncated, isRestored, clock } });
  if (state.bucketStep < scenario.bucket.length - 1) yield [`${name} reads the ledger`, read];
  else {
    // The bucket does not change any more: nothing can happen between the two reads that would matter.
    for (const skew of scenario.skews ?? [0])
      yield* planSteps(`${name} reads and plans`, state, number, state, version, skew, rule);
  }
}

function* insertSteps(state: State, number: number, safeguards: Safeguards): Generator<Step> {
  const name = `attempt ${number + 1}`;
  const own = number + 1;
  const onward = (reached: State, isKnown: boolean): State =>
    isKnown || !safeguards.countsBeforeCommit
      ? withAttempt(withLoad(reached, own, { isCommitSent: true }), number, { at: 'committing' })
      : withAttempt(reached, number, { at: 'failing' });
  yield [`${name} inserts, counts and sends its commit`, onward(withLoad(state, own, { rows: 'all' }), true)];
  if (state.faultsLeft === 0) return;
  const faulty = { ...state, faultsLeft: state.faultsLeft - 1 };
  yield [`${name} inserts a part and fails`, onward(withLoad(faulty, own, { rows: 'some' }), false)];
  yield [`${name} does not hear of its insert`, onward(withLoad(faulty, own, { isInsertLate: true }), false)];
}

function* serverSteps(state: State, own: number, safeguards: Safeguards): Generator<Step> {
  const load = state.loads[own];
  if (load?.isInsertLate === true) {
    yield [`the rows of load ${own} arrive late`, withLoad(state, own, { rows: 'all', isInsertLate: false })];
  }
  if (load?.isCommitSent === true) yield [`the commit of load ${own} arrives`, takeCommit(state, own, safeguards)];
}
