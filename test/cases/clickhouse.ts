import type { FaultCase } from './fault-case.ts';

/** What can go wrong: ClickHouse. */
export const CLICKHOUSE_CASES: readonly FaultCase[] = [
  {
    number: 56,
    what: 'ClickHouse killed during the insert',
    outcome: 'retried',
    state: 'shown',
    shownBy: [
      'test/faults/clickhouse.test.ts: cases 56 and 57: is exact after SIGKILL at each step of a load, and nothing is lost',
      'test/adapters/clickhouse/faults.test.ts: through a killed server throws what can be retried; the next try after its restart is whole',
    ],
  },
  {
    number: 57,
    what: 'Killed during the ledger insert',
    outcome: 'retried or done',
    state: 'shown',
    shownBy: [
      'test/faults/clickhouse.test.ts: cases 56 and 57: is exact after SIGKILL at each step of a load, and nothing is lost',
    ],
  },
  {
    number: 58,
    what: 'Answer lost after the commit',
    outcome: 'found committed',
    state: 'shown',
    shownBy: [
      'test/faults/clickhouse.test.ts: %s: the hour stays visible whole, once',
      'test/adapters/clickhouse/faults.test.ts: finds out that it is done although %s, and one load is visible',
      'test/faults/clickhouse-bytes.test.ts: cases 58, 59, 62 and 73: %s: the hour stays visible whole, once, and the server stays up',
    ],
  },
  {
    number: 59,
    what: 'Reset after the last byte',
    outcome: 'new load id, one visible',
    state: 'shown',
    shownBy: [
      'test/faults/clickhouse.test.ts: %s: the hour stays visible whole, once',
      'test/faults/clickhouse.test.ts: case 59: a row INSERT that arrives long after its reset leaves nothing visible, and the sweep takes its rows',
      'test/faults/clickhouse-bytes.test.ts: cases 58, 59, 62 and 73: %s: the hour stays visible whole, once, and the server stays up',
    ],
  },
  {
    number: 60,
    what: '200 with the exception header',
    outcome: 'failure, retried',
    state: 'shown',
    shownBy: ['test/faults/clickhouse.test.ts: %s: the hour stays visible whole, once'],
  },
  {
    number: 61,
    what: '200 with an exception in the body',
    outcome: 'failure, retried',
    state: 'shown',
    shownBy: ['test/faults/clickhouse.test.ts: %s: the hour stays visible whole, once'],
  },
  {
    number: 62,
    what: 'Commit slower than the client',
    outcome: 'one visible',
    state: 'shown',
    shownBy: [
      'test/faults/clickhouse.test.ts: %s: the hour stays visible whole, once',
      'test/faults/clickhouse-bytes.test.ts: cases 58, 59, 62 and 73: %s: the hour stays visible whole, once, and the server stays up',
    ],
  },
  {
    number: 63,
    what: '502 and 504 of a proxy',
    outcome: 'retried',
    state: 'shown',
    shownBy: ['test/faults/clickhouse.test.ts: %s: the hour stays visible whole, once'],
  },
  {
    number: 64,
    what: 'TOO_MANY_PARTS',
    outcome: 'retried, slower',
    state: 'shown',
    shownBy: [
      'test/faults/server-limits.test.ts: cases 64, 65, 66, 69: with too many parts, too little memory, read-only or nearly full, fails as one that is tried again, and is exact when that is over',
      'test/faults/server-limits.test.ts: case 64: too many parts of the ledger',
      'test/workflows/hourly-load.test.ts: hourlyLoad() tries again after a retryable error, more slowly each time, up to every five minutes',
    ],
  },
  {
    number: 65,
    what: 'Memory limit',
    outcome: 'retried',
    state: 'shown',
    shownBy: [
      'test/faults/server-limits.test.ts: cases 64, 65, 66, 69: with too many parts, too little memory, read-only or nearly full, fails as one that is tried again, and is exact when that is over',
    ],
  },
  {
    number: 66,
    what: 'Read-only',
    outcome: 'retried',
    state: 'shown',
    shownBy: [
      'test/faults/server-limits.test.ts: cases 64, 65, 66, 69: with too many parts, too little memory, read-only or nearly full, fails as one that is tried again, and is exact when that is over',
      'test/faults/server-limits.test.ts: case 66: a ledger that is read-only',
    ],
  },
  {
    number: 67,
    what: 'Wrong password',
    outcome: 'clear error',
    state: 'shown',
    shownBy: ['test/adapters/clickhouse/setup.test.ts: case 67: says AccessError of a wrong password, without it'],
  },
  {
    number: 68,
    what: 'Raw table missing or altered',
    outcome: 'clear error, mended or refused',
    state: 'shown',
    shownBy: [
      'test/adapters/clickhouse/warehouse.test.ts: case 68: refuses with SetupError when the raw table is missing or lacks a column',
      'test/adapters/clickhouse/setup.test.ts: refuses an altered table, naming it and the column',
    ],
  },
  {
    number: 69,
    what: 'Disk full',
    outcome: 'retried, alert',
    state: 'shown',
    shownBy: [
      'test/faults/server-limits.test.ts: cases 64, 65, 66, 69: with too many parts, too little memory, read-only or nearly full, fails as one that is tried again, and is exact when that is over',
      'test/faults/server-limits.test.ts: case 69: fails as one that is tried again when the disk fills up under it, and is exact when there is room',
      'test/faults/clickhouse.test.ts: case 69: a full disk takes the rows out of the answer',
      'test/adapters/clickhouse/faults.test.ts: throws UnavailableError of an answer that lost its rows on the way, instead of reading an empty ledger',
    ],
    note: 'The alert is ClickfeedRetries. The disk that really fills up is a small file system that only root can mount; without it the test is skipped, the others stay.',
  },
  {
    number: 70,
    what: 'Stale keep-alive socket',
    outcome: 'one transparent reconnect for reads',
    state: 'shown',
    shownBy: [
      'test/adapters/clickhouse/faults.test.ts: case 70: goes on over a kept connection that the server had closed',
    ],
  },
  {
    number: 71,
    what: 'async_insert=1 on the server',
    outcome: 'still synchronous',
    state: 'shown',
    shownBy: [
      'test/adapters/clickhouse/faults.test.ts: cases 71 and 72: stores the same instants, synchronously and strictly',
    ],
  },
  {
    number: 72,
    what: 'Server time zone',
    outcome: 'same instants',
    state: 'shown',
    shownBy: [
      'test/adapters/clickhouse/faults.test.ts: cases 71 and 72: stores the same instants, synchronously and strictly',
    ],
  },
  {
    number: 73,
    what: 'A reader polls all along',
    outcome: 'never a partial hour',
    state: 'shown',
    shownBy: [
      'test/faults/clickhouse.test.ts: %s: the hour stays visible whole, once',
      'test/activities/load-table.test.ts: never shows a reader a partial or missing hour while the hour is loaded again and again',
      'test/torture/torture.test.ts: cases 73 and 74: are exact after SIGKILL of the worker and of ClickHouse at every step, and after SIGSTOP',
      'test/faults/clickhouse-bytes.test.ts: cases 58, 59, 62 and 73: %s: the hour stays visible whole, once, and the server stays up',
    ],
  },
];
