/** The coverage of a long range, day by day: a year of cells is too much for a page. */
import type { CoverageCell, CoverageState } from '../../domain/coverage.ts';
import type { CoverageDay } from '../wire.ts';

/** Counts the states of each UTC day; days in the order of the cells. */
export function coverageDays(cells: readonly CoverageCell[]): CoverageDay[] {
  const days = new Map<string, { day: string; states: Partial<Record<CoverageState, number>>; quarantined: number }>();
  for (const { hour, state, quarantined } of cells) {
    const day = hour.slice(0, 10);
    const entry = days.get(day) ?? { day, states: {}, quarantined: 0 };
    days.set(day, entry);
    entry.states[state] = (entry.states[state] ?? 0) + 1;
    entry.quarantined += quarantined;
  }
  return [...days.values()];
}
