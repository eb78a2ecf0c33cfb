/** The steps of what happens beside loads: the clock, the bucket, truncate, restore, purge, sweep. */
import { abandon, type Step } from './attempt-steps.ts';
import { numbersOf, type Rule } from './rule.ts';
import { keyed, type Safeguards, type Scenario, type State } from './state.ts';

export function* worldSteps(state: State, { ticks, bucket }: Scenario): Generator<Step> {
  if (state.clock < ticks) {
    yield [`tick ${state.clock + 1}`, { ...state, clock: state.clock + 1, readThisTick: [], lackedThisTick: [] }];
  }
  if (state.bucketStep < bucket.length - 1) {
    const version = bucket[state.bucketStep + 1] ?? 0;
    yield [`the bucket gets version ${version}`, { ...state, bucketStep: state.bucketStep + 1 }];
  }
}

export function* truncateSteps(state: State, scenario: Scenario): Generator<Step> {
  if (scenario.truncates === true && !state.isTruncated) {
    yield ['truncate', { ...state, isTruncated: true, truncatedAt: state.clock }];
  }
}

/** A statement that reads and then writes takes less than a tick: the server stops it after that. */
export function* restoreSteps(state: State, scenario: Scenario, safeguards: Safeguards): Generator<Step> {
  const { restore, purge, clock } = state;
  const to = (changes: Partial<State['restore']>, world: State = state): State => ({
    ...world,
    restore: { ...restore, ...changes },
  });
  const looks = safeguards.restoreLooksForPurge;
  if (restore.at === 'idle' && scenario.restores === true && state.isTruncated) {
    const isRefused = looks && purge.isAnnounced;
    yield [
      'the restoration looks for a purge',
      to(isRefused ? { at: 'refused' } : { at: 'allowed', allowedAt: clock }),
    ];
  }
  if (restore.at === 'allowed' && restore.allowedAt === clock) {
    yield ['the restoration is written', to({ at: 'written', writtenAt: clock }, { ...state, isRestored: true })];
  }
  if (restore.at === 'written') {
    const isMeeting = looks && purge.isAnnounced;
    yield ['the restoration looks again', to({ at: isMeeting ? 'meeting' : 'done' })];
  }
  if (restore.at === 'meeting' && clock > restore.writtenAt) {
    const isPurged = numbersOf(state, (load) => load.abandoned === 'purged').length > 0;
    yield ['the restoration has waited', to({ at: isPurged ? 'refused' : 'done' })];
  }
}

export function* purgeSteps(state: State, scenario: Scenario, safeguards: Safeguards): Generator<Step> {
  const { purge, clock } = state;
  const to = (changes: Partial<State['purge']>, world: State = state): State => ({
    ...world,
    purge: { ...purge, ...changes },
  });
  const isRestored = safeguards.purgeLooksForRestore && state.isRestored;
  const after = (at: State['purge']['at']): State => to({ at: isRestored ? 'ended' : at });
  if (purge.at === 'idle' && scenario.purges === true && state.isTruncated && clock > state.truncatedAt) {
    yield ['the purge looks for a restoration', after('allowed')];
  }
  if (purge.at === 'allowed')
    yield ['the purge is announced', to({ at: 'announced', isAnnounced: true, announcedAt: clock })];
  if (purge.at === 'announced') yield ['the purge looks again', after('confirmed')];
  if (purge.at === 'confirmed' && !isRestored) {
    const picked = numbersOf(state, (load) => load.isCommitted && !load.seen && load.abandoned === undefined);
    yield ['the purge picks its loads', to({ at: 'writing', picked, pickedAt: clock })];
  }
  if (purge.at === 'writing' && purge.pickedAt === clock) {
    const written = abandon(state, purge.picked, 'purged');
    yield [PURGE_WRITES, to({ at: 'ended', picked: [], writtenAt: clock }, written)];
  }
}

/** The step that may take from readers what a restoration that it met had just shown. */
export const PURGE_WRITES = 'the purge gives its loads up';

export function* sweepSteps(state: State, scenario: Scenario, safeguards: Safeguards, rule: Rule): Generator<Step> {
  const { sweep } = state;
  const to = (changes: Partial<State['sweep']>, world: State = state): State => ({
    ...world,
    sweep: { ...sweep, ...changes },
  });
  const waits = safeguards.sweepWaitsUntilSettled;
  switch (sweep.at) {
    case 'idle': {
      if (scenario.sweeps !== true) return;
      const picked = rule.doomed(state, safeguards);
      const isAtOnce = scenario.sweepActsAtOnce === true && safeguards.sweepGivesUpFirst;
      if (isAtOnce && picked.length > 0) {
        yield ['the sweep looks and gives up', to({ at: 'given-up' }, abandon(state, picked, 'swept'))];
        return;
      }
      const at = safeguards.sweepGivesUpFirst ? 'seen' : 'chosen';
      if (picked.length > 0 || rule.deletable(state, waits).length > 0) yield ['the sweep looks', to({ at, picked })];
      return;
    }
    case 'seen':
      yield ['the sweep gives loads up', to({ at: 'given-up', picked: [] }, abandon(state, sweep.picked, 'swept'))];
      return;
    case 'given-up':
      yield ['the sweep chooses dead loads', to({ at: 'chosen', picked: rule.deletable(state, waits) })];
      return;
    case 'chosen':
      yield ['the sweep deletes rows', to({ at: 'ended', picked: [] }, deleteRows(state, sweep.picked))];
      return;
    case 'ended':
  }
}

export function deleteRows(state: State, numbers: readonly number[]): State {
  const loads = state.loads.map((load, i) =>
    load !== undefined && numbers.includes(i) ? keyed({ ...load, rows: 'none' }) : load,
  );
  return { ...state, loads };
}
