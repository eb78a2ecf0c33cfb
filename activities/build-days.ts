/** Puts the sessions of days together once a day is over, from the page views that readers see. Part of `buildEvents`. */
import { VerificationError } from '../domain/errors.ts';
import type { HourRange } from '../domain/hour.ts';
import { commitDeadlineMs, committedBy, type Attempt } from './attempt.ts';
import type { DayBuild, DayCounts, DaysStore, StaleDay } from './events-ports.ts';
import { withLoadIds } from './load-ids.ts';
import type { LoadIds } from './ports.ts';

/** Days of one build: enough to spread its fixed cost, few enough that their page views fit in memory or nearly. */
const BUILD_DAYS_MAX = 8;
/** Days of one call; the next lookback takes the others. */
const DAYS_MAX = 64;

/** What building days needs of the world. */
export interface DaysPorts {
  readonly days: DaysStore;
  readonly loadIds: LoadIds;
  readonly workerName: string;
}

/** Builds every stale day of the range. A day that changes meanwhile stays stale, and its sessions are put together when asked. */
export async function buildDays(ports: DaysPorts, range: HourRange, attempt: Attempt): Promise<void> {
  const stale = await ports.days.staleDays(range, DAYS_MAX, attempt.signal);
  const readMs = performance.now();
  for (let first = 0; first < stale.days.length; first += BUILD_DAYS_MAX) {
    const nowMs = stale.serverNowMs + (performance.now() - readMs);
    await buildTogether(ports, stale.days.slice(first, first + BUILD_DAYS_MAX), { attempt, nowMs });
  }
}

async function buildTogether(
  { days, loadIds, workerName }: DaysPorts,
  stale: readonly StaleDay[],
  { attempt, nowMs }: { readonly attempt: Attempt; readonly nowMs: number },
): Promise<void> {
  const deadlineMs = commitDeadlineMs(attempt, nowMs);
  const builds = await withLoadIds(stale, loadIds, attempt.signal);
  await days.insert(builds, attempt.signal);
  const counts = await days.count(builds, attempt.signal);
  const counted = builds.map((build) => ({ ...build, ...verified(build, counts.get(build.day)) }));
  await days.commit({ builds: counted, deadlineMs, ...committedBy(attempt, workerName) }, attempt.signal);
}

/** @throws {VerificationError} unless the sessions hold every page view of a known visitor once */
function verified({ day }: DayBuild, { stored, expected }: DayCounts = { stored: 0, expected: 0 }): DayCounts {
  if (stored === expected) return { stored, expected };
  throw new VerificationError(
    `Cannot commit the sessions of the day ${day} as they differ from its page views: expected ${expected}, found ${stored}`,
  );
}
