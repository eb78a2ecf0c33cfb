import type { FaultCase } from './fault-case.ts';

/** What can go wrong: Lines. */
export const LINES_CASES: readonly FaultCase[] = [
  {
    number: 38,
    what: 'Bad line at the end of 5 million',
    outcome: 'quarantined, exact',
    state: 'in part',
    shownBy: ['test/domain/exact-object.test.ts: finds the one bad line at the end of many'],
    note: '20,000 lines, and not through ClickHouse',
  },
  {
    number: 39,
    what: 'Truncated last line',
    outcome: 'quarantined',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39, 41, 43, 44, 47, 49, 50, 54, 55: quarantines each with its number, text and reason, and keeps all others',
    ],
  },
  {
    number: 40,
    what: 'No final newline, CRLF, BOM, blank lines',
    outcome: 'loaded, same count',
    state: 'shown',
    shownBy: ['test/faults/lines.test.ts: case 40: loads every line of an entry with %s'],
  },
  {
    number: 41,
    what: 'Two objects on a line, an array',
    outcome: 'quarantined',
    state: 'in part',
    shownBy: [
      'test/faults/lines.test.ts: cases 39, 41, 43, 44, 47, 49, 50, 54, 55: quarantines each with its number, text and reason, and keeps all others',
    ],
    note: 'pretty-printed JSON is not shown yet',
  },
  {
    number: 42,
    what: 'Unknown field',
    outcome: 'kept in _extra, drift reported',
    state: 'shown',
    shownBy: [
      'test/activities/load-table.test.ts: keeps an unknown field in _extra with its exact text and reports the drift',
    ],
  },
  {
    number: 43,
    what: 'Missing or null field',
    outcome: 'required: quarantined; optional: NULL',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39, 41, 43, 44, 47, 49, 50, 54, 55: quarantines each with its number, text and reason, and keeps all others',
      'test/domain/exact-line.test.ts: says null for an optional field that is missing or null, and refuses a required one',
    ],
  },
  {
    number: 44,
    what: 'Number for text and the reverse, "true"',
    outcome: 'quarantined unless exact',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39, 41, 43, 44, 47, 49, 50, 54, 55: quarantines each with its number, text and reason, and keeps all others',
      'test/domain/exact-line.test.ts: refuses %j as a boolean',
    ],
  },
  {
    number: 45,
    what: 'Epoch number, month 13, empty, zone',
    outcome: 'quarantined, never 1970',
    state: 'shown',
    shownBy: ['test/domain/exact-line.test.ts: refuses %s as a timestamp'],
  },
  {
    number: 46,
    what: 'With and without fraction',
    outcome: 'exact to the microsecond',
    state: 'shown',
    shownBy: [
      'test/adapters/clickhouse/warehouse.test.ts: keeps event times to the microsecond, with and without fraction',
      'test/adapters/clickhouse/faults.test.ts: stores the same instants, synchronously and strictly',
    ],
  },
  {
    number: 47,
    what: 'Invalid UTF-8, lone surrogate',
    outcome: 'quarantined',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39, 41, 43, 44, 47, 49, 50, 54, 55: quarantines each with its number, text and reason, and keeps all others',
      'test/domain/exact-line.test.ts: keeps what it refuses, invalid UTF-8 as base64',
    ],
  },
  {
    number: 48,
    what: 'A 1 GB line',
    outcome: 'rejected by cap',
    state: 'in part',
    shownBy: ['test/domain/line-framer.test.ts: rejects a line over the limit before more than the limit is read'],
    note: 'resident memory is not measured here',
  },
  {
    number: 49,
    what: 'Nesting of 1,500',
    outcome: 'quarantined',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39, 41, 43, 44, 47, 49, 50, 54, 55: quarantines each with its number, text and reason, and keeps all others',
    ],
  },
  {
    number: 50,
    what: 'Duplicate JSON key',
    outcome: 'quarantined',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39, 41, 43, 44, 47, 49, 50, 54, 55: quarantines each with its number, text and reason, and keeps all others',
    ],
  },
  {
    number: 51,
    what: '200,000 identical lines',
    outcome: 'all kept',
    state: 'in part',
    shownBy: ['test/faults/lines.test.ts: case 51: keeps 200,000 identical lines, all of them'],
    note: 'as .jsonl; not tried zipped, where they come near the cap of the ratio (ARCHIVE_RATIO_MAX)',
  },
  {
    number: 52,
    what: 'Event time outside its hour',
    outcome: 'kept, counted',
    state: 'not shown',
    shownBy: [],
    note: 'no test of the loader publishes such a line',
  },
  {
    number: 53,
    what: 'Every line bad',
    outcome: 'rejected',
    state: 'shown',
    shownBy: [
      'test/domain/exact-object.test.ts: with %i good and %i bad lines the verdict is %s',
      'test/activities/load-table.test.ts: rejects an object with too many bad lines, shows nothing of it, and does not try this version again',
    ],
  },
  {
    number: 54,
    what: 'Key case',
    outcome: 'unknown and missing field',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39, 41, 43, 44, 47, 49, 50, 54, 55: quarantines each with its number, text and reason, and keeps all others',
    ],
  },
  {
    number: 55,
    what: 'NaN, 1e400, latitude 91',
    outcome: 'quarantined',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39, 41, 43, 44, 47, 49, 50, 54, 55: quarantines each with its number, text and reason, and keeps all others',
    ],
  },
];
