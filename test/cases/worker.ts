import type { FaultCase } from './fault-case.ts';

/** What can go wrong: Temporal and the worker. */
export const WORKER_CASES: readonly FaultCase[] = [
  {
    number: 74,
    what: 'SIGKILL of the worker',
    outcome: 'exact',
    state: 'shown',
    shownBy: [
      'test/torture/torture.test.ts: cases 73 and 74: are exact after SIGKILL of the worker and of ClickHouse at every step, and after SIGSTOP',
      'test/acceptance/exactly-once.test.ts: has exact counts after its worker was killed with SIGKILL at random during 50 loads, without any manual step',
    ],
  },
  {
    number: 75,
    what: 'SIGSTOP past the heartbeat, then SIGCONT',
    outcome: 'one visible',
    state: 'shown',
    shownBy: [
      'test/faults/worker.test.ts: case 75: stopped past the heartbeat and continued when another one has committed, shows the hour once',
    ],
  },
  {
    number: 76,
    what: 'Three overlapping attempts',
    outcome: 'one visible',
    state: 'shown',
    shownBy: [
      'test/faults/clock.test.ts: case 76: three that all wait before their commit, committed in every order, show the hour once',
    ],
  },
  {
    number: 77,
    what: 'SIGTERM during a load',
    outcome: 'grace, hand-over',
    state: 'shown',
    shownBy: ['test/faults/worker.test.ts: case 77: stopped with SIGTERM while %s'],
  },
  {
    number: 78,
    what: 'Temporal down for minutes',
    outcome: 'continues',
    state: 'shown',
    shownBy: [
      'test/torture/service.test.ts: cases 74 and 78: is exact after SIGKILL and SIGSTOP of its worker, of ClickHouse and of Temporal at steps of loads, backfills, truncations and restorations',
      'test/faults/temporal.test.ts: case 78: loads every hour once, cut, reset, stalled and delayed at byte N in both directions, and while Temporal is away',
    ],
    note: 'Away for seconds in every run; npm run torture kills and stops its process under workflows, once for 130 seconds, and compares what a sweep leaves',
  },
  {
    number: 79,
    what: 'Schedule down for 3 days',
    outcome: 'all hours caught up',
    state: 'shown',
    shownBy: [
      'test/client/service.test.ts: clickfeed setup makes a schedule that drops nothing, and leaves it paused when it was',
      'test/acceptance/schedule-catchup.test.ts: case 79: the schedule of clickfeed setup, missed for three days, starts a run for each of the 72 hours, and each is loaded once',
    ],
    note: 'Nobody waits three days: Temporal is killed, and what it had stored of the schedule is put back by 72 hours before it comes up again',
  },
  {
    number: 80,
    what: 'A load longer than an hour',
    outcome: 'no hour skipped',
    state: 'shown',
    shownBy: [
      'test/client/service.test.ts: clickfeed setup makes a schedule that drops nothing, and leaves it paused when it was',
      'test/faults/worker.test.ts: case 80: starts the next hours by its schedule while the load of the first one lasts, and skips none',
    ],
  },
  {
    number: 81,
    what: 'Schedule, backfill and manual run at once',
    outcome: 'one visible',
    state: 'shown',
    shownBy: [
      'test/faults/worker.test.ts: case 81: shows an hour once that the schedule, a backfill, `load` and a second run load at the same time',
    ],
  },
  {
    number: 82,
    what: 'Backfill cancelled and started 20 times',
    outcome: 'finishes, history bounded',
    state: 'shown',
    shownBy: [
      'test/acceptance/operations.test.ts: case 82: ends with every hour visible once, interrupted and started again 20 times, with a history below 10,000 events',
    ],
  },
  {
    number: 83,
    what: 'Changed workflow code',
    outcome: 'replay passes',
    state: 'shown',
    shownBy: [
      'test/workflows/replay.test.ts: case 83: %s replays with the workflows of today',
      'test/workflows/replay.test.ts: a history with %s does not replay, so that a changed workflow is noticed',
    ],
  },
  {
    number: 84,
    what: 'Truncate during loads and a backfill',
    outcome: 'empty at once and for good',
    state: 'shown',
    shownBy: [
      'test/acceptance/operations.test.ts: during hourly loads and a backfill empties all at once and for good, and restoreTables() brings back exactly what it hid',
      'test/activities/operations/truncate.test.ts: hides what a load in flight commits later, also a zombie of long ago',
      'test/faults/clock.test.ts: case 84: %s by an hour, a load that was in flight when its hour was cleared stays hidden, and one that begins after shows',
    ],
  },
  {
    number: 85,
    what: 'Truncate twice, retried, restored',
    outcome: 'right each time',
    state: 'shown',
    shownBy: [
      'test/activities/operations/truncate.test.ts: case 85: is right when truncated twice: only the last restoration shows the rows',
      'test/activities/operations/truncate.test.ts: has no further effect when the activity is tried again',
    ],
  },
  {
    number: 86,
    what: 'Poison hour in a backfill',
    outcome: 'listed, the rest done',
    state: 'shown',
    shownBy: [
      'test/workflows/backfill.test.ts: case 86: backfill() lists a poisoned hour with its reason and loads all others',
    ],
  },
  {
    number: 87,
    what: 'Corrupt heartbeat details',
    outcome: 'starts clean',
    state: 'shown',
    shownBy: [
      'test/faults/worker.test.ts: case 87: starts clean where the attempt before it left details of another shape',
    ],
    note: 'An attempt never reads what another one left. Bytes that are no JSON at all do not come as far as our code: the SDK fails the attempt while it decodes them, and Temporal tries again.',
  },
  {
    number: 88,
    what: 'Wall clock jumps',
    outcome: 'no effect on what is current',
    state: 'shown',
    shownBy: [
      'test/faults/clock.test.ts: case 88: a clock that jumps at every step of a load, and back at the next, has no effect on what is current',
      'test/adapters/s3/access.test.ts: case 88: makes up for it again when the clock is %s under a store in use',
      'test/adapters/s3/access.test.ts: case 88: goes on when the clock jumps by %i ms while a request is answered',
      'test/adapters/s3/access.test.ts: case 88: does not wait for the time that the clock was put back after SlowDown',
    ],
  },
  {
    number: 89,
    what: '5 GB entry, worker of 512 MB',
    outcome: 'under 300 MB resident',
    state: 'shown',
    shownBy: [
      'test/acceptance/large-object.test.ts: cases 23, 26, 48 and 89: loads a large entry and rejects bombs and a line without end, all within 300 MiB of resident memory',
    ],
    note: '1 GiB in every run. With LARGE=1 an entry of 5 GiB by a worker that the kernel gives no more than 512 MiB: 285 MiB resident at most, 170 s on two busy cores.',
  },
];
