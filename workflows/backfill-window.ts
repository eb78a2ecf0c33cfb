/** One window of a backfill, whatever happens to it: tried whole, then hour by hour; outages are waited out. */
import { ApplicationFailure, sleep } from '@temporalio/workflow';
import type { BackfillWindow } from '../domain/backfill.ts';
import {
  AccessError,
  OutcomeUnknownError,
  SetupError,
  TruncatedMeanwhileError,
  UnavailableError,
} from '../domain/errors.ts';
import { hoursOf, onlyHour } from '../domain/hour.ts';
import { loadTable } from './activities.ts';
import type { BackfillRun } from './backfill-run.ts';
import { failureFacts, failureText, type FailureFacts } from './failures.ts';
import { BACKFILL_OUTAGE_PAUSE, BACKFILL_OUTAGE_ROUNDS } from './policy.ts';

/** After these, trying again later may help, and other windows are no better off. */
const OUTAGES: readonly string[] = [UnavailableError.name, OutcomeUnknownError.name, 'TimeoutFailure'];
/** After these, every window is refused the same way, unless it is one object that may not be read. */
const REFUSALS: readonly string[] = [AccessError.name, SetupError.name];

/**
 * Loads a window and notes in the run what became of it. What fails whole is tried hour by hour, so that a bad hour costs
 * no other.
 * @throws {ApplicationFailure} of the type of the cause when no other window can do better: truncated meanwhile, or refused
 *   by a server in every hour while nothing else was loaded
 */
export async function loadBackfillWindow(run: BackfillRun, window: BackfillWindow): Promise<void> {
  const failure = await tryLoad(run, window);
  if (failure === undefined) return;
  const successesBefore = run.successes;
  const refused = await loadByHour(run, window);
  if (refused !== undefined && run.successes === successesBefore) {
    throw ApplicationFailure.nonRetryable(refused.message, refused.type);
  }
}

/** @returns the refusal, when every hour met one */
async function loadByHour(run: BackfillRun, window: BackfillWindow): Promise<FailureFacts | undefined> {
  const waiting = [...hoursOf(window)];
  let refusals = 0;
  let last: FailureFacts | undefined;
  let outages = 0;
  const hoursAtFirst = waiting.length;
  for (let hour = waiting.shift(); hour !== undefined; hour = waiting.shift()) {
    const successesBefore = run.successes;
    const place = { table: window.table, ...onlyHour(hour) };
    const failure = await tryLoad(run, place);
    if (failure === undefined) continue;
    if (OUTAGES.includes(failure.type) && run.successes === successesBefore && outages < BACKFILL_OUTAGE_ROUNDS) {
      // To the end of the line: when it is this hour alone, the next one shows it.
      waiting.push(hour);
      outages += 1;
      run.outage(failureText(failure));
      await sleep(BACKFILL_OUTAGE_PAUSE, { summary: 'wait for servers' });
      continue;
    }
    run.failed(place, failureText(failure));
    if (REFUSALS.includes(failure.type)) refusals += 1;
    last = failure;
  }
  return refusals === hoursAtFirst ? last : undefined;
}

/** @returns why it failed, or undefined. @throws when no window can do better, or on cancellation */
async function tryLoad(run: BackfillRun, window: BackfillWindow): Promise<FailureFacts | undefined> {
  const { plan, seen } = run.state;
  try {
    run.loaded(await loadTable({ ...window, mode: plan.mode, seen, fillCleared: true }, 'brisk'));
    return undefined;
  } catch (error) {
    const failure = failureFacts(error);
    if (failure.type === TruncatedMeanwhileError.name) {
      throw ApplicationFailure.nonRetryable(failure.message, failure.type);
    }
    return failure;
  }
}
