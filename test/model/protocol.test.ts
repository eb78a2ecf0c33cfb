/**
 * The load protocol, explored exhaustively: readers see none or all of exactly one load, whoever crashes where. Crashes are part of every
 * scenario, as any client may take no further step; faults are unknown outcomes and partial inserts. `DEEP=1` explores more.
 */
import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { protocol } from './protocol.ts';
import { DEEP, OPERATOR, QUICK } from './scenarios.ts';
import { exactKey } from './state-key.ts';
import type { Safeguards, Scenario, State } from './state.ts';

const isDeep = process.env['DEEP'] === '1';
const STATES_MAX = isDeep ? 30_000_000 : 400_000;

describe('the load protocol', () => {
  it.each([...QUICK, ...(isDeep ? DEEP : [])])(
    'shows none or all of exactly one load: $what',
    ({ scenario, states }) => {
      const found = explore(protocol(scenario), { statesMax: STATES_MAX });
      expect(found.violation).toBeUndefined();
      expect(found.states).toBe(states);
    },
    isDeep ? 3_600_000 : 120_000,
  );
});

describe('the short text of a state', () => {
  it.each<[string, Scenario]>([
    ['an attempt and all of the operator', { attempts: ['all'], bucket: [1], ...OPERATOR, ticks: 3, faults: 1 }],
    [
      'two attempts and a sweep',
      { attempts: ['all', 'all'], bucket: [1], sweeps: true, ticks: 3, faults: 1, skews: [-1, 1] },
    ],
    [
      'two attempts, a truncation and its restoration',
      { attempts: ['all', 'all'], bucket: [1], ...OPERATOR, ticks: 1, faults: 0 },
    ],
    ['attempts of two kinds', { attempts: ['all', 'changed'], bucket: [1, 2], ticks: 1, faults: 1 }],
  ])(
    'is equal only where what can follow is equal: %s',
    (_name, scenario) => {
      const model = protocol(scenario);
      const futures = new Map<string, string>();
      const futureOf = (state: State): string =>
        [...new Set([...model.steps(state)].map(([, next]) => model.keyOf(next)))].sort().join('\n');
      const { states, violation } = explore(
        {
          ...model,
          keyOf: exactKey,
          stateFault(state) {
            const [key, future] = [model.keyOf(state), futureOf(state)];
            const known = futures.get(key) ?? future;
            futures.set(key, known);
            return known === future ? undefined : `of ${key}\n${known}\nor\n${future}`;
          },
        },
        { statesMax: STATES_MAX },
      );
      expect(violation).toBeUndefined();
      expect(futures.size).toBeLessThan(states);
    },
    120_000,
  );
});

/** A clock wrong by more than the sweep's waits: what the second locks are for. */
const VERY_WRONG = {
  attempts: ['changed'],
  bucket: [2, 1],
  sweeps: true,
  sweepActsAtOnce: true,
  ticks: 2,
  faults: 0,
  skews: [3],
} as const satisfies Scenario;

const ALONE = { attempts: ['all'], bucket: [1], ticks: 0, faults: 0 } as const satisfies Scenario;
const RETURNING = { attempts: ['changed'], bucket: [2, 1], ticks: 0, faults: 0 } as const satisfies Scenario;
const MEETING = { ...ALONE, truncates: true, restores: true, purges: true, ticks: 2 } as const satisfies Scenario;

/** What each safeguard is for: the scenario where the model finds what goes wrong without it. */
const NEEDED: readonly (readonly [keyof Safeguards, string, Scenario])[] = [
  ['countsBeforeCommit', 'readers see a part of a load', { ...ALONE, faults: 1 }],
  [
    'commitChecksDeadline',
    'at the end readers do not see what the bucket has',
    { attempts: ['changed'], bucket: [2, 1, 2], ticks: 0, faults: 0 },
  ],
  ['commitChecksDeadline', 'a running query loses rows', { ...ALONE, sweeps: true, ticks: 4 }],
  ['commitChecksAbandoned', 'the hour vanishes', VERY_WRONG],
  ['keepsUnknownCommit', 'the hour vanishes', { ...RETURNING, faults: 1 }],
  ['readsTruncationsAtBegin', 'a load shows from before the truncation', { ...ALONE, truncates: true }],
  [
    'readsLedgerBeforeBucket',
    'readers go back to an older version',
    { attempts: ['changed', 'changed'], bucket: [1, 2], ticks: 0, faults: 0 },
  ],
  ['sweepGivesUpFirst', 'readers see a part of a load', VERY_WRONG],
  ['sweepWaitsUntilSettled', 'a running query loses rows', { ...ALONE, sweeps: true, ticks: 1 }],
  ['sweepWaitsForPurge', 'the hour vanishes', { ...ALONE, ...OPERATOR, ticks: 1 }],
  ['pinsLedgerFirst', 'a query sees a part of a load', ALONE],
  ['abandonedIsTerminal', 'at the end readers do not see what the bucket has', RETURNING],
  ['restoreLooksForPurge', 'what was restored is purged', MEETING],
  ['purgeLooksForRestore', 'what was restored is purged', MEETING],
];

describe('the model', () => {
  it.each(NEEDED)('finds what goes wrong without %s: %s', (safeguard, fault, scenario) => {
    const { violation } = explore(protocol(scenario, { [safeguard]: false }), { statesMax: STATES_MAX });
    expect(violation?.fault, violation?.story.join('\n')).toBe(fault);
    // And with it nothing does.
    expect(explore(protocol(scenario), { statesMax: STATES_MAX }).violation).toBeUndefined();
  });
});
