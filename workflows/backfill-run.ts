/** Where a backfill stands: what it was asked, what is done, what it tells. Carried over when it continues as new. */
import { setCurrentDetails } from '@temporalio/workflow';
import { countTableHours, type BackfillPlan, type BackfillWindow } from '../domain/backfill.ts';
import {
  EMPTY_TALLY,
  hoursDone,
  paceOf,
  tallyFailure,
  tallyReport,
  type BackfillTally,
  type BackfillTrouble,
} from '../domain/backfill-tally.ts';
import type { LoadReport } from '../domain/loading.ts';
import { backfillDetails } from './backfill-details.ts';

/** Troubles in the result; the query and the current details tell more. */
const RESULT_TROUBLES_MAX = 50;

/** What is handed to the next run: small, whatever the range. */
export interface BackfillState {
  readonly plan: BackfillPlan;
  /** Truncations that the first run had seen when it began. */
  readonly seen: readonly string[];
  readonly nextWindow: number;
  readonly tally: BackfillTally;
  readonly startedMs: number;
  /** How long it was paused in all, in milliseconds, the pause that lasts left out. */
  readonly pausedMs: number;
  /** Since when it is paused, if it is. */
  readonly pausedSinceMs?: number;
  /** Runs before this one. */
  readonly continued: number;
}

/** What a backfill is doing. */
export type BackfillPhase = 'running' | 'paused' | 'waiting for servers' | 'done' | 'cancelled' | 'stopped';

/** The answer to the query `progress`, and the result. Hours are hours of a table. */
export interface BackfillProgress extends BackfillTally, BackfillPlan {
  readonly phase: BackfillPhase;
  readonly hoursTotal: number;
  readonly hoursDone: number;
  readonly rowsPerSecond: number;
  readonly minutesLeft?: number;
  /** Why it waits or stopped. */
  readonly reason?: string;
  /** How often it continued as new. */
  readonly continued: number;
}

/** A backfill's state while it runs. */
export class BackfillRun {
  /** Loads that ended well in this run: a failure beside them is no outage. */
  successes = 0;
  #state: BackfillState;
  #ended: { readonly phase: BackfillPhase; readonly reason?: string } | undefined;
  #outage: string | undefined;

  constructor(state: BackfillState) {
    this.#state = state;
  }

  /** A run that has done nothing yet. */
  static begin(plan: BackfillPlan, seen: readonly string[], nowMs: number): BackfillRun {
    return new BackfillRun({
      plan,
      seen,
      nextWindow: 0,
      tally: EMPTY_TALLY,
      startedMs: nowMs,
      pausedMs: 0,
      continued: 0,
    });
  }

  get state(): BackfillState {
    return this.#state;
  }

  get paused(): boolean {
    return this.#state.pausedSinceMs !== undefined;
  }

  pause(nowMs: number): void {
    if (!this.paused) this.#set({ ...this.#state, pausedSinceMs: nowMs });
  }

  resume(nowMs: number): void {
    const { pausedSinceMs, ...state } = this.#state;
    if (pausedSinceMs !== undefined) this.#set({ ...state, pausedMs: state.pausedMs + nowMs - pausedSinceMs });
  }

  loaded(report: LoadReport): void {
    this.successes += 1;
    this.#outage = undefined;
    this.#set({ ...this.#state, tally: tallyReport(this.#state.tally, report) });
  }

  failed(window: BackfillWindow, detail: string): void {
    this.#set({ ...this.#state, tally: tallyFailure(this.#state.tally, window, detail) });
  }

  /** Servers cannot be reached; what cannot be loaded now is tried again. */
  outage(reason: string): void {
    this.#outage = reason;
    this.show();
  }

  /** It is over, or stops here. */
  end(phase: 'done' | 'cancelled' | 'stopped', reason?: string): void {
    this.#ended = { phase, ...(reason === undefined ? {} : { reason }) };
    this.show();
  }

  /** The state for the run that goes on from here. */
  carried(windowsTaken: number): BackfillState {
    return {
      ...this.#state,
      nextWindow: this.#state.nextWindow + windowsTaken,
      continued: this.#state.continued + 1,
    };
  }

  progress(nowMs: number): BackfillProgress {
    const { plan, tally, startedMs, pausedMs, pausedSinceMs, continued } = this.#state;
    const hoursTotal = countTableHours(plan);
    const activeMs = (pausedSinceMs ?? nowMs) - startedMs - pausedMs;
    return {
      ...this.#phase(),
      ...plan,
      hoursTotal,
      hoursDone: hoursDone(tally),
      ...paceOf(tally, hoursTotal, activeMs),
      ...tally,
      continued,
    };
  }

  /** The progress with few of its troubles. */
  summary(nowMs: number): BackfillProgress {
    const progress = this.progress(nowMs);
    const troubles: readonly BackfillTrouble[] = progress.troubles.slice(0, RESULT_TROUBLES_MAX);
    return { ...progress, troubles };
  }

  show(): void {
    setCurrentDetails(backfillDetails(this.progress(Date.now())));
  }

  #phase(): { readonly phase: BackfillPhase; readonly reason?: string } {
    if (this.#ended !== undefined) return this.#ended;
    if (this.paused) return { phase: 'paused' };
    return this.#outage === undefined ? { phase: 'running' } : { phase: 'waiting for servers', reason: this.#outage };
  }

  #set(state: BackfillState): void {
    this.#state = state;
    this.show();
  }
}
