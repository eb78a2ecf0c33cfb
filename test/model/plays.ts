/** Who takes part in a play of the real code, what goes wrong, and whose turn it is when. */
import fc from 'fast-check';
import type { Deed, LoadRules, StepFault } from './actors.ts';
import type { Stretch } from './turns.ts';

/** An attempt, and where it fails. */
export type PlayedAttempt = LoadRules & { readonly fault: StepFault | undefined };

/** One play. The actors are `attempt 1` and so on, `operator`, `sweep` and `publisher`. */
export interface Play {
  /** Whether the first version was loaded before. */
  readonly isLoaded: boolean;
  readonly attempts: readonly PlayedAttempt[];
  readonly deeds: readonly Deed[];
  readonly deedFault: StepFault | undefined;
  readonly sweeps: boolean;
  readonly republishes: boolean;
  readonly stretches: readonly Stretch[];
}

/** Most steps that an actor takes before another may have its turn: as many as a load has. */
const STRETCH_MAX = 8;
const STRETCHES = 30;
/** How wrong random attempts are about the server's clock. */
const AHEAD_MS = [0, 0, 1_500, -1_500] as const;
/** More than another load takes. */
const FAR_AHEAD_MS = 5_000;

/** Random plays. Some actors overtake others by a whole load, which they hardly do when each step is chosen alone. */
export function plays(): fc.Arbitrary<Play> {
  const fault = fc.option(
    fc.record({
      at: fc.nat({ max: 9 }),
      kind: fc.constantFrom('crash-before', 'crash-after', 'lose-answer'),
    }),
    { nil: undefined },
  );
  const attempt = fc.record({
    mode: fc.constantFrom('all', 'changed'),
    aheadMs: fc.constantFrom(...AHEAD_MS),
    fault,
  });
  const stretch = fc.record({
    who: fc.constantFrom('attempt 1', 'attempt 2', 'attempt 3', 'operator', 'sweep', 'publisher'),
    steps: fc.integer({ min: 1, max: STRETCH_MAX }),
  });
  return fc.record({
    isLoaded: fc.boolean(),
    attempts: fc.array(attempt, { minLength: 1, maxLength: 3 }),
    deeds: fc.constantFrom<readonly Deed[]>([], ['truncate'], ['truncate', 'restore'], ['truncate', 'purge', 'sweep']),
    deedFault: fault,
    sweeps: fc.boolean(),
    republishes: fc.boolean(),
    stretches: fc.array(stretch, { minLength: STRETCHES, maxLength: STRETCHES }),
  });
}

const ATTEMPT: PlayedAttempt = { mode: 'all', aheadMs: 0, fault: undefined };
const QUIET: Play = {
  isLoaded: true,
  attempts: [ATTEMPT],
  deeds: [],
  deedFault: undefined,
  sweeps: false,
  republishes: false,
  stretches: [],
};

/**
 * Tried first, as random plays meet them rarely. Each fails when a safeguard is taken away:
 * 1. `loadTable` takes the truncations that it finds for those its run had read, and does not refuse: a load whose run began before a
 *    truncation goes on behind it
 * 2. the load id alone decides which load is current: an attempt whose clock is ahead has read a version, and commits when a later version
 *    is visible. With a right clock nobody could tell: an id is made before its object is read, so that of a later version is greater
 * 3. the view shows loads that are abandoned: a sweep finds the rows of an attempt, gives the attempt up after it has committed, and deletes
 *    the rows, while the load of before stands
 */
export const RARE_PLAYS: readonly Play[] = [
  {
    ...QUIET,
    deeds: ['truncate'],
    stretches: [{ who: 'attempt 1', until: 'read the ledger' }, { who: 'operator' }],
  },
  {
    ...QUIET,
    attempts: [{ ...ATTEMPT, aheadMs: FAR_AHEAD_MS }, ATTEMPT],
    republishes: true,
    stretches: [{ who: 'attempt 1', until: 'commit' }, { who: 'publisher' }, { who: 'attempt 2' }],
  },
  {
    ...QUIET,
    sweeps: true,
    stretches: [
      { who: 'attempt 1', until: 'commit' },
      { who: 'sweep', until: 'give up' },
      { who: 'attempt 1', steps: 1 },
      { who: 'sweep' },
    ],
  },
];
