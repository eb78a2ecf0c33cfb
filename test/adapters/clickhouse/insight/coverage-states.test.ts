/** The coverage out of ledger and sightings: every state by what leads to it, and the days against the cells. */
import { expect, test } from 'vitest';
import { createInsightReader } from '../../../../adapters/clickhouse/insight/index.ts';
import type { CoverageDay, CoverageState } from '../../../../domain/coverage.ts';
import { addHours, hourStartMs, parseHour } from '../../../../domain/hour.ts';
import { createFixture } from '../fixture.ts';

const START = parseHour('2024-05-01T20');

/** What ledger and sightings hold of an hour of geo_events; a number names a version of its object. */
interface Case {
  readonly state: CoverageState;
  /** Versions committed, the later over the earlier. */
  readonly loaded?: readonly number[];
  readonly lines?: number;
  readonly quarantined?: number;
  /** What listings saw, the newest last; 0: no object. */
  readonly listed?: readonly number[];
  readonly rejected?: readonly number[];
  /** Truncated before (`seen`) or after it was loaded, and restored again or not. */
  readonly truncated?: 'seen' | 'unseen' | 'restored';
}

const CASES: readonly Case[] = [
  { state: 'loaded', loaded: [1], listed: [1], quarantined: 2 },
  { state: 'loaded', loaded: [1] },
  { state: 'loaded', loaded: [1, 2], listed: [1, 2] },
  { state: 'loaded', loaded: [2, 2], listed: [2] },
  { state: 'loaded', loaded: [1], listed: [1], rejected: [2] },
  { state: 'loaded', loaded: [1], listed: [2, 1], truncated: 'seen' },
  { state: 'loaded', loaded: [1], listed: [1], truncated: 'restored' },
  { state: 'empty', loaded: [1], listed: [1], lines: 0 },
  { state: 'changed', loaded: [1], listed: [1, 2] },
  { state: 'changed', loaded: [1], listed: [2], rejected: [3] },
  { state: 'withdrawn', loaded: [1], listed: [1, 0], rejected: [2] },
  { state: 'rejected', loaded: [1], listed: [2], rejected: [3, 2] },
  { state: 'rejected', listed: [2], rejected: [2] },
  { state: 'rejected', rejected: [1] },
  { state: 'cleared', truncated: 'unseen' },
  { state: 'cleared', loaded: [1], listed: [1], truncated: 'unseen' },
  { state: 'absent', listed: [0], rejected: [1] },
  { state: 'not-loaded' },
  { state: 'not-loaded', listed: [2], rejected: [1] },
];
const RANGE = { from: START, to: addHours(START, CASES.length) };
const LINES = 10;

function version(at: number, number: number): Readonly<Record<string, unknown>> {
  // Of one key: versions differ by their ETag alone.
  return number === 0 ? {} : { object_key: `key ${at}`, object_etag: `"${number}"` };
}

function ledgerRows(each: Case, index: number): Readonly<Record<string, unknown>>[] {
  const at = hourStartMs(addHours(START, index)) / 1000;
  const { lines = LINES, quarantined = 0, truncated } = each;
  const truncation = { truncation_id: `truncation ${index}` };
  const place = { table_name: 'geo_events', hour: at };
  return [
    ...(each.loaded ?? []).map((number) => ({
      event: 'committed',
      ...place,
      ...version(at, number),
      load_id: index * 10 + number,
      lines,
      rows: lines - quarantined,
      quarantined,
      seen: truncated === 'seen' ? [truncation.truncation_id] : [],
    })),
    ...(each.rejected ?? []).map((number) => ({ event: 'rejected', ...place, ...version(at, number), load_id: 0 })),
    ...(truncated === undefined
      ? []
      : [{ event: 'truncated', ...truncation, tables: ['geo_events'], hour_from: at, hour_to: at + 3600 }]),
    ...(truncated === 'restored' ? [{ event: 'restored', ...truncation }] : []),
  ];
}

function sightings(each: Case, index: number): Readonly<Record<string, unknown>>[] {
  const at = hourStartMs(addHours(START, index)) / 1000;
  return (each.listed ?? []).map((number, order) => {
    const place = { table_name: 'geo_events', hour: at, present: number !== 0, seen_at: 1_714_600_000 + order };
    return { ...place, ...version(at, number) };
  });
}

test('coverage() tells every state, and coverageDays() counts them', async () => {
  const { database, server } = await createFixture();
  const insert = (table: string, values: Readonly<Record<string, unknown>>[]): Promise<unknown> =>
    database.client.insert({ table, values, format: 'JSONEachRow' });
  await insert('loads', CASES.flatMap(ledgerRows));
  await insert('sightings', CASES.flatMap(sightings));
  const tables = ['location_events', 'geo_events'] as const;
  const reader = createInsightReader(server, { tables, nowMs: () => Date.UTC(2024, 5, 1) });

  const { cells } = await reader.coverage(RANGE);
  expect(cells).toEqual(
    CASES.flatMap((each, index) => {
      const { state, lines = LINES, quarantined = 0 } = each;
      const hour = addHours(START, index);
      const isThere = each.loaded !== undefined && state !== 'cleared';
      return [
        { table: 'location_events', hour, state: 'not-loaded', rows: 0, quarantined: 0 },
        { table: 'geo_events', hour, state, rows: isThere ? lines - quarantined : 0, quarantined },
      ];
    }),
  );

  const days = await reader.coverageDays(RANGE);
  expect(days.map(({ day }) => day)).toEqual(['2024-05-01', '2024-05-02']);
  expect(days).toEqual(
    days.map(({ day }): CoverageDay => {
      const states: Partial<Record<CoverageState, number>> = {};
      const ofDay = cells.filter(({ hour }) => hour.startsWith(day));
      for (const { state } of ofDay) states[state] = (states[state] ?? 0) + 1;
      return { day, states, quarantined: ofDay.reduce((sum, { quarantined }) => sum + quarantined, 0) };
    }),
  );
});
