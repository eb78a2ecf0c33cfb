import type { FaultCase } from './fault-case.ts';

/** What can go wrong: The ledger itself. */
export const LEDGER_CASES: readonly FaultCase[] = [
  {
    number: 97,
    what: 'A load commits between two snapshots',
    outcome: 'one version whole',
    state: 'shown',
    shownBy: [
      'test/adapters/clickhouse/pinned-views.test.ts: case 97: shows one version whole while a new load commits between its two reads',
      'test/adapters/clickhouse/pinned-views.test.ts: %s when the hour is truncated, purged and swept between its two reads, by a sweep that waits %i ms',
    ],
  },
  {
    number: 98,
    what: 'Sweep picks a slow load that commits',
    outcome: 'refused, or rows kept',
    state: 'shown',
    shownBy: [
      'test/activities/operations/sweep.test.ts: case 98: and a slow commit at the same moment: the commit is refused or abandoned, or its rows are kept',
      'test/model/real-code.test.ts: show readers none or all of exactly one load, in any order of their statements, whoever crashes where',
    ],
  },
  {
    number: 99,
    what: 'Purge and restore at the same moment',
    outcome: 'one wins, whole',
    state: 'shown',
    shownBy: [
      'test/adapters/clickhouse/operations/purge-meets-restore.test.ts: case 99: one wins, whole: %s',
      'test/adapters/clickhouse/operations/purge-meets-restore.test.ts: case 99: a purge wins, whole, that has looked before the restoration writes its row, and gives the loads up behind it',
    ],
    note: 'One of the two is held before each of its statements, and within the server between what it reads and what it writes: each wins where it must.',
  },
  {
    number: 100,
    what: 'An earlier version comes back',
    outcome: 'as the bucket has it, no endless reloading',
    state: 'shown',
    shownBy: [
      'test/faults/s3.test.ts: case 100: an earlier version that comes back, %s, shows as the bucket has it, and is loaded once',
      'test/domain/ledger-interleavings.test.ts: of an object that is replaced, comes back and is replaced again: no endless reloading',
      'test/domain/ledger-interleavings.test.ts: of two attempts while an earlier version comes back: the hour stays visible, at the end it is what the bucket has',
    ],
  },
  {
    number: 101,
    what: 'Worker clock an hour off',
    outcome: 'its reload becomes current',
    state: 'shown',
    shownBy: [
      'test/faults/clock.test.ts: case 101: its forced reload becomes current an hour %s, and so does the next one of a right clock',
    ],
  },
  {
    number: 102,
    what: 'Worker died before building events',
    outcome: 'built by the next lookback',
    state: 'shown',
    shownBy: [
      'test/torture/service.test.ts: case 102: builds the events of an hour with the next lookback when its worker died before',
    ],
  },
  {
    number: 103,
    what: 'Server too old or without the setting',
    outcome: 'refused with the reason',
    state: 'shown',
    shownBy: [
      'test/adapters/clickhouse/unusable-servers.test.ts: case 103: refuse a server with the snapshot setting switched off in its profile',
      'test/adapters/clickhouse/unusable-servers.test.ts: case 103: refuse a server that is too old',
      'test/adapters/clickhouse/setup.test.ts: refuses a server without the snapshot setting, or with it switched off',
      'test/adapters/clickhouse/setup.test.ts: refuses version %s',
    ],
  },
];
