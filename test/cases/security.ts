import type { FaultCase } from './fault-case.ts';

/** What can go wrong: Security. */
export const SECURITY_CASES: readonly FaultCase[] = [
  {
    number: 90,
    what: 'Secrets',
    outcome: 'in no output',
    state: 'in part',
    shownBy: [
      'test/adapters/clickhouse/faults.test.ts: holds neither the key of the hashes, nor the password, nor a value of a line',
      'test/adapters/telemetry/logger.test.ts: blots out secrets, wherever they stand',
    ],
    note: 'histories and pages are not searched',
  },
  {
    number: 91,
    what: 'Table name outside the catalogue',
    outcome: 'refused before any SQL',
    state: 'shown',
    shownBy: ['test/activities/load-table.test.ts: refuses a table outside the catalogue before any I/O'],
  },
  {
    number: 92,
    what: 'TLS with a wrong host or CA',
    outcome: 'refused',
    state: 'in part',
    shownBy: ['test/adapters/s3/access.test.ts: refuses a certificate that nobody vouches for'],
    note: 'S3 and an unknown CA; not the wrong host, nor ClickHouse and Temporal',
  },
  {
    number: 93,
    what: 'Least privilege',
    outcome: 'suffices, and nothing else',
    state: 'in part',
    shownBy: [
      'test/adapters/clickhouse/grants.test.ts: can do all that a load needs, and status',
      'test/adapters/clickhouse/grants.test.ts: can select everything that the view %s shows',
    ],
    note: 'no read-only S3 key',
  },
  {
    number: 94,
    what: 'E-mail and IP; control characters',
    outcome: 'never shown; escaped',
    state: 'in part',
    shownBy: [
      'test/client/text.test.ts: printable() shows control characters and turned writing instead of obeying them',
      'test/adapters/s3/object-store.test.ts: does not let a server put words into an error',
    ],
    note: 'pages and exports are not searched',
  },
  {
    number: 95,
    what: 'The dashboard',
    outcome: 'loopback, CSP, own routes only',
    state: 'not shown',
    shownBy: [],
    note: 'its tests were not settled when this table was made',
  },
  {
    number: 96,
    what: 'Audit of dependencies',
    outcome: 'clean',
    state: 'not shown',
    shownBy: [],
    note: 'the check runs no audit',
  },
];
