/** The activities as every workflow calls them, with their policies. */
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/api.ts';
import type { EventsActivities } from '../activities/build-events.ts';
import type { SettingsActivities } from '../activities/settings.ts';
import type { TableName } from '../domain/catalogue.ts';
import { countHours, type Hour, type HourRange } from '../domain/hour.ts';
import type { EventsReport, MonthsReport, StaleEvents } from '../domain/events-report.ts';
import type { LoadReport, LoadWindow } from '../domain/loading.ts';
import {
  BACKFILL_LOAD_ACTIVITY,
  EVENTS_ACTIVITY,
  LEDGER_ACTIVITY,
  LOAD_ACTIVITY,
  LOOK_ACTIVITY,
  SETTINGS_ACTIVITY,
} from './policy.ts';

/** Reads the worker's configuration. */
export const { settings } = proxyLocalActivities<SettingsActivities>(SETTINGS_ACTIVITY);

const ledger = proxyActivities<Pick<Activities, 'beginRun' | 'recordAbsent'>>(LEDGER_ACTIVITY);
const bucket = proxyActivities<Pick<Activities, 'lookAtBucket'>>(LOOK_ACTIVITY);
const patient = proxyActivities<Pick<Activities, 'loadTable'>>(LOAD_ACTIVITY);
const brisk = proxyActivities<Pick<Activities, 'loadTable'>>(BACKFILL_LOAD_ACTIVITY);

const events = proxyActivities<EventsActivities>(EVENTS_ACTIVITY);

/** Derives the page views of the stale hours of a range. */
export function buildEvents(range: HourRange): Promise<EventsReport> {
  return events.buildEvents.executeWithOptions({ summary: `page views of ${rangeText(range)}` }, [range]);
}

/** Says where hours are whose page views rest on loads that are no longer current. */
export function staleEvents(range: HourRange): Promise<StaleEvents> {
  return events.staleEvents.executeWithOptions({ summary: rangeText(range) }, [range]);
}

/** Builds page views and visitors by month, up to the last day that is over. */
export function buildMonths(): Promise<MonthsReport> {
  return events.buildMonths.executeWithOptions({ summary: 'page views and visitors by month' }, []);
}

/** Reads once, at the begin of a run, which truncations it has seen. */
export async function beginRun(): Promise<readonly string[]> {
  const start = await ledger.beginRun.executeWithOptions({ summary: 'read the truncations in force' }, []);
  return start.seen;
}

/** Records that the hour's object did not come in time. */
export async function recordAbsent(table: TableName, hour: Hour): Promise<void> {
  await ledger.recordAbsent.executeWithOptions({ summary: `${table} ${hour} is absent` }, [{ table, hour }]);
}

/** Lists the range and says what is missing or changed. */
export function lookAtBucket(
  range: HourRange,
  tables: readonly TableName[],
): ReturnType<(typeof bucket)['lookAtBucket']> {
  return bucket.lookAtBucket.executeWithOptions({ summary: rangeText(range) }, [{ ...range, tables }]);
}

/** Loads one window; `brisk` gives up after minutes rather than a day. */
export function loadTable(window: LoadWindow, patience: 'patient' | 'brisk' = 'patient'): Promise<LoadReport> {
  const { loadTable: load } = patience === 'brisk' ? brisk : patient;
  return load.executeWithOptions({ summary: `${window.table} ${rangeText(window)}` }, [window]);
}

function rangeText(range: HourRange): string {
  const hours = countHours(range);
  return hours === 1 ? range.from : `${range.from} to ${range.to} (${hours} hours)`;
}
