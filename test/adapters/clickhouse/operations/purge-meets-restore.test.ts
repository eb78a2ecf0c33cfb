/**
 * Case 99: a purge and a restoration of one truncation meet at each of their statements, and within the server, where one has read the
 * ledger before the other writes. Nothing is left to chance: each is held where it is wanted.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createSweeper, createTruncations } from '../../../../adapters/clickhouse/operations/index.ts';
import { InputError } from '../../../../domain/errors.ts';
import { addHours, type Hour } from '../../../../domain/hour.ts';
import type { HiddenLoads, PurgeReport } from '../../../../domain/truncation.ts';
import { SETTLED_AT_ONCE } from '../../../support/operations.ts';
import { createFixture, HOUR, line, loadLines, SIGNAL, type Fixture } from '../fixture.ts';
import { HeldActor } from './held-actor.ts';

const TABLE = 'geo_events';
const HOURS = 2;
const ROWS = 6;
/** Statements of either: one more than there are is its end. */
const PLACES = 6;
/** Numbers of statements that write. */
const RESTORE_ROW = 2;
const PURGE_ROW = 1;
const PURGE_LOADS = 3;

let fixture: Fixture;
let meetings = 0;

beforeAll(async () => {
  fixture = await createFixture();
});

afterAll(async () => {
  await fixture.database.drop();
  await fixture.server.close();
});

/** A truncation of hours of its own, and the two who are about to meet over it. */
interface Meeting {
  readonly truncationId: string;
  readonly from: Hour;
  readonly restore: HeldActor<HiddenLoads>;
  readonly purge: HeldActor<PurgeReport>;
}

async function prepare(): Promise<Meeting> {
  meetings += 1;
  const from = addHours(HOUR, meetings * HOURS);
  for (let hour = 0; hour < HOURS; hour += 1)
    await loadLines(
      fixture,
      TABLE,
      addHours(from, hour),
      Array.from({ length: ROWS / HOURS }, () => line(TABLE)),
    );
  const truncationId = `truncation-${meetings}`;
  const config = { ...inject('stack').clickhouse, database: fixture.database.name };
  const range = { tables: [TABLE], from, to: addHours(from, HOURS) } as const;
  await createTruncations(fixture.server).truncate({ truncationId, ...range }, SIGNAL);
  return {
    truncationId,
    from,
    restore: new HeldActor(config, (server) => createTruncations(server).restore(truncationId, SIGNAL)),
    purge: new HeldActor(config, (server) => createTruncations(server).purge(truncationId, SIGNAL)),
  };
}

/** Lets both end. @returns who has won, by what both say and by what readers see, now and after a sweep */
async function winnerOf({ restore, purge, from }: Meeting): Promise<'restore' | 'purge'> {
  const [restored, purged] = await Promise.all([restore.end(), purge.end()]);
  if (purged.status === 'rejected') throw purged.reason;
  const isRestored = restored.status === 'fulfilled';
  if (!isRestored) expect(restored.reason).toBeInstanceOf(InputError);
  expect(purged.value).toMatchObject(
    isRestored ? { outcome: 'restored-before', loads: 0 } : { outcome: 'purged', loads: HOURS },
  );
  const rows = isRestored ? ROWS : 0;
  expect(await rowsOf(TABLE, from)).toBe(rows);
  while ((await createSweeper(fixture.server).sweep(TABLE, SETTLED_AT_ONCE, SIGNAL)).more);
  expect([await rowsOf(TABLE, from), await rowsOf(`${TABLE}_raw`, from)]).toEqual([rows, rows]);
  return isRestored ? 'restore' : 'purge';
}

async function rowsOf(table: string, from: Hour): Promise<number> {
  const [row] = await fixture.database.rows<{ n: string }>(
    `SELECT count() AS n FROM ${table} WHERE formatDateTime(_hour, '%Y-%m-%dT%H') IN ({from:String}, {last:String})`,
    { from, last: addHours(from, HOURS - 1) },
  );
  return Number(row?.n);
}

/** Who wins at each place, from the first statement to behind the last. */
type Winners = readonly (readonly [winner: 'restore' | 'purge', places: number])[];

const SWEEPS: readonly (readonly [string, Winners, (meeting: Meeting, place: number) => Promise<unknown>])[] = [
  [
    'a restoration is held before each of its statements while a purge runs',
    [
      ['purge', 3],
      ['restore', 3],
    ],
    async ({ restore, purge }, place) => {
      await restore.until(place);
      await purge.end();
    },
  ],
  [
    'a purge is held before each of its statements while a restoration runs',
    [
      ['restore', 2],
      ['purge', 4],
    ],
    async ({ restore, purge }, place) => {
      await purge.until(place);
      await restore.end();
    },
  ],
  [
    'a purge is held before each of its statements while a restoration that has looked before it writes its row',
    [
      ['restore', 4],
      ['purge', 2],
    ],
    async ({ restore, purge }, place) => {
      await restore.into(RESTORE_ROW);
      await purge.until(place);
      await restore.land();
    },
  ],
  [
    'a restoration is held before each of its statements while a purge that has looked before it writes its row',
    [
      ['purge', 3],
      ['restore', 3],
    ],
    async ({ restore, purge }, place) => {
      await purge.into(PURGE_ROW);
      await restore.until(place);
      await purge.land();
    },
  ],
];

describe('purge() and restore() at the same moment', () => {
  it.each(SWEEPS)('case 99: one wins, whole: %s', async (_what, winners, meet) => {
    const all: Meeting[] = [];
    while (all.length < PLACES) all.push(await prepare());
    // At once, as a restoration that meets a purge waits for seconds.
    await Promise.all(
      all.map((meeting, place) =>
        meet(meeting, place).then(() => Promise.all([meeting.restore.end(), meeting.purge.end()])),
      ),
    );
    const found = [];
    for (const meeting of all) found.push(await winnerOf(meeting));
    expect(found).toEqual(winners.flatMap(([winner, places]) => Array.from({ length: places }, () => winner)));
  });

  it('case 99: a purge wins, whole, that has looked before the restoration writes its row, and gives the loads up behind it', async () => {
    const meeting = await prepare();
    const { restore, purge } = meeting;
    await restore.into(RESTORE_ROW);
    await purge.into(PURGE_LOADS);
    await restore.land();
    await purge.land();
    expect(await winnerOf(meeting)).toBe('purge');
  });
});
