/** Activities for workflow tests: the bucket and the warehouse are two maps, and every call is noted. */
import { ApplicationFailure } from '@temporalio/common';
import type { Activities, BucketLook, BucketRange } from '../../activities/api.ts';
import type { EventsActivities } from '../../activities/build-events.ts';
import type { RunSettings, SettingsActivities } from '../../activities/settings.ts';
import { TABLE_NAMES, type TableName } from '../../domain/catalogue.ts';
import { daysOf, hoursOf, parseHour, type Hour } from '../../domain/hour.ts';
import type { MonthsReport, StaleEvents } from '../../domain/events-report.ts';
import type { HourReport, LoadReport, LoadWindow } from '../../domain/loading.ts';

/** Settings as a worker in its default configuration would hand out. */
export const SETTINGS: RunSettings = {
  tables: TABLE_NAMES,
  feedStart: parseHour('2024-04-10T23'),
  waitForObjectMinutes: 60,
  lookbackHours: 48,
  purgeGraceHours: 24,
  windowConcurrency: 3,
  searchAttributes: [],
};

/** What becomes of an hour that is asked for. */
export type Answer = Omit<HourReport, 'hour'> | Error;

/** A fake world. */
export class FakeWorld {
  settings: RunSettings = SETTINGS;
  /** By `${table}/${hour}`, else `otherwise`. */
  readonly answers = new Map<string, Answer>();
  otherwise: Answer = { outcome: 'current', rows: 10, lines: 11, quarantined: 1 };
  readonly loads: LoadWindow[] = [];
  readonly absents: string[] = [];
  readonly builds: string[] = [];
  /** Answers of `staleEvents`, one after the other; then nothing is stale. */
  stale: StaleEvents[] = [];
  /** Answers of `buildMonths`, one after the other; then none is left. */
  months: (MonthsReport | Error)[] = [];
  readonly looks: BucketRange[] = [];
  look: Partial<BucketLook> = {};
  running = 0;
  mostRunning = 0;
  /** Awaited in each load, for tests that hold loads up. */
  gate: () => Promise<void> = () => Promise.resolve();

  answer(table: TableName, hour: string, answer: Answer): void {
    this.answers.set(`${table}/${hour}`, answer);
  }

  activities(): Activities & EventsActivities & SettingsActivities {
    return {
      settings: () => Promise.resolve(this.settings),
      beginRun: () => Promise.resolve({ seen: ['truncation-1'] }),
      buildEvents: ({ from, to }) => {
        this.builds.push(`${from} ${to}`);
        return Promise.resolve({ from, to, hoursBuilt: 1, rows: 10, hoursLeft: 0 });
      },
      buildMonths: () => {
        const next = this.months.shift() ?? { monthsBuilt: 0, monthsLeft: 0 };
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
      },
      staleEvents: () => Promise.resolve(this.stale.shift() ?? { hours: 0, windows: [] }),
      loadTable: (window) => this.#load(window),
      recordAbsent: ({ table, hour }) => {
        this.absents.push(`${table}/${hour}`);
        return Promise.resolve();
      },
      lookAtBucket: (range) => {
        this.looks.push(range);
        return Promise.resolve({ windows: [], presentObjects: 0, absentObjects: 0, foreignKeys: 0, ...this.look });
      },
    };
  }

  async #load(window: LoadWindow): Promise<LoadReport> {
    this.loads.push(window);
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      await this.gate();
      return this.#report(window);
    } finally {
      this.running -= 1;
    }
  }

  #report(window: LoadWindow): LoadReport {
    const hours: HourReport[] = [];
    for (const hour of hoursOf(window)) {
      const answer = this.answers.get(`${window.table}/${hour}`) ?? this.otherwise;
      if (answer instanceof Error) throw answer;
      hours.push({ hour, ...answer });
    }
    const sum = (key: 'rows' | 'lines' | 'quarantined'): number =>
      hours.reduce((total, report) => total + (report[key] ?? 0), 0);
    return {
      table: window.table,
      from: window.from,
      to: window.to,
      hours: hours.filter(({ outcome }) => outcome !== 'unchanged'),
      unchangedHours: hours.filter(({ outcome }) => outcome === 'unchanged').length,
      rows: sum('rows'),
      lines: sum('lines'),
      quarantined: sum('quarantined'),
      sizeBytes: hours.length,
      drift: {},
      foreignKeys: 0,
    };
  }
}

/** A failure as the activity side makes it of a ClickfeedError. */
export function failureOf(type: string, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message });
}

/** Windows of a day for a look. */
export function dayWindows(table: TableName, from: Hour, to: Hour): BucketLook['windows'] {
  return [...daysOf({ from, to })].map((day) => ({ table, ...day, hours: [...hoursOf(day)].length }));
}
