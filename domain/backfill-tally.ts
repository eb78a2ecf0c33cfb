/** What became of a backfill so far: counts by outcome, a bounded list of troubles, speed and the time that is left. Pure. */
import type { TableName } from './catalogue.ts';
import { countHours, onlyHour, type HourRange } from './hour.ts';
import { HOUR_OUTCOMES, type HourOutcome, type HourReport, type LoadReport } from './loading.ts';

/** Outcomes after which somebody should look. */
const TROUBLE_OUTCOMES = ['rejected', 'ambiguous', 'hidden', 'abandoned'] as const satisfies readonly HourOutcome[];
/** Beyond this many, troubles are counted, not listed: the state goes into history at every continue-as-new. */
export const LISTED_TROUBLES_MAX = 200;
/** A reason is cut here. */
const DETAIL_LENGTH_MAX = 300;

/** Hours that need a person's eye. */
export interface BackfillTrouble extends HourRange {
  readonly table: TableName;
  readonly kind: (typeof TROUBLE_OUTCOMES)[number] | 'failed';
  readonly detail: string;
}

/** Counts of a backfill. Hours are hours of a table. */
export interface BackfillTally {
  /** Hours by what became of them; `failed` are those that no attempt could load. */
  readonly hours: Readonly<Record<HourOutcome | 'failed', number>>;
  readonly rows: number;
  readonly lines: number;
  readonly quarantined: number;
  /** Compressed bytes read. */
  readonly sizeBytes: number;
  /** The first of the troubles, see {@link LISTED_TROUBLES_MAX}. */
  readonly troubles: readonly BackfillTrouble[];
  /** All troubles, listed or not. */
  readonly troubleCount: number;
}

const NO_HOURS = Object.fromEntries(
  [...HOUR_OUTCOMES, 'failed'].map((outcome) => [outcome, 0]),
) as BackfillTally['hours'];

/** Nothing done yet. */
export const EMPTY_TALLY: BackfillTally = {
  hours: NO_HOURS,
  rows: 0,
  lines: 0,
  quarantined: 0,
  sizeBytes: 0,
  troubles: [],
  troubleCount: 0,
};

/** The tally with the report of a window, or of a single hour, in it. */
export function tallyReport(tally: BackfillTally, report: LoadReport): BackfillTally {
  const { unchangedHours, currentHours = 0 } = report;
  const { unchanged, current } = tally.hours;
  const hours = { ...tally.hours, unchanged: unchanged + unchangedHours, current: current + currentHours };
  for (const { outcome } of report.hours) hours[outcome] += 1;
  const troubles = report.hours.flatMap((hour) => troubleOf(report.table, hour));
  return withTroubles(
    {
      ...tally,
      hours,
      rows: tally.rows + report.rows,
      lines: tally.lines + report.lines,
      quarantined: tally.quarantined + report.quarantined,
      sizeBytes: tally.sizeBytes + report.sizeBytes,
    },
    troubles,
  );
}

/** The tally with hours in it that could not be loaded. */
export function tallyFailure(
  tally: BackfillTally,
  place: HourRange & { readonly table: TableName },
  detail: string,
): BackfillTally {
  const hours = { ...tally.hours, failed: tally.hours.failed + countHours(place) };
  const { table, from, to } = place;
  return withTroubles({ ...tally, hours }, [{ table, from, to, kind: 'failed', detail: cut(detail) }]);
}

/** Hours that are done with, whatever became of them. */
export function hoursDone(tally: BackfillTally): number {
  return Object.values(tally.hours).reduce((total, count) => total + count, 0);
}

/** Speed so far, and what is left at that speed. */
export interface Pace {
  readonly rowsPerSecond: number;
  /** Undefined while nothing is done yet. */
  readonly minutesLeft?: number;
}

/** The pace over `activeMs` milliseconds of work, pauses left out. */
export function paceOf(tally: BackfillTally, hoursTotal: number, activeMs: number): Pace {
  const done = hoursDone(tally);
  const rowsPerSecond = activeMs > 0 ? Math.round((tally.rows * 1000) / activeMs) : 0;
  if (done === 0) return { rowsPerSecond };
  const leftMs = (Math.max(0, activeMs) * Math.max(0, hoursTotal - done)) / done;
  return { rowsPerSecond, minutesLeft: Math.ceil(leftMs / 60_000) };
}

function troubleOf(table: TableName, report: HourReport): BackfillTrouble[] {
  const kind = TROUBLE_OUTCOMES.find((outcome) => outcome === report.outcome);
  if (kind === undefined) return [];
  const detail = [report.reason, report.detail].filter((part) => part !== undefined).join(': ');
  return [{ table, ...onlyHour(report.hour), kind, detail: cut(detail) }];
}

function withTroubles(tally: BackfillTally, more: readonly BackfillTrouble[]): BackfillTally {
  return {
    ...tally,
    troubles: [...tally.troubles, ...more].slice(0, LISTED_TROUBLES_MAX),
    troubleCount: tally.troubleCount + more.length,
  };
}

function cut(detail: string): string {
  return detail.length > DETAIL_LENGTH_MAX ? `${detail.slice(0, DETAIL_LENGTH_MAX)}...` : detail;
}
