/** Loads a range again: windows of days, a bounded number in flight, for minutes or for days, by one run after the other. */
import {
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunSettings } from '../activities/settings.ts';
import {
  BACKFILL_ORDERS,
  chooseWindowDays,
  countWindows,
  windowAt,
  type BackfillPlan,
  type BackfillWindow,
} from '../domain/backfill.ts';
import type { BackfillEstimate } from '../domain/estimate.ts';
import { hourAt } from '../domain/hour.ts';
import { PAUSE_SIGNAL, PROGRESS_QUERY, RESUME_SIGNAL } from '../domain/service.ts';
import { beginRun, settings } from './activities.ts';
import { estimateBackfill, requireFreeDisk } from './backfill-estimate.ts';
import { estimateDetails } from './backfill-details.ts';
import { BackfillRun, type BackfillProgress, type BackfillState } from './backfill-run.ts';
import { loadBackfillWindow } from './backfill-window.ts';
import {
  booleanField,
  choiceField,
  hourField,
  inputFailure,
  modeField,
  numberField,
  readInput,
  tablesField,
} from './input.ts';
import type { BackfillInput } from './operations-messages.ts';
import { inParallel } from './parallel.ts';
import { CONCURRENCY_MOST, HISTORY_EVENTS_MOST } from './policy.ts';
import { startRebuildEvents } from './rebuild-events.ts';
import { makeFindable } from './search-attributes.ts';

/** Where the backfill stands; undefined before it has begun to load. */
export const backfillProgress = defineQuery<BackfillProgress | undefined>(PROGRESS_QUERY);
/** Begins no further window until it is resumed; windows in flight are finished. */
export const pause = defineSignal(PAUSE_SIGNAL);
export const resume = defineSignal(RESUME_SIGNAL);

/**
 * Loads the range; one bad hour never stops the rest and is listed with its reason.
 * @param carried set by the run before this one when it continued as new; not for callers
 * @throws {ApplicationFailure} InputError at once; TruncatedMeanwhileError when an operator truncates what it still has to
 *   load; AccessError or SetupError when a server refuses everything
 */
export async function backfill(
  input?: BackfillInput,
  carried?: BackfillState,
): Promise<BackfillProgress | BackfillEstimate> {
  let run = carried === undefined ? undefined : new BackfillRun(carried);
  const early = { paused: false };
  setHandler(backfillProgress, () => run?.progress(Date.now()), { description: 'Hours done, rows, speed, troubles' });
  setHandler(
    pause,
    () => {
      early.paused = true;
      run?.pause(Date.now());
    },
    { description: 'Begin no further window' },
  );
  setHandler(
    resume,
    () => {
      early.paused = false;
      run?.resume(Date.now());
    },
    { description: 'Go on after a pause' },
  );
  if (run === undefined) {
    const { plan, dryRun, force } = await readPlan(input);
    if (dryRun) {
      const estimated = await estimateBackfill(plan);
      setCurrentDetails(estimateDetails(estimated));
      return estimated;
    }
    if (plan.mode === 'all' && !force) await requireFreeDisk(plan);
    run = BackfillRun.begin(plan, await beginRun(), Date.now());
    if (early.paused) run.pause(Date.now());
  }
  return work(run, input ?? {});
}

async function work(run: BackfillRun, input: BackfillInput): Promise<BackfillProgress> {
  run.show();
  const windows = windowsLeft(run.state);
  const taken = await toTheEnd(run, () =>
    inParallel(
      windows,
      run.state.plan.concurrency,
      (window) => loadBackfillWindow(run, window),
      async () => {
        if (run.paused) await condition(() => !run.paused);
        return historyIsLong();
      },
    ),
  );
  if (taken < windows.length) return continueAsNew<typeof backfill>(input, run.carried(taken));
  await startRebuildEvents();
  run.end('done');
  return run.summary(Date.now());
}

/** Says where the run stood when it is cancelled or stopped: in the current details, by query, and in the memo. */
async function toTheEnd<T>(run: BackfillRun, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (isCancellation(error)) run.end('cancelled', 'Start it again to go on: what is loaded is skipped');
    else run.end('stopped', error instanceof Error ? error.message : undefined);
    const { phase, hoursDone, hoursTotal, rows } = run.progress(Date.now());
    upsertMemo({ stoodAt: `${phase} with ${hoursDone} of ${hoursTotal} hours done, ${rows} rows loaded` });
    throw error;
  }
}

function historyIsLong(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength >= HISTORY_EVENTS_MOST;
}

function windowsLeft({ plan, nextWindow }: BackfillState): BackfillWindow[] {
  const count = Math.max(0, countWindows(plan) - nextWindow);
  return Array.from({ length: count }, (_, index) => windowAt(plan, nextWindow + index)).filter(
    (window) => window !== undefined,
  );
}

async function readPlan(input: unknown): Promise<{ plan: BackfillPlan; dryRun: boolean; force: boolean }> {
  const given = readInput('backfill', input, {
    from: hourField,
    to: hourField,
    tables: tablesField,
    mode: modeField,
    order: choiceField(BACKFILL_ORDERS),
    concurrency: numberField(1, CONCURRENCY_MOST),
    dryRun: booleanField,
    force: booleanField,
  });
  const configured = await settings();
  const whole: BackfillPlan = {
    from: given.from ?? configured.feedStart,
    to: given.to ?? hourAt(Date.now()),
    tables: given.tables ?? configured.tables,
    mode: given.mode ?? 'missing',
    order: given.order ?? 'newest',
    concurrency: given.concurrency ?? configured.windowConcurrency,
  };
  const { windowDaysMost } = configured;
  // Left out when not configured, as in histories from before: the plan is carried from run to run.
  const plan = windowDaysMost === undefined ? whole : { ...whole, windowDays: chooseWindowDays(whole, windowDaysMost) };
  checkRange(plan, configured);
  makeFindable(configured, plan.tables);
  return { plan, dryRun: given.dryRun ?? false, force: given.force ?? false };
}

function checkRange({ from, to }: BackfillPlan, { feedStart }: RunSettings): void {
  const newest = hourAt(Date.now());
  const range = `found ${from} to ${to}`;
  if (from >= to)
    throw inputFailure(`Cannot start backfill: ${range}, expected "from" before "to", which is not loaded`);
  if (from < feedStart) throw inputFailure(`Cannot start backfill: ${range}, expected "from" ${feedStart} or later`);
  if (to > newest) throw inputFailure(`Cannot start backfill: ${range}, expected "to" ${newest} or earlier`);
}
