/** Loads one hour: one activity per table in parallel, late objects waited for by durable timers. */
import { defineSearchAttributeKey } from '@temporalio/common';
import {
  ApplicationFailure,
  defineQuery,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { TableName } from '../domain/catalogue.ts';
import { TruncatedMeanwhileError } from '../domain/errors.ts';
import { addHours, hourStartMs, lastCompleteHour, onlyHour, type Hour } from '../domain/hour.ts';
import type { EventsReport } from '../domain/events-report.ts';
import type { HourReport, LoadMode, LoadReport } from '../domain/loading.ts';
import { PROGRESS_QUERY } from '../domain/service.ts';
import { beginRun, buildEvents, loadTable, recordAbsent, settings } from './activities.ts';
import { hourlyDetails } from './details.ts';
import { failureFacts, failureText } from './failures.ts';
import { hourField, modeField, numberField, readInput, tablesField } from './input.ts';
import { startLookback } from './lookback.ts';
import type { HourlyLoadInput, HourlyLoadProgress, TableProgress } from './messages.ts';
import { absentPauseMs, PUNCTUAL_MS, WAIT_FOR_OBJECT_MINUTES_MOST } from './policy.ts';
import { makeFindable } from './search-attributes.ts';

/** Where the run stands. */
export const hourlyProgress = defineQuery<HourlyLoadProgress>(PROGRESS_QUERY);

const SCHEDULED_START = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

/** What every table of one run shares. */
interface Run {
  readonly hour: Hour;
  readonly mode: LoadMode;
  readonly seen: readonly string[];
  /** Until when absent objects are waited for, however late the run began; milliseconds since 1970. */
  readonly waitUntilMs: number;
  readonly show: (table: TableName, progress: TableProgress) => void;
}

const NOTHING_YET = { rows: 0, lines: 0, quarantined: 0 };

/**
 * Loads one hour of all tables. Absent and rejected objects are outcomes; a table whose activity fails for good fails the
 * run, after the other tables are done.
 * @throws {ApplicationFailure} InputError at once; LoadFailed with all failures named
 */
export async function hourlyLoad(input?: HourlyLoadInput): Promise<HourlyLoadProgress> {
  const given = readInput('hourlyLoad', input, {
    hour: hourField,
    tables: tablesField,
    mode: modeField,
    waitForObjectMinutes: numberField(0, WAIT_FOR_OBJECT_MINUTES_MOST),
  });
  const hour = given.hour ?? hourBeforeStart();
  const tables = new Map<TableName, TableProgress>();
  let events: EventsReport | undefined;
  const progress = (): HourlyLoadProgress => ({
    hour,
    tables: Object.fromEntries(tables),
    ...(events === undefined ? {} : { pageViews: events.rows }),
  });
  const show = (table: TableName, state: TableProgress): void => {
    tables.set(table, state);
    setCurrentDetails(hourlyDetails(progress()));
  };
  setHandler(hourlyProgress, progress, { description: 'Where each table of the hour stands' });

  const configured = await settings();
  const names = given.tables ?? configured.tables;
  for (const table of names) show(table, { state: 'loading', ...NOTHING_YET });
  makeFindable(configured, names, hour);
  const seen = await beginRun();
  // Runs of the schedule look back; one for an hour that somebody named does just that.
  if (given.hour === undefined && isPunctual()) await startLookback();

  const waitMinutes = given.waitForObjectMinutes ?? configured.waitForObjectMinutes;
  const waitUntilMs = hourStartMs(addHours(hour, 1)) + waitMinutes * 60_000;
  const run: Run = { hour, mode: given.mode ?? 'missing', seen, waitUntilMs, show };
  const failures = await Promise.all(names.map((table) => loadOneTable(run, table)));
  failures.push(await buildHour(hour, (built) => (events = built)));
  throwFailures(
    hour,
    failures.filter((failure) => failure !== undefined),
  );
  return progress();
}

/** The hour before the scheduled time, else before the start: never the wall clock, which may be days later. */
function hourBeforeStart(): Hour {
  return lastCompleteHour(scheduledTime().getTime());
}

/**
 * Whether the run began when it was due. Those that the schedule makes up for after an outage, or that its backfill starts, come by
 * the dozen: one lookback beside them is enough, and more would load the same hours beside them.
 */
function isPunctual(): boolean {
  return workflowInfo().startTime.getTime() - scheduledTime().getTime() < PUNCTUAL_MS;
}

function scheduledTime(): Date {
  const { typedSearchAttributes, startTime } = workflowInfo();
  return typedSearchAttributes.get(SCHEDULED_START) ?? startTime;
}

/** Derives the hour's page views; an hour whose tables are not all there has none yet. @returns the failure in words, or undefined */
async function buildHour(hour: Hour, onBuilt: (report: EventsReport) => void): Promise<string | undefined> {
  try {
    onBuilt(await buildEvents(onlyHour(hour)));
    return undefined;
  } catch (error) {
    return `page views: ${failureText(failureFacts(error))}`;
  }
}

/** Loads a table to its end. @returns the failure in words, or undefined */
async function loadOneTable(run: Run, table: TableName): Promise<string | undefined> {
  try {
    run.show(table, tableProgress(await loadWhenThere(run, table)));
    return undefined;
  } catch (error) {
    const facts = failureFacts(error);
    const detail = failureText(facts);
    // The operator's word, not a failure: the hour stays cleared until someone fills it.
    if (facts.type === TruncatedMeanwhileError.name) {
      run.show(table, { state: 'cleared', ...NOTHING_YET, detail });
      return undefined;
    }
    run.show(table, { state: 'failed', ...NOTHING_YET, detail });
    return `${table}: ${detail}`;
  }
}

async function loadWhenThere(run: Run, table: TableName): Promise<HourReport> {
  const { hour, mode, seen } = run;
  for (let tryIndex = 0; ; tryIndex += 1) {
    const window = { table, ...onlyHour(hour), mode, seen, fillCleared: true };
    const report = reportOf(await loadTable(window), hour);
    if (report.outcome !== 'absent') return report;
    const leftMs = run.waitUntilMs - Date.now();
    if (leftMs <= 0) {
      await recordAbsent(table, hour);
      return report;
    }
    run.show(table, { state: 'waiting', ...NOTHING_YET, detail: `until ${isoMinute(run.waitUntilMs)}` });
    await sleep(Math.min(absentPauseMs(tryIndex), leftMs), { summary: `wait for ${table} ${hour}` });
    run.show(table, { state: 'loading', ...NOTHING_YET });
  }
}

function reportOf(report: LoadReport, hour: Hour): HourReport {
  return report.hours.find((candidate) => candidate.hour === hour) ?? { hour, outcome: 'unchanged' };
}

function tableProgress(report: HourReport): TableProgress {
  const detail = [report.reason, report.detail].filter((part) => part !== undefined).join(': ');
  return {
    state: report.outcome,
    rows: report.rows ?? 0,
    lines: report.lines ?? 0,
    quarantined: report.quarantined ?? 0,
    ...(detail === '' ? {} : { detail }),
  };
}

function throwFailures(hour: Hour, failures: readonly string[]): void {
  if (failures.length === 0) return;
  throw ApplicationFailure.nonRetryable(`Load hour ${hour}: failed for ${failures.join('; ')}`, 'LoadFailed');
}

function isoMinute(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}
