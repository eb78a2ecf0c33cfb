/** The activity that tells workflows what the worker's configuration says; workflows themselves read no configuration. */
import type { TableName } from '../domain/catalogue.ts';
import type { Hour } from '../domain/hour.ts';
import type { SearchAttributeName } from '../domain/service.ts';

/** What an input that leaves a field out means; so an empty input means the configured feed. No secrets: it goes into history. */
export interface RunSettings {
  readonly tables: readonly TableName[];
  readonly feedStart: Hour;
  /** How long after the end of an hour its objects are waited for. */
  readonly waitForObjectMinutes: number;
  readonly lookbackHours: number;
  /** How long rows of a truncation are kept, so that it can be taken back. */
  readonly purgeGraceHours: number;
  /** Windows that a lookback or a backfill loads at the same time. */
  readonly windowConcurrency: number;
  /** The most days of one window of a backfill. Runs that began before there was such a setting go by days. */
  readonly windowDaysMost?: number;
  /** Search attributes that the server knows. Setting another one would fail every workflow task. */
  readonly searchAttributes: readonly SearchAttributeName[];
}

/** Activities about the service itself. */
export interface SettingsActivities {
  settings(): Promise<RunSettings>;
}

/** Makes the activity; settings are read once per worker, when it starts. */
export function createSettingsActivities(settings: RunSettings): SettingsActivities {
  return { settings: () => Promise.resolve(settings) };
}
