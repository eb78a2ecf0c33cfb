/**
 * A reader that remembers its answers for as long as the ledger stays as it was. All that panels show follows from the ledger, which
 * is only ever added to, and from which hours have ended: who comes back to a panel, or is the second to ask, waits for nothing.
 */
import { lastCompleteHour } from '../domain/hour.ts';
import type { DashboardReader, ReadOptions } from './reader.ts';

/** What answers follow from. */
export interface AnswersWorld {
  /** Names the state of the ledger: another text after every change. */
  readonly ledgerVersion: (signal?: AbortSignal) => Promise<string>;
  /** Clock, milliseconds since 1970. */
  readonly nowMs: () => number;
}

/** What remembering needs. */
export interface RememberingOptions extends AnswersWorld {
  /** Answers kept; those not asked for the longest time go first. */
  readonly answersMax?: number;
}

const ANSWERS_MAX = 300;

/** Another text whenever answers may be others: after each change of the ledger, and after each hour. */
export async function answersState({ ledgerVersion, nowMs }: AnswersWorld, signal?: AbortSignal): Promise<string> {
  return `${lastCompleteHour(nowMs())} ${await ledgerVersion(signal)}`;
}

/** Answers that may be large, of ranges without end, or that are cheap, are not kept: coverage, hours, extent. */
export function createRememberingReader(reader: DashboardReader, options: RememberingOptions): DashboardReader {
  const { answersMax = ANSWERS_MAX } = options;
  const answers = new Map<string, unknown>();

  async function remember<T>(question: readonly unknown[], ask: () => Promise<T>, read?: ReadOptions): Promise<T> {
    // Read first: what is answered then is of this state or a later one, never of an earlier one.
    const key = JSON.stringify([await answersState(options, read?.signal), question]);
    const known = answers.get(key);
    const answer = known === undefined ? await ask() : (known as T);
    answers.delete(key);
    answers.set(key, answer);
    for (const oldest of answers.keys()) {
      if (answers.size <= answersMax) break;
      answers.delete(oldest);
    }
    return answer;
  }

  return {
    extent: (read) => reader.extent(read),
    coverage: (range, read) => reader.coverage(range, read),
    coverageDays: (range, read) => reader.coverageDays(range, read),
    hour: (hour, read) => reader.hour(hour, read),
    kpis: (query, family, read) => remember(['kpis', query, family], () => reader.kpis(query, family, read), read),
    series: (query, grain, family, read) =>
      remember(['series', query, grain, family], () => reader.series(query, grain, family, read), read),
    breakdown: (query, request, read) =>
      remember(['breakdown', query, request], () => reader.breakdown(query, request, read), read),
    funnel: (query, read) => remember(['funnel', query], () => reader.funnel(query, read), read),
    products: (query, read) => remember(['products', query], () => reader.products(query, read), read),
    map: (query, limit, read) => remember(['map', query, limit], () => reader.map(query, limit, read), read),
    heatmap: (query, read) => remember(['heatmap', query], () => reader.heatmap(query, read), read),
    scorecard: (range, thresholds, read) =>
      remember(['scorecard', range, thresholds], () => reader.scorecard(range, thresholds, read), read),
  };
}
