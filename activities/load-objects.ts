/**
 * Loads some objects of one table: one INSERT for all that go well together, then count, verify, commit.
 * Objects that need more care are tried again: those with undeclared fields together by the lifted path; what is refused in company
 * together by the lifted path -> in smaller companies -> alone -> by the exact path.
 */
import { log } from '@temporalio/activity';
import { CATALOGUE, type TableName } from '../domain/catalogue.ts';
import {
  NeedsExactPathError,
  ObjectChangedError,
  OutcomeUnknownError,
  VerificationError,
  type ObjectRejectedError,
  type RejectionReason,
} from '../domain/errors.ts';
import { entryName } from '../domain/feed-object.ts';
import type { AbandonReason, Receipt } from '../domain/ledger.ts';
import type { LoadId } from '../domain/load-id.ts';
import type { HourReport, LinePath, LoadProgress } from '../domain/loading.ts';
import type { LoadDecision } from '../domain/plan.ts';
import type { Attempt } from './attempt.ts';
import { withLoadIds } from './load-ids.ts';
import { streamObjects, type ObjectInStream, type StreamResult } from './object-stream.ts';
import type {
  ArchiveReader,
  CommitOutcome,
  InsertLoad,
  Ledger,
  LoadIds,
  ObjectStore,
  StoredCounts,
  Warehouse,
} from './ports.ts';

/** What the loading activities need of the world. */
export interface LoadPorts {
  readonly store: ObjectStore;
  readonly archives: ArchiveReader;
  readonly warehouse: Warehouse;
  readonly ledger: Ledger;
  readonly loadIds: LoadIds;
  /** Names this worker in receipts. */
  readonly workerName: string;
}

/** What stays the same over one activity call. */
export interface LoadCall {
  readonly ports: LoadPorts;
  readonly attempt: Attempt;
  readonly table: TableName;
  readonly seen: readonly string[];
  /** The server refuses commits of this attempt after this instant of its clock, milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly progress: LoadProgress;
}

/** What a bit flipped on the way can look like: such an object is read once more before it is rejected. */
const MAYBE_FLIPPED: readonly RejectionReason[] = ['crc-mismatch', 'archive-broken'];

/** One try of one object. */
interface ObjectTry {
  readonly decision: LoadDecision;
  readonly path: LinePath;
  /** Whether what looked like a flipped bit was already read again. */
  readonly reread: boolean;
  /** The greatest id of its table and hour, that of an earlier try included. */
  readonly greatestLoadId?: LoadId | undefined;
}

/** Loads the objects; the answer has one report for each. */
export async function loadObjects(call: LoadCall, decisions: readonly LoadDecision[]): Promise<HourReport[]> {
  return loadTogether(
    call,
    decisions.map((decision) => ({ decision, path: 'fast', reread: false, greatestLoadId: decision.greatestLoadId })),
  );
}

async function loadTogether(call: LoadCall, tries: readonly ObjectTry[]): Promise<HourReport[]> {
  const jobs = await stamp(call, tries);
  call.progress.phase = 'loading';
  const results = await insertTogether(call, jobs);
  if (results === undefined && jobs.length > 1) return loadRefused(call, jobs);
  const reports: HourReport[] = [];
  const stored: (Job & { result: StreamResult & { kind: 'sent' } })[] = [];
  const drifting: ObjectTry[] = [];
  const again: ObjectTry[] = [];
  for (const [position, job] of jobs.entries()) {
    const result = results?.[position];
    if (result?.kind === 'sent') stored.push({ ...job, result });
    else if (result?.kind === 'drifting') drifting.push(nextTry(job, 'lifted'));
    else if (result?.kind === 'rejected' && (job.reread || !MAYBE_FLIPPED.includes(result.error.reason))) {
      reports.push(await reject(call, job, result.error));
    } else again.push(await giveUp(call, job, result));
  }
  reports.push(...(await commitStored(call, stored)));
  if (drifting.length > 0) reports.push(...(await loadTogether(call, drifting)));
  for (const objectTry of again) reports.push(...(await loadTogether(call, [objectTry])));
  return reports;
}

/** ClickHouse refused a line of one of them: by the lifted path first, then in companies of the root of their number, then alone. */
async function loadRefused(call: LoadCall, jobs: readonly Job[]): Promise<HourReport[]> {
  await abandonQuietly(call, jobs, 'exact-path-needed');
  const tries = jobs.map((job) => nextTry(job, 'lifted'));
  if (jobs[0]?.path === 'fast') return loadTogether(call, tries);
  const company = Math.floor(Math.sqrt(tries.length));
  const reports: HourReport[] = [];
  for (let i = 0; i < tries.length; i += company) {
    reports.push(...(await loadTogether(call, tries.slice(i, i + company))));
  }
  return reports;
}

function nextTry({ decision, reread, loadId }: Job, path: LinePath): ObjectTry {
  return { decision, reread, path, greatestLoadId: loadId };
}

type Job = ObjectTry & ObjectInStream & InsertLoad;

/** Gives each its load id, and its number within the INSERT. */
async function stamp({ ports, table, attempt }: LoadCall, tries: readonly ObjectTry[]): Promise<Job[]> {
  const stamped = await withLoadIds(tries, ports.loadIds, attempt.signal);
  return stamped.map((objectTry, position) => {
    const { hour, object } = objectTry.decision;
    return { ...objectTry, index: position + 1, hour, object, entryName: entryName(table) };
  });
}

/** @returns what became of each job, or undefined when ClickHouse refused a line of one of them. */
async function insertTogether(call: LoadCall, jobs: readonly Job[]): Promise<readonly StreamResult[] | undefined> {
  const { ports, attempt, table } = call;
  const results: StreamResult[] = [];
  const lines = streamObjects(
    { ...ports, table: CATALOGUE[table], signal: attempt.signal, progress: call.progress },
    jobs,
    results,
  );
  try {
    await ports.warehouse.insertRows(table, jobs, jobs[0]?.path ?? 'fast', lines, attempt.signal);
    return results;
  } catch (error) {
    if (error instanceof NeedsExactPathError) return undefined;
    await abandonQuietly(call, jobs, abandonReasonOf(error));
    throw error;
  } finally {
    await lines.return(undefined);
  }
}

function abandonReasonOf(error: unknown): AbandonReason {
  if (error instanceof OutcomeUnknownError) return 'outcome-unknown';
  return error instanceof ObjectChangedError ? 'object-changed' : 'attempt-failed';
}

/** Abandons the id and says how the object is tried next, alone. */
async function giveUp(call: LoadCall, job: Job, result: StreamResult | undefined): Promise<ObjectTry> {
  if (result?.kind === 'rejected') {
    await abandonQuietly(call, [job], 'attempt-failed');
    return { ...nextTry(job, job.path), reread: true };
  }
  await abandonQuietly(call, [job], 'exact-path-needed');
  return nextTry(job, 'exact');
}

async function reject(call: LoadCall, job: Job, error: ObjectRejectedError): Promise<HourReport> {
  const { hour, loadId, object } = job;
  await call.ports.ledger.reject({
    table: call.table,
    hour,
    loadId,
    object,
    reason: error.reason,
    detail: error.message,
  });
  log.warn('Object rejected', { table: call.table, hour, loadId, key: object.key, reason: error.reason });
  return { hour, outcome: 'rejected', reason: error.reason, detail: error.message, sizeBytes: object.sizeBytes };
}

async function commitStored(
  call: LoadCall,
  stored: readonly (Job & { result: StreamResult & { kind: 'sent' } })[],
): Promise<HourReport[]> {
  if (stored.length === 0) return [];
  const { ports, attempt, table } = call;
  call.progress.phase = 'verifying';
  const counts = await ports.warehouse.countStored(table, stored, attempt.signal);
  const receipts: Receipt[] = [];
  for (const job of stored) receipts.push(await receiptOf(call, job, counts.get(job.loadId)));
  call.progress.phase = 'committing';
  const withdraw = stored.flatMap(({ hour, decision }) => decision.withdraw.map((loadId) => ({ hour, loadId })));
  const outcomes = await ports.ledger.commit(
    { table, receipts, withdraw, deadlineMs: call.deadlineMs },
    attempt.signal,
  );
  const committed = receipts.map((receipt) => ({ receipt, outcome: outcomes.get(receipt.loadId) ?? 'abandoned' }));
  logCommitted(committed);
  return committed.map(({ receipt: { hour, lines, rows, quarantined, object, drift }, outcome }) => {
    return { hour, outcome, lines, rows, quarantined, sizeBytes: object.sizeBytes, drift };
  });
}

/** One line for each INSERT: with one for each of its loads a backfill would write a hundred thousand, and their receipts say more. */
function logCommitted(committed: readonly { readonly receipt: Receipt; readonly outcome: CommitOutcome }[]): void {
  const [first] = committed;
  if (first === undefined) return;
  const { table, hour, loadId, rows, quarantined, object } = first.receipt;
  if (committed.length === 1) {
    log.info('Load committed', { table, hour, loadId, outcome: first.outcome, rows, quarantined, key: object.key });
    return;
  }
  const hours = committed.map(({ receipt }) => receipt.hour).sort();
  const sum = (key: 'rows' | 'quarantined'): number =>
    committed.reduce((total, { receipt }) => total + receipt[key], 0);
  log.info('Loads committed', {
    table,
    firstHour: hours[0],
    lastHour: hours.at(-1),
    loads: committed.length,
    notCurrent: committed.filter(({ outcome }) => outcome !== 'current').length,
    rows: sum('rows'),
    quarantined: sum('quarantined'),
  });
}

/** The receipt, once what is stored agrees with what was read. */
async function receiptOf(
  call: LoadCall,
  job: Job & { result: StreamResult & { kind: 'sent' } },
  counts: StoredCounts | undefined,
): Promise<Receipt> {
  const { lines, quarantined, facts, drift } = job.result;
  const rows = lines - quarantined;
  if (counts?.rows !== rows || counts.distinctLines !== rows || counts.quarantined !== quarantined) {
    await abandonQuietly(call, [job], 'verification-failed');
    throw new VerificationError(
      `Cannot commit ${job.object.key} as what is stored differs from what was read: expected ${rows} rows and ` +
        `${quarantined} quarantined lines, found ${counts?.rows ?? 0} rows of ${counts?.distinctLines ?? 0} lines and ` +
        `${counts?.quarantined ?? 0} quarantined`,
    );
  }
  const { key, etag, sizeBytes, modifiedMs } = job.object;
  return {
    table: call.table,
    hour: job.hour,
    loadId: job.loadId,
    object: { key, etag, sizeBytes, modifiedMs },
    crc32: facts.crc32,
    entrySizeBytes: facts.sizeBytes,
    lines,
    rows,
    quarantined,
    drift,
    nulls: counts.nulls,
    seen: call.seen,
    workflowId: call.attempt.workflowId,
    runId: call.attempt.runId,
    attempt: call.attempt.number,
    worker: call.ports.workerName,
  };
}

/** An id that never commits is never visible: abandoning it only lets the sweep know sooner, so a failure to do so is no failure of the load. */
async function abandonQuietly(call: LoadCall, loads: readonly InsertLoad[], reason: AbandonReason): Promise<void> {
  try {
    await call.ports.ledger.abandon(call.table, loads, reason);
  } catch {
    // The sweep finds orphans from the raw rows themselves.
  }
}
