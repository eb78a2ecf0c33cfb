/** The activity `loadTable`: one table, a window of hours; list, decide, load, verify, commit. */
import { TruncatedMeanwhileError } from '../domain/errors.ts';
import { readKey, windowPrefixes, type FeedObject } from '../domain/feed-object.ts';
import { countHours, hoursOf, type Hour } from '../domain/hour.ts';
import type { HourOutcome, HourReport, LoadProgress, LoadReport, LoadWindow } from '../domain/loading.ts';
import { planHour, type LoadDecision } from '../domain/plan.ts';
import { commitDeadlineMs, runAttempt, type Attempt } from './attempt.ts';
import { checkWindow } from './input.ts';
import { loadObjects, type LoadCall, type LoadPorts } from './load-objects.ts';
import { recordLoad } from './metrics.ts';
import type { LedgerState } from './ports.ts';

/** Objects of one INSERT: enough to spread its fixed cost, few enough that trying again is cheap. */
const INSERT_OBJECTS_MAX = 1_000;
/** Packed bytes of one INSERT; a larger object goes alone. */
const INSERT_PACKED_BYTES_MAX = 64 * 2 ** 20;

/** Hours of a window up to which its report lists those that went well, too: beyond two days they would swell the history. */
const LISTED_HOURS_MAX = 48;

/** Builds the activity over its ports. */
export function createLoadTable(ports: LoadPorts): (window: LoadWindow) => Promise<LoadReport> {
  return async (input) => {
    const window = checkWindow(input);
    const progress: LoadProgress = { phase: 'planning', objects: 0, objectsDone: 0, lines: 0, entryBytes: 0 };
    const startedMs = performance.now();
    const report = await runAttempt(
      () => ({ ...progress }),
      (attempt) => loadWindow(ports, window, attempt, progress),
    );
    recordLoad(report, performance.now() - startedMs);
    return report;
  };
}

async function loadWindow(
  ports: LoadPorts,
  window: LoadWindow,
  attempt: Attempt,
  progress: LoadProgress,
): Promise<LoadReport> {
  // The ledger first, the bucket second: planHour() depends on this order.
  const state = await ports.ledger.state(window.table, window, attempt.signal);
  refuseUnseenTruncation(window, state);
  const listing = await listWindow(ports, window, attempt.signal);
  const reports: HourReport[] = [];
  const loads: LoadDecision[] = [];
  for (const hour of hoursOf(window)) {
    const decision = planHour(hour, listing.objects.get(hour) ?? [], state.hours.get(hour), window);
    if (decision.action === 'load') loads.push(decision);
    else reports.push(skipReport(decision));
  }
  const call: LoadCall = {
    ports,
    attempt,
    table: window.table,
    seen: window.seen,
    deadlineMs: commitDeadlineMs(attempt, state.serverNowMs),
    progress,
  };
  progress.objects = loads.length;
  await recordAbsentHours(ports, window, reports, attempt.signal);
  for (const together of insertsOf(loads)) reports.push(...(await loadObjects(call, together)));
  return summarize(window, reports, listing.foreignKeys);
}

function refuseUnseenTruncation({ table, from, to, seen }: LoadWindow, state: LedgerState): void {
  const unseen = state.truncations.filter((truncationId) => !seen.includes(truncationId));
  if (unseen.length === 0) return;
  throw new TruncatedMeanwhileError(
    `Cannot load ${table} of ${from} to ${to} as it was truncated after this run began: found ${unseen.join(', ')}; ` +
      'start the run again to fill the cleared hours',
  );
}

async function listWindow(
  ports: LoadPorts,
  window: LoadWindow,
  signal: AbortSignal,
): Promise<{ objects: Map<Hour, FeedObject[]>; foreignKeys: number }> {
  const objects = new Map<Hour, FeedObject[]>();
  let foreignKeys = 0;
  for (const prefix of windowPrefixes(ports.store.feedPrefix, window, window.table)) {
    for await (const listed of ports.store.list(prefix, signal)) {
      const object = readKey(ports.store.feedPrefix, listed);
      if (object === undefined) foreignKeys += 1;
      else if (object.table === window.table && window.from <= object.hour && object.hour < window.to) {
        objects.set(object.hour, [...(objects.get(object.hour) ?? []), object]);
      }
    }
  }
  return { objects, foreignKeys };
}

/**
 * A window of a backfill is not looked at again by its run: what it found absent is said, or such hours would count as not loaded
 * until the next reconcile. At once: beside it an hourly load may find what has come meanwhile, and its word has to be the later one.
 * A single hour is waited for, and recorded by its own workflow.
 */
async function recordAbsentHours(
  ports: LoadPorts,
  window: LoadWindow,
  reports: readonly HourReport[],
  signal: AbortSignal,
): Promise<void> {
  if (countHours(window) === 1) return;
  const absent = reports.filter(({ outcome }) => outcome === 'absent');
  await ports.ledger.recordSightings(
    absent.map(({ hour }) => ({ table: window.table, hour })),
    signal,
  );
}

function skipReport({ hour, outcome, detail }: Exclude<ReturnType<typeof planHour>, LoadDecision>): HourReport {
  return {
    hour,
    outcome,
    ...(detail === undefined ? {} : { detail }),
    ...(outcome === 'ambiguous' ? { reason: 'two-objects' } : {}),
  };
}

/** Cuts the loads into INSERTs, in order. */
function* insertsOf(loads: readonly LoadDecision[]): Generator<LoadDecision[]> {
  let together: LoadDecision[] = [];
  let packedBytes = 0;
  for (const load of loads) {
    const full = together.length >= INSERT_OBJECTS_MAX || packedBytes + load.object.sizeBytes > INSERT_PACKED_BYTES_MAX;
    if (full && together.length > 0) {
      yield together;
      together = [];
      packedBytes = 0;
    }
    together.push(load);
    packedBytes += load.object.sizeBytes;
  }
  if (together.length > 0) yield together;
}

function summarize(window: LoadWindow, reports: HourReport[], foreignKeys: number): LoadReport {
  const { table, from, to } = window;
  const sum = (count: (report: HourReport) => number | undefined): number =>
    reports.reduce((total, report) => total + (count(report) ?? 0), 0);
  const drift = new Map<string, number>(); // a Map, as a field may be called __proto__
  for (const report of reports) {
    for (const [field, lines] of Object.entries(report.drift ?? {})) drift.set(field, (drift.get(field) ?? 0) + lines);
  }
  const counted: readonly HourOutcome[] =
    countHours(window) > LISTED_HOURS_MAX ? ['unchanged', 'current'] : ['unchanged'];
  const count = (wanted: HourOutcome): number => reports.filter(({ outcome }) => outcome === wanted).length;
  return {
    table,
    from,
    to,
    hours: reports.filter(({ outcome }) => !counted.includes(outcome)).sort((a, b) => (a.hour < b.hour ? -1 : 1)),
    ...(counted.includes('current') ? { currentHours: count('current') } : {}),
    unchangedHours: count('unchanged'),
    rows: sum(({ rows }) => rows),
    lines: sum(({ lines }) => lines),
    quarantined: sum(({ quarantined }) => quarantined),
    sizeBytes: sum(({ outcome, sizeBytes }) => (outcome === 'rejected' ? 0 : sizeBytes)),
    drift: Object.fromEntries(drift),
    foreignKeys,
  };
}
