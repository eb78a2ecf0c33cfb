/** Where a reconciliation stands. Carried over when it continues as new. */
import type { Mismatch } from '../activities/operations/api.ts';
import type { TableName } from '../domain/catalogue.ts';
import { countHours, type Hour, type HourRange } from '../domain/hour.ts';
import { troubleLines } from './details.ts';
import type { Trouble, WindowCounts } from './messages.ts';

/** A load whose counted rows differ from its receipt, and whether a new load stands in its place now. */
export interface Alarm extends Omit<Mismatch, 'loadId'> {
  readonly loadId: string;
  readonly repaired: boolean;
}

/** Alarms listed by name. */
const LISTED_ALARMS_MAX = 100;

/** The answer to the query `progress`, and the result. */
export interface ReconcileProgress extends WindowCounts, HourRange {
  readonly tables: readonly TableName[];
  /** Up to which hour all is reconciled. */
  readonly reconciledTo: Hour;
  readonly presentObjects: number;
  readonly absentObjects: number;
  readonly foreignKeys: number;
  readonly alarms: readonly Alarm[];
  /** All alarms, listed or not. */
  readonly alarmCount: number;
  readonly troubles: readonly Trouble[];
}

/** The progress with more alarms in it. */
export function withAlarms(progress: ReconcileProgress, more: readonly Alarm[]): ReconcileProgress {
  return {
    ...progress,
    alarms: [...progress.alarms, ...more].slice(0, LISTED_ALARMS_MAX),
    alarmCount: progress.alarmCount + more.length,
  };
}

/** The progress for the Web UI, in Markdown. */
export function reconcileDetails(progress: ReconcileProgress): string {
  const { from, to, reconciledTo, alarms } = progress;
  return [
    `**Hours ${from} to ${to} UTC: ${countHours({ from, to: reconciledTo })} of ${countHours({ from, to })} reconciled**`,
    '',
    `Objects: ${progress.presentObjects} present, ${progress.absentObjects} absent, ${progress.foreignKeys} foreign keys`,
    '',
    `Loaded: ${progress.loadedHours} missing or changed hours, ${progress.rows} rows, ${progress.quarantined} lines quarantined`,
    '',
    `Receipts that the rows do not bear out: ${progress.alarmCount}`,
    ...alarms.map(
      ({ table, hour, expected, found, repaired }) =>
        `- ${table} ${hour}: expected ${expected.rows} rows and ${expected.quarantined} quarantined, found ${found.rows} ` +
        `and ${found.quarantined}; ${repaired ? 'loaded again' : 'NOT repaired'}`,
    ),
    ...troubleLines(progress.troubles),
  ].join('\n');
}
