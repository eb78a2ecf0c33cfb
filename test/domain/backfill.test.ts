import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseWindowDays, countTableHours, countWindows, windowAt, type BackfillPlan } from '../../domain/backfill.ts';
import {
  EMPTY_TALLY,
  hoursDone,
  LISTED_TROUBLES_MAX,
  paceOf,
  tallyFailure,
  tallyReport,
} from '../../domain/backfill-tally.ts';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { addHours, countHours, hoursOf, parseHour } from '../../domain/hour.ts';
import { HOUR_OUTCOMES, type HourReport, type LoadReport } from '../../domain/loading.ts';

const START = parseHour('2024-02-27T00');

const plans: fc.Arbitrary<BackfillPlan> = fc
  .record({
    offset: fc.integer({ min: 0, max: 100 }),
    hours: fc.integer({ min: 0, max: 200 }),
    tables: fc.subarray([...TABLE_NAMES], { minLength: 1 }),
    order: fc.constantFrom('newest', 'oldest'),
    concurrency: fc.integer({ min: 1, max: 8 }),
    windowDays: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  })
  .map(({ offset, hours, windowDays, ...rest }) => ({
    ...rest,
    ...(windowDays === undefined ? {} : { windowDays }),
    from: addHours(START, offset),
    to: addHours(START, offset + hours),
    mode: 'missing',
  }));

describe('windowAt()', () => {
  it('covers every hour of every table exactly once, whatever the order', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const covered: string[] = [];
        for (let index = 0; index < countWindows(plan); index += 1) {
          const window = windowAt(plan, index);
          expect(window).toBeDefined();
          for (const hour of hoursOf(window!)) covered.push(`${window!.table}/${hour}`);
        }
        const wanted = plan.tables.flatMap((table) => [...hoursOf(plan)].map((hour) => `${table}/${hour}`));
        expect(covered.sort()).toEqual(wanted.sort());
        expect(covered).toHaveLength(countTableHours(plan));
      }),
    );
  });

  it('stays within its UTC days and never holds nothing', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        for (let index = 0; index < countWindows(plan); index += 1) {
          const window = windowAt(plan, index)!;
          expect(countHours(window)).toBeGreaterThan(0);
          const days = [window.from, addHours(window.to, -1)].map((hour) => Date.parse(hour.slice(0, 10)) / 86_400_000);
          const [first, last] = days.map((day) => Math.floor(day / (plan.windowDays ?? 1)));
          expect(first).toBe(last);
        }
      }),
    );
  });

  it('goes by days in the order asked for, all tables of the same days together', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const days = Array.from({ length: countWindows(plan) }, (_, index) => windowAt(plan, index)!.from);
        const sorted = [...days].sort();
        expect(days).toEqual(plan.order === 'oldest' ? sorted : sorted.reverse());
      }),
    );
  });

  it('has nothing before the first and behind the last window', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        expect(windowAt(plan, countWindows(plan))).toBeUndefined();
        expect(windowAt(plan, -1)).toBeUndefined();
      }),
    );
  });
});

describe('chooseWindowDays()', () => {
  it('stays within bounds, and leaves every slot four windows where the range has as many days', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 31 }), (plan, most) => {
        const windowDays = chooseWindowDays(plan, most);
        expect(windowDays).toBeGreaterThanOrEqual(1);
        expect(windowDays).toBeLessThanOrEqual(most);
        if (windowDays > 1) {
          expect(countWindows({ ...plan, windowDays })).toBeGreaterThanOrEqual(4 * plan.concurrency);
        }
      }),
    );
  });

  it('takes weeks for a year, and days for a week', () => {
    const plan = { from: START, tables: TABLE_NAMES, mode: 'missing', order: 'newest', concurrency: 4 } as const;
    expect(chooseWindowDays({ ...plan, to: addHours(START, 24 * 365) }, 7)).toBe(7);
    expect(chooseWindowDays({ ...plan, to: addHours(START, 24 * 7) }, 7)).toBe(1);
  });
});

const reports: fc.Arbitrary<LoadReport> = fc
  .record({
    outcomes: fc.array(fc.constantFrom(...HOUR_OUTCOMES.filter((outcome) => outcome !== 'unchanged')), {
      maxLength: 24,
    }),
    unchangedHours: fc.integer({ min: 0, max: 24 }),
    currentHours: fc.option(fc.integer({ min: 0, max: 168 }), { nil: undefined }),
    rows: fc.integer({ min: 0, max: 1e9 }),
  })
  .map(({ outcomes, unchangedHours, currentHours, rows }) => ({
    ...(currentHours === undefined ? {} : { currentHours }),
    table: 'geo_events',
    from: START,
    to: addHours(START, 24),
    hours: outcomes.map((outcome, index): HourReport => ({
      hour: addHours(START, index),
      outcome,
      detail: 'x'.repeat(index * 40),
    })),
    unchangedHours,
    rows,
    lines: rows,
    quarantined: 0,
    sizeBytes: 1,
    drift: {},
    foreignKeys: 0,
  }));

describe('tallyReport() and tallyFailure()', () => {
  it('count every hour once, and list a bounded number of troubles', () => {
    fc.assert(
      fc.property(fc.array(reports, { maxLength: 40 }), fc.integer({ min: 0, max: 300 }), (windows, failures) => {
        let tally = EMPTY_TALLY;
        for (const report of windows) tally = tallyReport(tally, report);
        const failed = { table: 'geo_events', from: START, to: addHours(START, 2) } as const;
        for (let index = 0; index < failures; index += 1) tally = tallyFailure(tally, failed, 'AccessError: found 403');
        const countOf = (report: LoadReport): number =>
          report.hours.length + report.unchangedHours + (report.currentHours ?? 0);
        const hours = windows.reduce((sum, report) => sum + countOf(report), 0);
        expect(hoursDone(tally)).toBe(hours + 2 * failures);
        expect(tally.hours.failed).toBe(2 * failures);
        expect(tally.rows).toBe(windows.reduce((sum, { rows }) => sum + rows, 0));
        const { rejected, ambiguous, hidden, abandoned } = tally.hours;
        expect(tally.troubleCount).toBe(rejected + ambiguous + hidden + abandoned + failures);
        expect(tally.troubles).toHaveLength(Math.min(LISTED_TROUBLES_MAX, tally.troubleCount));
        // The state goes into history at every continue-as-new.
        expect(JSON.stringify(tally).length).toBeLessThan(LISTED_TROUBLES_MAX * 500 + 1_000);
        expect(EMPTY_TALLY.rows).toBe(0);
      }),
    );
  });
});

describe('paceOf()', () => {
  it('knows nothing before the first hour, then says the time that is left at the pace so far', () => {
    expect(paceOf(EMPTY_TALLY, 100, 5_000)).toEqual({ rowsPerSecond: 0 });
    const tally = { ...EMPTY_TALLY, rows: 50_000, hours: { ...EMPTY_TALLY.hours, current: 25 } };
    expect(paceOf(tally, 100, 600_000)).toEqual({ rowsPerSecond: 83, minutesLeft: 30 });
    expect(paceOf(tally, 25, 600_000).minutesLeft).toBe(0);
    expect(paceOf(tally, 100, 0)).toEqual({ rowsPerSecond: 0, minutesLeft: 0 });
  });
});
