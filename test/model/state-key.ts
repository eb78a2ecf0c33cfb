/**
 * Texts for states. The exact text tells all states apart. The short one leaves out what nothing looks at any more (the deadline of a load
 * whose commit has arrived), counts ages instead of instants, and names loads by the order of their ids and not by who wrote them, as
 * attempts that are alike are alike. `protocol.test.ts` shows on small scenarios that equal short texts have equal futures.
 */
import { ATTEMPT_TICKS, isSettledAt, ledgerKey } from './rule.ts';
import { numberOf, type Attempt, type KeyedLoad, type Scenario, type State } from './state.ts';

/** Whatever is older is over. */
const AGE_MOST = 2;

/** What the look ahead from a state depends on, besides the clock. */
export function outlookKey(state: State): string {
  const { purge, restore } = state;
  let loads = '';
  for (const load of state.loads) loads += load === undefined ? '-' : load.key;
  return `${loads};${state.bucketStep}${+state.isTruncated}${+state.isRestored}${+purge.isAnnounced}${purge.announcedAt}${restore.writtenAt}`;
}

/** All of the state. */
export function exactKey(state: State): string {
  const { sweep, restore, purge } = state;
  const attempts = state.attempts.map(exactAttemptKey);
  return [
    outlookKey(state),
    state.clock,
    state.truncatedAt,
    attempts.join(),
    `${sweep.at}${sweep.picked.join('')}`,
    `${restore.at}${restore.allowedAt}`,
    `${purge.at}${purge.picked.join('')},${purge.pickedAt}`,
    state.readThisTick.join(''),
    state.lackedThisTick.join(''),
    state.faultsLeft,
  ].join(';');
}

function exactAttemptKey({ at, mode, beganUnder, ledger, listed }: Attempt): string {
  const seen = ledger === undefined ? '' : `${numberOf(ledgerKey(ledger))}@${ledger.clock}`;
  return `${at}${mode}${+beganUnder}${seen}${listed ?? ''}`;
}

/** What can still matter, with all safeguards in place. */
export function shortKey(state: State, scenario: Scenario): string {
  const order = [...state.loads.keys()].filter((number) => state.loads[number] !== undefined);
  order.sort((a, b) => (state.loads[a]?.order ?? 0) - (state.loads[b]?.order ?? 0));
  const names = (numbers: readonly number[]): string =>
    numbers
      .map((number) => order.indexOf(number))
      .sort()
      .join('');
  let loads = '';
  for (const number of order) loads += loadKey(state, number, names);
  const waiting = state.attempts.flatMap((attempt, index) =>
    state.loads[index + 1] === undefined && attempt.at !== 'ended' ? [waitingKey(attempt)] : [],
  );
  const canFail = state.attempts.some(({ at }) => ['idle', 'begun', 'read', 'planned'].includes(at));
  return [
    loads,
    waiting.sort().join(),
    `${state.clock}${state.bucketStep}${canFail ? state.faultsLeft : 0}${+state.isTruncated}${+state.isRestored}`,
    operatorKey(state, scenario, names),
    names(state.readThisTick),
  ].join(';');
}

type Names = (numbers: readonly number[]) => string;

function loadKey(state: State, number: number, names: Names): string {
  const load = state.loads[number] as KeyedLoad;
  const { clock } = state;
  const attempt = state.attempts[number - 1];
  const at = attempt?.at === 'planned' || attempt?.at === 'failing' ? attempt.at.charAt(0) : '';
  const id = isSettledAt(load.loadId, clock) ? '' : String(load.order);
  const where = `${load.rows.charAt(0)}${+load.isInsertLate}${+load.isCommitSent}${+load.isCommitted}${at}`;
  if (load.abandoned !== undefined) {
    const hasRows = load.rows !== 'none' || load.isInsertLate || at === 'p';
    const age = Math.min(AGE_MOST, clock - (load.abandonedAt ?? clock));
    return `${id}x${where}${load.abandoned.charAt(0)}${hasRows ? age : ''}|`;
  }
  const mayCommit = at === 'p' || load.isCommitSent;
  const left = Math.min(ATTEMPT_TICKS + 3, Math.max(0, load.deadline - clock));
  const commit = mayCommit ? `d${left}${names(load.withdraw)}` : '';
  return `${id}v${load.version}${+load.seen}${+load.beganUnder}${where}${commit}|`;
}

function waitingKey(attempt: Attempt): string {
  return attempt.at === 'idle' ? `i${attempt.mode}` : exactAttemptKey(attempt);
}

function operatorKey({ clock, ...state }: State, scenario: Scenario, names: Names): string {
  const { sweep, restore, purge, isTruncated, truncatedAt } = state;
  const age = (since: number): number => Math.min(AGE_MOST, clock - since);
  const truncation = scenario.purges === true && isTruncated && purge.at === 'idle' ? +(clock > truncatedAt) : '';
  // What is older than its statement may be is stuck for good.
  const allowed = restore.at === 'allowed' ? `${+(restore.allowedAt === clock)}` : '';
  const written = state.isRestored ? `w${age(restore.writtenAt)}` : '';
  const picked = purge.at !== 'writing' ? '' : purge.pickedAt === clock ? names(purge.picked) : 'x';
  const announced = purge.isAnnounced ? `a${age(purge.announcedAt)}` : '';
  return [
    `${sweep.at}${names(sweep.picked)}`,
    `${truncation}${restore.at}${allowed}${written}`,
    `${purge.at}${picked}${announced}`,
  ].join();
}
