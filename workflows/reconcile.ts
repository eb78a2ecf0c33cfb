/** Holds bucket, ledger and counted rows against each other, for all hours, and mends what differs. */
import { continueAsNew, defineQuery, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Mismatch } from '../activities/operations/api.ts';
import type { RunSettings } from '../activities/settings.ts';
import type { TableName } from '../domain/catalogue.ts';
import { addHours, hourAt, onlyHour, type Hour, type HourRange } from '../domain/hour.ts';
import { PROGRESS_QUERY } from '../domain/service.ts';
import { beginRun, loadTable, lookAtBucket, settings } from './activities.ts';
import { hourField, inputFailure, readInput, tablesField } from './input.ts';
import { abandonReplaced, countRange } from './operations-activities.ts';
import type { ReconcileInput } from './operations-messages.ts';
import { inParallel } from './parallel.ts';
import { HISTORY_EVENTS_MOST, RECONCILE_STEP_HOURS } from './policy.ts';
import { startRebuildEvents } from './rebuild-events.ts';
import { reconcileDetails, withAlarms, type Alarm, type ReconcileProgress } from './reconcile-run.ts';
import { makeFindable } from './search-attributes.ts';
import { addFailure, addReport, NO_WINDOWS } from './tally.ts';

/** Where the reconciliation stands; undefined before it has begun. */
export const reconcileProgress = defineQuery<ReconcileProgress | undefined>(PROGRESS_QUERY);

/**
 * Lists every hour, records the sightings, loads what is missing or changed (cleared hours are left alone), counts the rows of every
 * current load against its receipt, and loads again what is not right. One bad window never stops the rest.
 * @param carried set by the run before this one when it continued as new; not for callers
 * @throws {ApplicationFailure} InputError at once
 */
export async function reconcile(input?: ReconcileInput, carried?: ReconcileProgress): Promise<ReconcileProgress> {
  let progress = carried;
  setHandler(reconcileProgress, () => progress, { description: 'What was found and mended so far' });
  const configured = await settings();
  progress ??= begin(input, configured);
  const run = new Reconciliation(progress, configured.windowConcurrency, (next) => {
    progress = next;
    setCurrentDetails(reconcileDetails(next));
  });
  const { to } = progress;
  for (let from = progress.reconciledTo; from < to; from = progress.reconciledTo) {
    const next = addHours(from, RECONCILE_STEP_HOURS);
    await run.step({ from, to: next < to ? next : to });
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (progress.reconciledTo < to && (continueAsNewSuggested || historyLength >= HISTORY_EVENTS_MOST)) {
      return continueAsNew<typeof reconcile>(input ?? {}, progress);
    }
  }
  // Whatever was loaded here, or by runs that could not build: page views are derived from state.
  await startRebuildEvents();
  return progress;
}

function begin(input: unknown, configured: RunSettings): ReconcileProgress {
  const given = readInput('reconcile', input, { from: hourField, to: hourField, tables: tablesField });
  const newest = hourAt(Date.now());
  const range = { from: given.from ?? configured.feedStart, to: given.to ?? settledHour(configured) };
  if (range.from < configured.feedStart || range.to > newest || (given.from ?? given.to ?? '') > range.to) {
    throw inputFailure(
      `Cannot start reconcile: found ${range.from} to ${range.to}, expected hours from ${configured.feedStart} to ${newest}`,
    );
  }
  const tables = given.tables ?? configured.tables;
  makeFindable(configured, tables);
  return {
    ...range,
    ...NO_WINDOWS,
    tables,
    reconciledTo: range.from,
    presentObjects: 0,
    absentObjects: 0,
    foreignKeys: 0,
    alarms: [],
    alarmCount: 0,
  };
}

/** The hour whose own run may still wait for objects, and all later ones, are left to it. */
function settledHour({ waitForObjectMinutes, feedStart }: RunSettings): Hour {
  const hour = hourAt(Date.now() - waitForObjectMinutes * 60_000);
  return hour < feedStart ? feedStart : hour;
}

/** Some days at a time: look, load, count, repair. */
class Reconciliation {
  #progress: ReconcileProgress;
  readonly #concurrency: number;
  readonly #show: (progress: ReconcileProgress) => void;

  constructor(progress: ReconcileProgress, concurrency: number, show: (progress: ReconcileProgress) => void) {
    this.#progress = progress;
    this.#concurrency = concurrency;
    this.#show = show;
    show(progress);
  }

  async step(range: HourRange): Promise<void> {
    // Read anew for every step: a run of hours must not stop for a truncation, and cleared hours are left alone anyway.
    const seen = await beginRun();
    await this.#loadDifferences(range, seen);
    await this.#repairCounts(range, seen);
    this.#set({ ...this.#progress, reconciledTo: range.to });
  }

  async #loadDifferences(range: HourRange, seen: readonly string[]): Promise<void> {
    const { windows, presentObjects, absentObjects, foreignKeys } = await lookAtBucket(range, this.#progress.tables);
    const before = this.#progress;
    this.#set({
      ...before,
      windows: before.windows + windows.length,
      presentObjects: before.presentObjects + presentObjects,
      absentObjects: before.absentObjects + absentObjects,
      foreignKeys: before.foreignKeys + foreignKeys,
    });
    await inParallel(windows, this.#concurrency, async ({ table, from, to }) => {
      try {
        const report = await loadTable({ table, from, to, mode: 'changed', seen, fillCleared: false }, 'brisk');
        this.#set({ ...this.#progress, ...addReport(this.#progress, report) });
      } catch (error) {
        this.#set({ ...this.#progress, ...addFailure(this.#progress, { table, from, to }, error) });
      }
    });
  }

  async #repairCounts(range: HourRange, seen: readonly string[]): Promise<void> {
    const { tables } = this.#progress;
    const bad = await countRange.executeWithOptions({ summary: `count ${range.from} to ${range.to}` }, [
      { ...range, tables: [...tables] },
    ]);
    if (bad.length === 0) return;
    await inParallel(bad, this.#concurrency, async ({ table, hour }) => {
      await this.#loadAgain(table, hour, seen);
    });
    const replaced = new Set(
      await abandonReplaced(
        bad.map(({ table, hour, loadId }): Pick<Mismatch, 'table' | 'hour' | 'loadId'> => {
          return { table, hour, loadId };
        }),
      ),
    );
    const alarms = bad.map((mismatch): Alarm => ({ ...mismatch, repaired: replaced.has(mismatch.loadId) }));
    this.#set(withAlarms(this.#progress, alarms));
  }

  async #loadAgain(table: TableName, hour: Hour, seen: readonly string[]): Promise<void> {
    const window = { table, ...onlyHour(hour) };
    try {
      const report = await loadTable({ ...window, mode: 'all', seen, fillCleared: false }, 'brisk');
      this.#set({ ...this.#progress, ...addReport(this.#progress, report), windows: this.#progress.windows + 1 });
    } catch (error) {
      this.#set({
        ...this.#progress,
        ...addFailure(this.#progress, window, error),
        windows: this.#progress.windows + 1,
      });
    }
  }

  #set(progress: ReconcileProgress): void {
    this.#progress = progress;
    this.#show(progress);
  }
}
