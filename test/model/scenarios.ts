/** What the model explores, and how many states that takes: the numbers are asserted, and docs/reliability.md shows them. */
import type { Scenario } from './state.ts';

/** A scenario with its size. */
export interface SizedScenario {
  readonly what: string;
  readonly scenario: Scenario;
  /** All that can be reached, states alike counted once. */
  readonly states: number;
}

/** Everything that an operator may do, once each. */
export const OPERATOR = { truncates: true, restores: true, purges: true, sweeps: true } as const;

const ALL_MODES = ['all', 'all', 'all'] as const;

/** Small enough for every run. */
export const QUICK: readonly SizedScenario[] = [
  {
    what: 'three attempts, two faults',
    scenario: { attempts: ALL_MODES, bucket: [1], ticks: 2, faults: 2 },
    states: 72_948,
  },
  {
    what: 'three attempts, a truncation and its restoration',
    scenario: { attempts: ALL_MODES, bucket: [1], truncates: true, restores: true, ticks: 1, faults: 0 },
    states: 52_691,
  },
  {
    what: 'two attempts wrong about the clock, a fault, a sweep',
    scenario: { attempts: ['all', 'all'], bucket: [1], sweeps: true, ticks: 4, faults: 1, skews: [-1, 0, 1] },
    states: 21_213,
  },
  {
    what: 'two attempts while an earlier version comes back and goes, a fault',
    scenario: { attempts: ['changed', 'changed'], bucket: [2, 1, 2], ticks: 2, faults: 1 },
    states: 5_102,
  },
  {
    what: 'an attempt, a truncation, a restoration, a purge and a sweep',
    scenario: { attempts: ['all'], bucket: [1], ...OPERATOR, ticks: 4, faults: 0 },
    states: 24_165,
  },
];

/** For `DEEP=1`: a minute at most but the last two, which take some seven minutes and two gigabytes each. */
export const DEEP: readonly SizedScenario[] = [
  {
    what: 'three attempts wrong about the clock, a fault',
    scenario: { attempts: ALL_MODES, bucket: [1], ticks: 2, faults: 1, skews: [-1, 0, 1] },
    states: 161_626,
  },
  {
    what: 'three attempts, a fault, a sweep',
    scenario: { attempts: ALL_MODES, bucket: [1], sweeps: true, ticks: 4, faults: 1 },
    states: 135_739,
  },
  {
    what: 'two attempts while an earlier version comes back and goes, a fault, a sweep',
    scenario: { attempts: ['all', 'changed'], bucket: [2, 1, 2], sweeps: true, ticks: 4, faults: 1 },
    states: 55_269,
  },
  {
    what: 'an attempt and all of the operator, a fault',
    scenario: { attempts: ['all'], bucket: [1], ...OPERATOR, ticks: 4, faults: 1 },
    states: 65_007,
  },
  {
    what: 'two attempts and all of the operator',
    scenario: { attempts: ['all', 'all'], bucket: [1], ...OPERATOR, ticks: 4, faults: 0 },
    states: 594_375,
  },
  {
    what: 'two attempts wrong about the clock and all of the operator, a fault',
    scenario: { attempts: ['all', 'all'], bucket: [1], ...OPERATOR, ticks: 3, faults: 1, skews: [-1, 0, 1] },
    states: 4_404_090,
  },
  {
    what: 'three attempts and all of the operator',
    scenario: { attempts: ALL_MODES, bucket: [1], ...OPERATOR, ticks: 3, faults: 0 },
    states: 5_347_870,
  },
];
