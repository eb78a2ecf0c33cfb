import type { FaultCase } from './fault-case.ts';

/** What can go wrong: S3. */
export const S3_CASES: readonly FaultCase[] = [
  {
    number: 1,
    what: 'Key appears 20 minutes late',
    outcome: 'waited for, loaded',
    state: 'shown',
    shownBy: [
      'test/workflows/hourly-load.test.ts: case 1: hourlyLoad() waits for a late object by timers, and the other tables do not wait for it',
    ],
  },
  {
    number: 2,
    what: 'Key never appears',
    outcome: 'absent, loaded by a lookback if it comes',
    state: 'shown',
    shownBy: [
      'test/workflows/hourly-load.test.ts: case 2: hourlyLoad() records an object absent at the end of the hour plus the wait, not before',
      'test/activities/load-table.test.ts: reports an absent object and loads it when it is there',
      'test/acceptance/bucket-changes.test.ts: lookback() ends late, republished, deleted and returning objects as the bucket has them',
      'test/deploy/alerts.test.ts: tell of the feed as the ledger has it',
    ],
  },
  {
    number: 3,
    what: '403 on credentials',
    outcome: 'clear error, no retries',
    state: 'shown',
    shownBy: ['test/adapters/s3/access.test.ts: case 3: stops with a clear error and one request for %s'],
  },
  {
    number: 4,
    what: 'Clock skew',
    outcome: 'corrected once, then a clear error',
    state: 'shown',
    shownBy: [
      'test/adapters/s3/access.test.ts: case 4: makes up for it when the store says its own time, by one request more',
      'test/adapters/s3/access.test.ts: says what is wrong when it cannot',
    ],
  },
  {
    number: 5,
    what: '503 SlowDown',
    outcome: 'retried, concurrency falls',
    state: 'shown',
    shownBy: [
      'test/adapters/s3/object-store.test.ts: case 5: tries again after SlowDown, and gives up after bounded tries',
      'test/adapters/s3/pace.test.ts: halves what runs at once when the store complains, once for requests that were sent together',
      'test/adapters/s3/pace.test.ts: never stops altogether, and is back at full speed after enough that went well',
      'test/faults/load-held.test.ts: loads each exactly once, 32 at a time, while ClickHouse is slow and S3 throttles, and is as fast as before when they are',
    ],
    note: 'Load held for a day of hours takes LARGE=1; last run on 2026-11-29, beside other work, and right.',
  },
  {
    number: 6,
    what: 'Reset in the body',
    outcome: 'retried',
    state: 'shown',
    shownBy: [
      'test/adapters/s3/object-store.test.ts: goes on after a %s at the byte it had reached',
      'test/adapters/s3/object-store.test.ts: survives any number of breaks as long as it gets on',
      'test/faults/bytes.test.ts: cases 6 to 8: S3, %s: the hour stays visible whole, once',
    ],
  },
  {
    number: 7,
    what: 'Stalled body',
    outcome: 'cut by timeout, retried',
    state: 'shown',
    shownBy: [
      'test/adapters/s3/object-store.test.ts: goes on after a %s at the byte it had reached',
      'test/faults/bytes.test.ts: cases 6 to 8: S3, %s: the hour stays visible whole, once',
    ],
  },
  {
    number: 8,
    what: 'Short body with a clean end',
    outcome: 'noticed, retried',
    state: 'shown',
    shownBy: [
      'test/adapters/s3/object-store.test.ts: case 8: goes on after a %s in a whole read',
      'test/faults/bytes.test.ts: cases 6 to 8: S3, %s: the hour stays visible whole, once',
    ],
  },
  {
    number: 9,
    what: 'Object replaced between two reads',
    outcome: 'starts over on the new version',
    state: 'shown',
    shownBy: [
      'test/faults/s3.test.ts: case 9: starts over on the new version when the object is replaced between listing and reading',
      'test/faults/s3.test.ts: case 9: starts over on the new version when a large object is replaced between two reads of it',
    ],
  },
  {
    number: 10,
    what: 'Object replaced after its load',
    outcome: 'found by the next look, readers switch at once',
    state: 'shown',
    shownBy: [
      'test/faults/s3.test.ts: case 10: finds an object that was replaced after its load with the next look, and readers switch at once',
      'test/acceptance/bucket-changes.test.ts: lookback() ends late, republished, deleted and returning objects as the bucket has them',
      'test/acceptance/bucket-changes.test.ts: reconcile() ends late, republished, deleted and returning objects as the bucket has them, and repairs lost rows',
    ],
  },
  {
    number: 11,
    what: 'Range ignored',
    outcome: 'refused',
    state: 'shown',
    shownBy: ['test/faults/s3.test.ts: case 11: refuses a store that ignores Range, and nothing is visible'],
  },
  {
    number: 12,
    what: 'HTML or XML with status 200',
    outcome: 'rejected; as a page in the network’s place: tried again',
    state: 'shown',
    shownBy: [
      'test/faults/s3.test.ts: cases 12 and 16: rejects an object whose bytes are %j, and the other hours go on',
      'test/faults/s3.test.ts: case 12: stores nothing of %s, and loads when the object is there again',
    ],
  },
  {
    number: 13,
    what: 'Bit flip',
    outcome: 'read once more, then rejected',
    state: 'shown',
    shownBy: ['test/faults/s3.test.ts: case 13: reads once more when a bit was flipped %s on the way'],
  },
  {
    number: 14,
    what: 'Store without response checksums',
    outcome: 'works',
    state: 'shown',
    shownBy: [
      'test/faults/s3.test.ts: case 14: loads objects, small and large, for which the store sends no checksum: it asks for none',
    ],
  },
  {
    number: 15,
    what: 'DNS failure; invalid certificate',
    outcome: 'retried; clear error',
    state: 'shown',
    shownBy: [
      'test/adapters/s3/access.test.ts: case 15: calls an unknown host and a closed port unavailable',
      'test/adapters/s3/access.test.ts: refuses a certificate that nobody vouches for',
    ],
  },
  {
    number: 16,
    what: 'Zero-byte object',
    outcome: 'rejected',
    state: 'shown',
    shownBy: [
      'test/faults/s3.test.ts: cases 12 and 16: rejects an object whose bytes are %j, and the other hours go on',
    ],
  },
  {
    number: 17,
    what: '5,000 keys under a prefix',
    outcome: 'all pages read',
    state: 'shown',
    shownBy: [
      'test/faults/s3.test.ts: cases 17 and 18: finds the one object among thousands of foreign keys over all pages, and counts those',
    ],
    note: '1,501 keys on two pages in every run; 5,001 on six with LARGE=1',
  },
  {
    number: 18,
    what: 'Foreign keys',
    outcome: 'ignored and counted',
    state: 'shown',
    shownBy: [
      'test/faults/s3.test.ts: cases 17 and 18: finds the one object among thousands of foreign keys over all pages, and counts those',
    ],
  },
  {
    number: 19,
    what: 'Object deleted after listing',
    outcome: 'absent',
    state: 'shown',
    shownBy: ['test/faults/s3.test.ts: case 19: calls an object absent that is deleted after the listing'],
  },
];
