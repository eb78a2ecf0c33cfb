/** The activity `buildEvents`: derives the page views of every stale hour of a range from the current loads. */
import { InputError, VerificationError } from '../domain/errors.ts';
import { addHours, countHours, parseHour, type Hour, type HourRange } from '../domain/hour.ts';
import type { EventsReport, MonthsReport, StaleEvents } from '../domain/events-report.ts';
import { dayOf } from '../domain/session-days.ts';
import { commitDeadlineMs, committedBy, runAttempt, type Attempt } from './attempt.ts';
import { buildDays } from './build-days.ts';
import { buildMonths } from './build-months.ts';
import type { EventsBuild, EventsCounts, EventsStore, StaleHours } from './events-ports.ts';
import { withLoadIds } from './load-ids.ts';
import type { LoadIds } from './ports.ts';

/** What building needs of the world. */
export interface EventsPorts {
  readonly events: EventsStore;
  readonly loadIds: LoadIds;
  /** Names this worker in the ledger. */
  readonly workerName: string;
}

/** The activities that derive page views. */
export interface EventsActivities {
  /** Builds every stale hour of the range, an hour whose tables change meanwhile once more, then its stale days. Heartbeats EventsProgress. */
  buildEvents(range: HourRange): Promise<EventsReport>;
  /** Builds page views and visitors by month, up to the last day that is over, where they are missing or stale: at most a year of them. */
  buildMonths(): Promise<MonthsReport>;
  /** Where stale hours lie, for lookback, reconcile, truncate and restore: at most a bounded number of windows. */
  staleEvents(range: HourRange): Promise<StaleEvents>;
}

/** Heartbeat details of `buildEvents`. */
interface EventsProgress {
  phase: 'planning' | 'building' | 'verifying' | 'committing' | 'days';
  hoursBuilt: number;
  rows: number;
}

/** Hours of one build: enough to spread its fixed cost, few enough that trying again is cheap. */
const BUILD_HOURS_MAX = 48;
/** Rows of one build; a larger hour goes alone. */
const BUILD_ROWS_MAX = 2_000_000;
/** An hour that changes under the build is built again so often; then the next lookback takes it. */
const ROUNDS_MAX = 3;
/** Hours of one call, so that an attempt ends in time. */
const RANGE_HOURS_MAX = 24 * 31;
/** Stale hours that one look reports. */
const STALE_HOURS_MAX = 24 * 366;
/** Stale days that one look reports. */
const STALE_DAYS_MAX = 366;

/** Makes the activities over their ports. */
export function createEventsActivities(ports: EventsPorts): EventsActivities {
  return {
    buildEvents: async (input) => {
      const range = checkRange(input, RANGE_HOURS_MAX);
      const progress: EventsProgress = { phase: 'planning', hoursBuilt: 0, rows: 0 };
      return runAttempt(
        () => ({ ...progress }),
        (attempt) => buildRange(ports, range, attempt, progress),
      );
    },
    buildMonths: () =>
      runAttempt(
        () => ({}),
        (attempt) => buildMonths({ ...ports, months: ports.events.months }, attempt),
      ),
    staleEvents: async (input) => {
      const range = checkRange(input, Infinity);
      return runAttempt(
        () => ({}),
        async ({ signal }) => {
          const hours = await ports.events.staleHourNames(range, STALE_HOURS_MAX, signal);
          const { days } = await ports.events.days.staleDays(range, STALE_DAYS_MAX, signal);
          const places = [...hours, ...days.map(({ day }) => day)].sort();
          return { hours: hours.length, windows: windowsOf(places) };
        },
      );
    },
  };
}

function checkRange(input: HourRange, hoursMax: number): HourRange {
  const range = { from: parseHour(input.from), to: parseHour(input.to) };
  const hours = countHours(range);
  if (hours < 1 || hours > hoursMax) {
    throw new InputError(
      `Cannot build page views from ${range.from} to ${range.to}: found ${hours} hours, expected 1 to ${hoursMax}`,
    );
  }
  return range;
}

async function buildRange(
  ports: EventsPorts,
  range: HourRange,
  attempt: Attempt,
  progress: EventsProgress,
): Promise<EventsReport> {
  const builtHours = new Set<Hour>();
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    progress.phase = 'planning';
    const stale = await ports.events.staleHours(range, RANGE_HOURS_MAX, attempt.signal);
    const readMs = performance.now();
    const serverNowMs = (): number => stale.serverNowMs + (performance.now() - readMs);
    if (stale.hours.length === 0) break;
    for (const hours of batchesOf(stale.hours)) {
      const builds = await withLoadIds(hours, ports.loadIds, attempt.signal);
      await buildTogether(ports, builds, { attempt, progress, nowMs: serverNowMs() });
      for (const { hour, expectedRows } of builds) {
        if (!builtHours.has(hour)) progress.rows += expectedRows;
        builtHours.add(hour);
      }
      progress.hoursBuilt = builtHours.size;
    }
  }
  progress.phase = 'days';
  await buildDays({ ...ports, days: ports.events.days }, range, attempt);
  const left = await ports.events.staleHours(range, RANGE_HOURS_MAX, attempt.signal);
  return { ...range, hoursBuilt: builtHours.size, rows: progress.rows, hoursLeft: left.hours.length };
}

async function buildTogether(
  ports: EventsPorts,
  builds: readonly EventsBuild[],
  call: { readonly attempt: Attempt; readonly progress: EventsProgress; readonly nowMs: number },
): Promise<void> {
  const { attempt, progress, nowMs } = call;
  const deadlineMs = commitDeadlineMs(attempt, nowMs);
  try {
    progress.phase = 'building';
    await ports.events.insert(builds, attempt.signal);
    progress.phase = 'verifying';
    verify(builds, await ports.events.count(builds, attempt.signal));
  } catch (error) {
    await abandonQuietly(ports, builds, error instanceof VerificationError ? 'verification-failed' : 'attempt-failed');
    throw error;
  }
  progress.phase = 'committing';
  const by = committedBy(attempt, ports.workerName);
  await ports.events.commit({ builds, deadlineMs, ...by }, attempt.signal);
}

/** @throws {VerificationError} unless every page view is stored exactly once, and its parts hold them all */
function verify(builds: readonly EventsBuild[], counts: ReadonlyMap<EventsBuild['loadId'], EventsCounts>): void {
  for (const { hour, loadId, expectedRows } of builds) {
    const found = counts.get(loadId);
    const agrees =
      found?.rows === expectedRows && found.distinctLines === expectedRows && found.partsPageViews === found.pageViews;
    if (agrees) continue;
    throw new VerificationError(
      `Cannot commit the page views of ${hour} as what is stored differs from its tables: expected ${expectedRows} rows, ` +
        `found ${found?.rows ?? 0} of ${found?.distinctLines ?? 0} lines; of ${found?.pageViews ?? 0} page views ` +
        `${found?.partsPageViews ?? 0} are in parts of sessions`,
    );
  }
}

/** An id that never commits is never visible: abandoning it only lets the sweep know sooner. */
async function abandonQuietly(
  ports: EventsPorts,
  builds: readonly EventsBuild[],
  reason: 'attempt-failed' | 'verification-failed',
): Promise<void> {
  try {
    await ports.events.abandon(builds, reason);
  } catch {
    // The sweep finds orphans from the raw rows themselves.
  }
}

/** Cuts the hours into builds, in order. */
function* batchesOf(hours: StaleHours['hours']): Generator<StaleHours['hours'][number][]> {
  let together: StaleHours['hours'][number][] = [];
  let rows = 0;
  for (const hour of hours) {
    const full = together.length >= BUILD_HOURS_MAX || rows + hour.expectedRows > BUILD_ROWS_MAX;
    if (full && together.length > 0) {
      yield together;
      together = [];
      rows = 0;
    }
    together.push(hour);
    rows += hour.expectedRows;
  }
  if (together.length > 0) yield together;
}

/** Windows of at most a UTC day that hold the hours, which are in order. */
function windowsOf(hours: readonly Hour[]): HourRange[] {
  const windows = new Map<string, { from: Hour; to: Hour }>();
  for (const hour of hours) {
    const day = dayOf(hour);
    const window = windows.get(day);
    windows.set(day, { from: window?.from ?? hour, to: addHours(hour, 1) });
  }
  return [...windows.values()];
}
