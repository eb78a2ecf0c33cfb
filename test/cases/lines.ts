import type { FaultCase } from './fault-case.ts';

/** What can go wrong: Lines. */
export const LINES_CASES: readonly FaultCase[] = [
  {
    number: 38,
    what: 'Bad line at the end of 5 million',
    outcome: 'quarantined, exact',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: case 38: quarantines the one bad line at the end of very many, and keeps all others',
      'test/domain/exact-object.test.ts: finds the one bad line at the end of many',
    ],
    note: '60,000 lines in every run; 5,000,000 with LARGE=1, in 106 s on two busy cores.',
  },
  {
    number: 39,
    what: 'Truncated last line',
    outcome: 'quarantined',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
    ],
  },
  {
    number: 40,
    what: 'No final newline, CRLF, BOM, blank lines',
    outcome: 'loaded, same count',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
    ],
  },
  {
    number: 41,
    what: 'Two objects on a line, an array, pretty-printed JSON',
    outcome: 'quarantined, never one row for two',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
    ],
  },
  {
    number: 42,
    what: 'Unknown field',
    outcome: 'kept in _extra, drift reported',
    state: 'shown',
    shownBy: [
      'test/activities/load-table.test.ts: case 42: keeps an unknown field in _extra with its exact text and reports the drift',
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
    ],
  },
  {
    number: 43,
    what: 'Missing or null field',
    outcome: 'required: quarantined; optional: NULL',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
      'test/domain/exact-line.test.ts: says null for an optional field that is missing or null, and refuses a required one',
    ],
  },
  {
    number: 44,
    what: 'Number for text and the reverse, "true"',
    outcome: 'quarantined unless exact',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
      'test/domain/exact-line.test.ts: refuses %j as a boolean',
    ],
  },
  {
    number: 45,
    what: 'Epoch number, month 13, empty, zone',
    outcome: 'quarantined, never 1970',
    state: 'shown',
    shownBy: [
      'test/domain/exact-line.test.ts: case 45: refuses %s as a timestamp',
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
    ],
  },
  {
    number: 46,
    what: 'With and without fraction',
    outcome: 'exact to the microsecond',
    state: 'shown',
    shownBy: [
      'test/adapters/clickhouse/warehouse.test.ts: case 46: keeps event times to the microsecond, with and without fraction',
      'test/adapters/clickhouse/faults.test.ts: cases 71 and 72: stores the same instants, synchronously and strictly',
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
    ],
  },
  {
    number: 47,
    what: 'Invalid UTF-8, lone surrogate',
    outcome: 'quarantined',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
      'test/domain/exact-line.test.ts: keeps what it refuses, invalid UTF-8 as base64',
    ],
  },
  {
    number: 48,
    what: 'A 1 GB line',
    outcome: 'rejected by cap',
    state: 'shown',
    shownBy: [
      'test/domain/line-framer.test.ts: rejects a line over the limit before more than the limit is read',
      'test/acceptance/large-object.test.ts: cases 23, 26, 48 and 89: loads a large entry and rejects bombs and a line without end, all within 300 MiB of resident memory',
    ],
  },
  {
    number: 49,
    what: 'Nesting of 1,500',
    outcome: 'quarantined',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
    ],
  },
  {
    number: 50,
    what: 'Duplicate JSON key',
    outcome: 'quarantined',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
    ],
  },
  {
    number: 51,
    what: '200,000 identical lines',
    outcome: 'all kept',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: case 51: keeps 200,000 identical lines, all of them, zipped to the default cap of the ratio',
    ],
  },
  {
    number: 52,
    what: 'Event time outside its hour',
    outcome: 'kept, counted',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: case 52: keeps event times outside their hour as they are, and the scorecard counts them',
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
    ],
  },
  {
    number: 53,
    what: 'Every line bad',
    outcome: 'rejected',
    state: 'shown',
    shownBy: [
      'test/domain/exact-object.test.ts: case 53: with %i good and %i bad lines the verdict is %s',
      'test/activities/load-table.test.ts: rejects an object with too many bad lines, shows nothing of it, and does not try this version again',
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
    ],
  },
  {
    number: 54,
    what: 'Key case',
    outcome: 'unknown and missing field',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
    ],
  },
  {
    number: 55,
    what: 'NaN, 1e400, latitude 91',
    outcome: 'quarantined',
    state: 'shown',
    shownBy: [
      'test/faults/lines.test.ts: cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours',
    ],
  },
];
