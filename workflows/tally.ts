/** Adds up what became of windows; pure but for the failure's unwrapping. */
import type { TableName } from '../domain/catalogue.ts';
import type { Hour } from '../domain/hour.ts';
import type { HourReport, LoadReport } from '../domain/loading.ts';
import { onlyHour } from '../domain/hour.ts';
import { failureFacts, failureText } from './failures.ts';
import type { Trouble, WindowCounts } from './messages.ts';
import { LISTED_TROUBLES_MOST } from './policy.ts';

/** Counts and what needs a person's eye. */
export interface Tally extends WindowCounts {
  readonly troubles: readonly Trouble[];
}

/** A tally of nothing. */
export const NO_WINDOWS: Tally = {
  windows: 0,
  windowsDone: 0,
  loadedHours: 0,
  rows: 0,
  quarantined: 0,
  failedWindows: 0,
  troubles: [],
};

const TROUBLE_KINDS = ['rejected', 'ambiguous', 'hidden'] as const;

/** The tally with a finished window in it. */
export function addReport(tally: Tally, report: LoadReport): Tally {
  const loaded = report.hours.filter(({ outcome }) => outcome === 'current' || outcome === 'superseded');
  return {
    ...tally,
    windowsDone: tally.windowsDone + 1,
    loadedHours: tally.loadedHours + loaded.length + (report.currentHours ?? 0),
    rows: tally.rows + report.rows,
    quarantined: tally.quarantined + report.quarantined,
    troubles: listed(
      tally.troubles,
      report.hours.flatMap((hour) => hourTrouble(report.table, hour)),
    ),
  };
}

/** The tally with a failed window in it. @throws the error when it is a cancellation */
export function addFailure(
  tally: Tally,
  window: { readonly table: TableName; readonly from: Hour; readonly to: Hour },
  error: unknown,
): Tally {
  const detail = failureText(failureFacts(error));
  return {
    ...tally,
    windowsDone: tally.windowsDone + 1,
    failedWindows: tally.failedWindows + 1,
    troubles: listed(tally.troubles, [{ ...window, kind: 'failed', detail }]),
  };
}

function hourTrouble(table: TableName, report: HourReport): Trouble[] {
  const kind = TROUBLE_KINDS.find((candidate) => candidate === report.outcome);
  if (kind === undefined) return [];
  const detail = [report.reason, report.detail].filter((part) => part !== undefined).join(': ');
  return [{ table, ...onlyHour(report.hour), kind, detail }];
}

function listed(troubles: readonly Trouble[], more: readonly Trouble[]): readonly Trouble[] {
  return [...troubles, ...more].slice(0, LISTED_TROUBLES_MOST);
}
