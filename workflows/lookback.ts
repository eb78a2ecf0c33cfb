/** Looks over the last days and loads what is missing or changed. One at a time, by its fixed id. */
import {
  ChildWorkflowCancellationType,
  defineQuery,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { RunSettings } from '../activities/settings.ts';
import { addHours, lastCompleteHour, type HourRange } from '../domain/hour.ts';
import { LOOKBACK_ID, PROGRESS_QUERY } from '../domain/service.ts';
import { beginRun, loadTable, lookAtBucket, settings } from './activities.ts';
import { lookbackDetails } from './details.ts';
import { numberField, readInput, tablesField } from './input.ts';
import type { LookbackInput, LookbackProgress } from './messages.ts';
import { inParallel } from './parallel.ts';
import { LOOKBACK_HOURS_MOST } from './policy.ts';
import { startRebuildEvents } from './rebuild-events.ts';
import { makeFindable } from './search-attributes.ts';
import { addFailure, addReport, NO_WINDOWS } from './tally.ts';

/** Where the run stands. */
export const lookbackProgress = defineQuery<LookbackProgress>(PROGRESS_QUERY);

/**
 * Loads the missing and changed hours of the last days; cleared hours are left alone. One bad window never stops the rest:
 * it is in the result under `troubles`, and the next lookback tries it again.
 * @throws {ApplicationFailure} InputError at once
 */
export async function lookback(input?: LookbackInput): Promise<LookbackProgress> {
  const given = readInput('lookback', input, { hours: numberField(1, LOOKBACK_HOURS_MOST), tables: tablesField });
  const configured = await settings();
  const range = lookbackRange(Date.now(), given.hours ?? configured.lookbackHours, configured);
  let progress: LookbackProgress = {
    ...range,
    ...NO_WINDOWS,
    presentObjects: 0,
    absentObjects: 0,
    foreignKeys: 0,
  };
  const show = (next: LookbackProgress): void => {
    progress = next;
    setCurrentDetails(lookbackDetails(progress));
  };
  setHandler(lookbackProgress, () => progress, { description: 'What the look found and how far loading is' });
  const tables = given.tables ?? configured.tables;
  makeFindable(configured, tables);
  if (range.from >= range.to) return progress;

  setCurrentDetails(`**Hours ${range.from} to ${range.to} UTC: listing the bucket**`);
  const seen = await beginRun();
  const { windows, presentObjects, absentObjects, foreignKeys } = await lookAtBucket(range, tables);
  show({ ...progress, windows: windows.length, presentObjects, absentObjects, foreignKeys });
  await inParallel(windows, configured.windowConcurrency, async ({ table, from, to }) => {
    try {
      const report = await loadTable({ table, from, to, mode: 'changed', seen, fillCleared: false });
      show({ ...progress, ...addReport(progress, report) });
    } catch (error) {
      show({ ...progress, ...addFailure(progress, { table, from, to }, error) });
    }
  });
  await startRebuildEvents();
  return progress;
}

/**
 * The range: it ends before the first hour whose own run may still wait for objects, so that the two do not load the same
 * thing side by side (which would be right, but wasteful), and begins no earlier than the feed.
 */
function lookbackRange(nowMs: number, hours: number, configured: RunSettings): HourRange {
  const to = addHours(lastCompleteHour(nowMs - configured.waitForObjectMinutes * 60_000), 1);
  const from = addHours(to, -hours);
  return { from: from < configured.feedStart ? configured.feedStart : from, to };
}

/** Starts a lookback that lives on its own; one that runs already is as good. */
export async function startLookback(): Promise<void> {
  try {
    await startChild(lookback, {
      workflowId: LOOKBACK_ID,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: 'Look over the last days and load what is missing or changed',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
