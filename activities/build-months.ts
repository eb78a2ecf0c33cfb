/** The activity `buildMonths`: tells the page views of months by value, up to the last day that is over, and numbers their visitors. */
import { VerificationError } from '../domain/errors.ts';
import type { MonthsReport } from '../domain/events-report.ts';
import { hourAt } from '../domain/hour.ts';
import { greatestLoadId, type LoadId } from '../domain/load-id.ts';
import { monthChain, monthsToBuild, type MonthToBuild } from '../domain/months.ts';
import { dayOf } from '../domain/session-days.ts';
import { commitDeadlineMs, committedBy, type Attempt } from './attempt.ts';
import { withLoadId } from './load-ids.ts';
import type { MonthBuild, MonthCounts, MonthsState, MonthsStore } from './months-ports.ts';
import type { LoadIds } from './ports.ts';

/** Months of one call, so that an attempt ends in time however large they are. */
const MONTHS_MAX = 12;

/** What building months needs of the world. */
export interface MonthsPorts {
  readonly months: MonthsStore;
  readonly loadIds: LoadIds;
  readonly workerName: string;
}

/** Builds the months that the chain does not hold, oldest first. One that changes meanwhile is built anew next time. */
export async function buildMonths(ports: MonthsPorts, attempt: Attempt): Promise<MonthsReport> {
  let look = await lookAt(ports.months, attempt.signal);
  let monthsBuilt = 0;
  while (monthsBuilt < MONTHS_MAX) {
    const [next] = look.toBuild;
    if (next === undefined) break;
    const { loadId } = await build(ports, look.state, next, attempt);
    look = await lookAt(ports.months, attempt.signal);
    if (!look.chain.includes(loadId)) break;
    monthsBuilt += 1;
  }
  return { monthsBuilt, monthsLeft: look.toBuild.length };
}

async function lookAt(
  months: MonthsStore,
  signal: AbortSignal,
): Promise<{
  readonly state: MonthsState;
  readonly chain: readonly LoadId[];
  readonly toBuild: readonly MonthToBuild[];
}> {
  const state = await months.state(signal);
  const chain = monthChain(state.months, state.standing);
  const today = dayOf(hourAt(state.serverNowMs));
  const toBuild = monthsToBuild(state.months, chain, today);
  return { state, chain: chain.map(({ loadId }) => loadId), toBuild };
}

/** @returns what it built; whether the server took the commit in time, the chain tells */
async function build(
  { months, loadIds, workerName }: MonthsPorts,
  state: MonthsState,
  month: MonthToBuild,
  attempt: Attempt,
): Promise<MonthBuild> {
  const deadlineMs = commitDeadlineMs(attempt, state.serverNowMs);
  const ofMonth = state.standing.filter((load) => load.month === month.month).map(({ loadId }) => loadId);
  const one = await withLoadId({ ...month, greatestLoadId: greatestLoadId(ofMonth) }, loadIds, attempt.signal);
  await months.insert(one, attempt.signal);
  const { pageViews } = verified(one, await months.count(one, attempt.signal));
  await months.commit({ build: one, pageViews, deadlineMs, ...committedBy(attempt, workerName) }, attempt.signal);
  return one;
}

/** @throws {VerificationError} unless each dimension holds every page view once, and every visitor has one number */
function verified({ month }: MonthBuild, counts: MonthCounts): MonthCounts {
  const { pageViews, storedPageViews, visitors, storedVisitors, areNumbersInOrder } = counts;
  const wrong = storedPageViews.find((stored) => stored !== pageViews);
  if (wrong === undefined && storedVisitors === visitors && areNumbersInOrder) return counts;
  throw new VerificationError(
    `Cannot commit the values of ${month.slice(0, 7)} as they differ from its page views: expected ${pageViews} page views of ${visitors} visitors, ` +
      `found ${wrong ?? pageViews} of ${storedVisitors}${areNumbersInOrder ? '' : ', whose numbers are not in order'}`,
  );
}
