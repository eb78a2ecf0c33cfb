/** Which demo feed a stack holds: chosen at its first start, kept from then on. */
import { InputError } from '../../domain/errors.ts';
import { addHours, lastCompleteHour } from '../../domain/hour.ts';
import { saveState, type DemoState, type StackState } from '../state.ts';
import { DEFAULT_FEED, type Imperfection } from './publications.ts';

/** What the user asks for; whatever is left out is as it is, or as it is by default. */
export interface DemoWish {
  /** Hours of the past, the one that has just ended included. */
  readonly hours?: number;
  readonly rowsPerHour?: number;
  readonly seed?: number;
  readonly imperfections?: readonly Imperfection[];
}

export const DEFAULT_HOURS = 48;

/**
 * The demo feed of the stack in `dir`, chosen now if it has none yet.
 * @throws {InputError} when the wish differs from what the stack holds: objects of two feeds would mix
 */
export function chooseDemo(dir: string, state: StackState, wish: DemoWish, nowMs: number): DemoState {
  if (state.demo !== undefined) return checkWish(dir, state.demo, wish);
  const { hours = DEFAULT_HOURS, ...rest } = wish;
  const { seed, rowsPerHour, imperfections } = { ...DEFAULT_FEED, ...rest };
  const demo: DemoState = {
    from: addHours(lastCompleteHour(nowMs), 1 - hours),
    hours,
    seed,
    rowsPerHour,
    imperfections: [...imperfections],
  };
  saveState(dir, { ...state, demo });
  return demo;
}

function checkWish(dir: string, demo: DemoState, wish: DemoWish): DemoState {
  for (const [name, wished] of Object.entries(wish)) {
    const held = demo[name as keyof DemoWish];
    if (JSON.stringify(wished) === JSON.stringify(held)) continue;
    throw new InputError(
      `Cannot change the demo feed: ${dir} holds one with ${name} ${String(held)}, found ${String(wished)}; ` +
        `leave the option out, or remove ${dir} to begin anew`,
    );
  }
  return demo;
}
