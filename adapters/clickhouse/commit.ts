/** Commits loads and finds out, whatever happens to the connection, what became of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Commit, CommitOutcome } from '../../activities/ports.ts';
import { CommitRefusedError, OutcomeUnknownError, UnavailableError } from '../../domain/errors.ts';
import { addHours, type HourRange } from '../../domain/hour.ts';
import type { LoadId } from '../../domain/load-id.ts';
import { loadFates } from '../../domain/window-state.ts';
import type { LedgerTable } from './ledger-table.ts';

/** Waits between the tries; the last repeats. */
const RETRY_DELAYS_MS = [100, 300, 1_000, 3_000] as const;
/**
 * How long after the deadline a commit of unknown outcome is looked for: a statement is given up by the server's own
 * receive timeout (30 s) or by ours (60 s), so what has not appeared by then will hardly appear.
 */
const LATE_COMMIT_MS = 90_000;
/** A ledger that cannot even be read is given up after this, if the signal does not end it first. */
const GIVE_UP_MS = 10 * 60_000;

/**
 * Writes the rows and reads back until the outcome is definite. Rows of unknown outcome are written again, identical: a second
 * copy has no effect.
 * @throws {CommitRefusedError} when the deadline had passed: nothing is committed, and nothing is on its way
 * @throws {OutcomeUnknownError} when it cannot be found out; the loads may still become visible, as they should
 */
export async function commitLoads(
  ledger: LedgerTable,
  commit: Commit,
  signal: AbortSignal,
): Promise<Map<LoadId, CommitOutcome>> {
  const startedMs = performance.now();
  let isUncertain = false;
  for (let tries = 0; performance.now() - startedMs < GIVE_UP_MS; tries += 1) {
    if (!(await tryOrUncertain(() => ledger.commit(commit, signal))).ok) isUncertain = true;
    const reading = await tryOrUncertain(() => readBack(ledger, commit, signal));
    if (reading.ok) {
      if (reading.value.outcomes !== undefined) return reading.value.outcomes;
      if (reading.value.serverNowMs > commit.deadlineMs && !isUncertain)
        throw refused(commit, reading.value.serverNowMs);
      if (reading.value.serverNowMs > commit.deadlineMs + LATE_COMMIT_MS) break;
    }
    await sleep(RETRY_DELAYS_MS[Math.min(tries, RETRY_DELAYS_MS.length - 1)], undefined, { signal });
  }
  throw new OutcomeUnknownError(
    `Cannot tell whether the commit of ${commit.receipts.length} loads of ${commit.table} took effect`,
  );
}

interface ReadBack {
  readonly serverNowMs: number;
  /** Undefined while the ledger lacks one of the loads. */
  readonly outcomes: Map<LoadId, CommitOutcome> | undefined;
}

async function readBack(ledger: LedgerTable, { table, receipts }: Commit, signal: AbortSignal): Promise<ReadBack> {
  const { serverNowMs, events } = await ledger.read(table, rangeOf(receipts), signal);
  const outcomes = new Map<LoadId, CommitOutcome>();
  for (const [loadId, fate] of loadFates(
    receipts.map((receipt) => receipt.loadId),
    events,
  )) {
    if (fate === 'absent') return { serverNowMs, outcomes: undefined };
    outcomes.set(loadId, fate);
  }
  return { serverNowMs, outcomes };
}

function rangeOf(receipts: Commit['receipts']): HourRange {
  const hours = receipts.map(({ hour }) => hour).sort();
  const [from] = hours;
  const last = hours.at(-1);
  if (from === undefined || last === undefined)
    throw new RangeError('Cannot commit: found no receipt, expected one at least');
  return { from, to: addHours(last, 1) };
}

/** Errors after which the ledger has to be asked; all others are thrown on. */
async function tryOrUncertain<T>(work: () => Promise<T>): Promise<{ ok: true; value: T } | { ok: false }> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof OutcomeUnknownError || error instanceof UnavailableError) return { ok: false };
    throw error;
  }
}

function refused({ table, receipts, deadlineMs }: Commit, serverNowMs: number): CommitRefusedError {
  return new CommitRefusedError(
    `Cannot commit ${receipts.length} loads of ${table} as the attempt's deadline has passed: found ` +
      `${new Date(serverNowMs).toISOString()}, expected before ${new Date(deadlineMs).toISOString()}`,
  );
}
