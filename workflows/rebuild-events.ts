/** Derives the page views of every stale hour. One at a time, by its fixed id; started by whatever changes what readers see. */
import {
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { addHours, lastCompleteHour, type HourRange } from '../domain/hour.ts';
import { REBUILD_EVENTS_ID } from '../domain/service.ts';
import { buildEvents, buildMonths, settings, staleEvents } from './activities.ts';
import { failureFacts, failureText } from './failures.ts';
import { readInput } from './input.ts';
import { inParallel } from './parallel.ts';
import { MONTH_CALLS_MOST, REBUILD_ROUNDS_MOST } from './policy.ts';

/** What a run has built. */
export interface RebuildEventsProgress {
  readonly hoursBuilt: number;
  readonly rows: number;
  /** Months whose page views and visitors were counted. */
  readonly monthsBuilt: number;
  /** Windows and months that could not be built, with the reason; the next run tries them again. */
  readonly failures: readonly string[];
}

/**
 * Looks for stale hours and days and builds them, until a look finds none or a round builds no hour; then page views and visitors by month.
 * @throws {ApplicationFailure} InputError at once
 */
export async function rebuildEvents(input?: Readonly<Record<string, never>>): Promise<RebuildEventsProgress> {
  readInput('rebuildEvents', input, {});
  setCurrentDetails('**Looking for hours whose page views are stale**');
  const { feedStart, windowConcurrency } = await settings();
  let progress: RebuildEventsProgress = { hoursBuilt: 0, rows: 0, monthsBuilt: 0, failures: [] };
  for (let round = 0; round < REBUILD_ROUNDS_MOST; round += 1) {
    const range = { from: feedStart, to: addHours(lastCompleteHour(Date.now()), 1) };
    const { hours, windows } = range.from < range.to ? await staleEvents(range) : { hours: 0, windows: [] };
    if (windows.length === 0) break;
    setCurrentDetails(
      hours === 0 ? '**Putting sessions of days together**' : `**Building page views of ${hours} hours**`,
    );
    const builtBefore = progress.hoursBuilt;
    progress = { ...progress, failures: [] };
    await inParallel(windows, windowConcurrency, async (window) => {
      progress = await addWindow(window, () => progress);
      setCurrentDetails(`Built ${progress.hoursBuilt} of ${builtBefore + hours} hours, ${progress.rows} page views`);
    });
    if (progress.hoursBuilt === builtBefore) break;
  }
  progress = await addMonths(progress);
  const { hoursBuilt, rows, failures } = progress;
  const failed = failures.length === 0 ? '' : `, ${failures.length} windows failed`;
  setCurrentDetails(`**Built ${hoursBuilt} hours, ${rows} page views${failed}**`);
  return progress;
}

/** Comes last: any hour that is built later makes its month stale again. */
async function addMonths(before: RebuildEventsProgress): Promise<RebuildEventsProgress> {
  setCurrentDetails('**Counting page views and visitors by month**');
  let monthsBuilt = 0;
  try {
    for (let call = 0; call < MONTH_CALLS_MOST; call += 1) {
      const report = await buildMonths();
      monthsBuilt += report.monthsBuilt;
      if (report.monthsBuilt === 0 || report.monthsLeft === 0) break;
    }
    return { ...before, monthsBuilt };
  } catch (error) {
    const failure = `months: ${failureText(failureFacts(error))}`;
    return { ...before, monthsBuilt, failures: [...before.failures, failure] };
  }
}

async function addWindow(window: HourRange, progress: () => RebuildEventsProgress): Promise<RebuildEventsProgress> {
  try {
    const { hoursBuilt, rows } = await buildEvents(window);
    const before = progress();
    return { ...before, hoursBuilt: before.hoursBuilt + hoursBuilt, rows: before.rows + rows };
  } catch (error) {
    const before = progress();
    const failure = `${window.from} to ${window.to}: ${failureText(failureFacts(error))}`;
    return { ...before, failures: [...before.failures, failure] };
  }
}

/** Starts a run that lives on its own; one that runs already is as good: it looks until nothing is stale. */
export async function startRebuildEvents(): Promise<void> {
  try {
    await startChild(rebuildEvents, {
      workflowId: REBUILD_EVENTS_ID,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: 'Derive the page views of stale hours',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
