/**
 * The invariants of the model, held against the real code on the real servers: loads, crashes, lost answers, wrong clocks, truncations,
 * restorations, purges and sweeps in random orders of their statements. `DEEP=1` tries many more.
 *
 * That the ledger is read before the bucket is listed shows to no reader: an attempt that lists first may take the load of a later version for
 * one that the bucket no longer stands behind, but it then asks for the bytes that it listed by their ETag. Either they are gone, and it
 * starts over, or they have come back and are later than all that it withdraws. So the order itself is looked at (actors.ts).
 */
import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { ClickfeedError } from '../../domain/errors.ts';
import type { FeedObject } from '../../domain/feed-object.ts';
import { addHours, parseHour } from '../../domain/hour.ts';
import { asLoadId, loadIdClockMs } from '../../domain/load-id.ts';
import { eventually } from '../support/eventually.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createLoader, type Loader } from '../support/loader.ts';
import { createOperator } from '../support/operations.ts';
import { publishObject } from '../support/s3.ts';
import { Crash, load, operate, Stepper, type Stage, type StepFault } from './actors.ts';
import { plays, RARE_PLAYS, type Play } from './plays.ts';
import { inOrder, Turns } from './turns.ts';

const TABLE = 'geo_events';
/** Lines of the versions of the object: what is visible tells which it is. */
const VERSION_LINES = [5, 8] as const;
/** The name under which loaders of tests commit. */
const END_WORKER = 'test';
/** The rare plays are the first of them. */
const RUNS = process.env['DEEP'] === '1' ? 400 : 8;
/** Plays that share a ledger, an hour each. Every query weighs each load against each truncation in force, so that hundreds grow slow. */
const PLAYS_OF_LEDGER = 50;
const SIGNAL = new AbortController().signal;

/** How many rows a reader sees of the hour. @throws when they are not all rows of exactly one load, or are from before the truncation in force */
async function visibleRows(stage: Stage): Promise<number> {
  const { loader, window } = stage;
  const loads = await loader.database.rows<{ load: string; rows: string; lines: string }>(
    `SELECT _load AS load, count() AS rows, uniqExact(_line) AS lines FROM ${TABLE} WHERE formatDateTime(_hour, '%Y-%m-%dT%H') = {hour:String} GROUP BY _load`,
    { hour: window.from },
  );
  const [only] = loads;
  const { hours } = await loader.ports.ledger.state(window.table, window, SIGNAL);
  expect(only?.load, 'the load that is current by the rule in TypeScript').toBe(
    hours.get(window.from)?.current?.loadId,
  );
  if (only === undefined) return 0;
  expect(loads, 'rows of one load').toHaveLength(1);
  expect(only.lines, 'each line once').toBe(only.rows);
  expect(VERSION_LINES, 'all rows of a version').toContain(Number(only.rows));
  await expectInformed(stage, only.load);
  return Number(only.rows);
}

/** While a truncation is in force, what shows is of a run that began after it. */
async function expectInformed({ loader, truncationId, informed }: Stage, loadId: string): Promise<void> {
  const [found] = await loader.database.rows<{ inForce: 0 | 1; worker: string }>(
    `SELECT countIf(event = 'truncated' AND truncation_id = {id:String}) > 0
         AND countIf(event = 'restored' AND truncation_id = {id:String}) = 0 AS inForce,
       anyIf(worker, event = 'committed' AND load_id = {load:UInt64}) AS worker FROM loads`,
    { id: truncationId, load: loadId },
  );
  if (found?.inForce === 1) expect([...informed], 'runs that began after the truncation').toContain(found.worker);
}

async function publish({ loader, window }: Stage, lines: number): Promise<FeedObject> {
  const { prefix } = loader;
  return publishObject({ prefix, table: TABLE, hour: window.from, lines: linesOf(TABLE, window.from, lines) });
}

/** In a later second: versions of the same one rank by their load ids. */
async function publishAgain(stage: Stage, before: FeedObject): Promise<void> {
  await eventually(() => Date.now() >= before.modifiedMs + 1_000);
  const after = await publish(stage, VERSION_LINES[1]);
  expect(after.modifiedMs, 'when the later version was published').toBeGreaterThan(before.modifiedMs);
}

/** Starts all who take part. @returns what they threw that they should not have */
function startAll(stage: Stage, play: Play, first: FeedObject): unknown[] {
  const { turns } = stage;
  const strange: unknown[] = [];
  const start = (name: string, fault: StepFault | undefined, act: (stepper: Stepper) => Promise<unknown>): void => {
    turns.start(
      name,
      () => act(new Stepper(name, turns, fault)),
      (error) => {
        if (!(error instanceof Crash || error instanceof ClickfeedError)) strange.push(error);
      },
    );
  };
  for (const [i, { fault, ...rules }] of play.attempts.entries())
    start(`attempt ${i + 1}`, fault, (stepper) => load(stage, stepper, rules));
  if (play.deeds.length > 0) start('operator', play.deedFault, (stepper) => operate(stage, stepper, play.deeds));
  if (play.sweeps) start('sweep', undefined, (stepper) => operate(stage, stepper, ['sweep']));
  if (play.republishes)
    start('publisher', undefined, (stepper) =>
      stepper.step(
        'publish',
        () => publishAgain(stage, first),
        () => new Error(),
      ),
    );
  return strange;
}

/** Everything has ended: the next run shows what the bucket has, and a purge and a sweep leave nothing else. */
async function checkEnd(stage: Stage, play: Play): Promise<void> {
  const { loader, window, truncationId } = stage;
  const operator = createOperator(loader);
  const seen = await loader.ports.ledger.truncationsInForce(new AbortController().signal);
  if (seen.includes(truncationId)) stage.informed.add(END_WORKER);
  await loader.loadTable({ ...window, mode: 'changed', seen, fillCleared: true });
  const rows = VERSION_LINES[play.republishes ? 1 : 0];
  expect(await visibleRows(stage)).toBe(rows);
  if (seen.includes(truncationId)) await operator.purge({ truncationId });
  await untilSettled(stage);
  while ((await operator.sweep({ table: TABLE })).more);
  expect(await visibleRows(stage)).toBe(rows);
  const [raw] = await loader.database.rows(
    `SELECT count() AS n FROM ${TABLE}_raw WHERE formatDateTime(_hour, '%Y-%m-%dT%H') = {hour:String}`,
    { hour: window.from },
  );
  expect(raw).toEqual({ n: String(rows) });
}

/** Waits until the ids of all loads are in the past, also those of attempts whose clock was ahead: a sweep leaves them alone before. */
async function untilSettled({ loader }: Stage): Promise<void> {
  const [found] = await loader.database.rows<{ id: string }>(
    `SELECT greatest((SELECT max(load_id) FROM loads), (SELECT max(_load) FROM ${TABLE}_raw)) AS id`,
  );
  await eventually(() => Date.now() > loadIdClockMs(asLoadId(found?.id ?? '0')));
}

/** What a reader who saw so many rows sees at least from then on; nothing is promised when the hour is truncated. */
function leastRows({ deeds, sweeps, isLoaded }: Play, seen: number): number {
  if (deeds.length > 0) return 0;
  // A later version is never followed by an earlier one. But this sweep takes attempts for dead while they go on, and may give up what
  // they have just committed: what stood before stays.
  return sweeps ? Math.min(seen, isLoaded ? VERSION_LINES[0] : 0) : seen;
}

async function perform(stage: Stage, play: Play): Promise<void> {
  const first = await publish(stage, VERSION_LINES[0]);
  if (play.isLoaded) await loadOnce(stage);
  const strange = startAll(stage, play, first);
  let seen = await visibleRows(stage);
  await stage.turns.run(inOrder(play.stretches), async () => {
    const now = await visibleRows(stage);
    expect(now, 'what was seen before').toBeGreaterThanOrEqual(leastRows(play, seen));
    seen = now;
  });
  expect(strange).toEqual([]);
  await checkEnd(stage, play);
}

async function loadOnce({ loader, window }: Stage): Promise<void> {
  await loader.loadTable({ ...window, mode: 'missing', seen: [], fillCleared: true });
}

describe('loadTable(), truncate(), restore(), purge() and sweep()', () => {
  it(
    'show readers none or all of exactly one load, in any order of their statements, whoever crashes where',
    async () => {
      let shared: Loader = await createLoader();
      let number = 0;
      await fc.assert(
        fc.asyncProperty(plays(), async (play) => {
          number += 1;
          if (number % PLAYS_OF_LEDGER === 0) shared = await createLoader();
          const clickhouse = { ...inject('stack').clickhouse, database: shared.database.name };
          const from = addHours(parseHour('2024-05-01T00'), number);
          const window = { table: TABLE, from, to: addHours(from, 1) } as const;
          const truncationId = `truncation-${number}`;
          await perform(
            { loader: shared, clickhouse, turns: new Turns(), window, truncationId, informed: new Set() },
            play,
          );
        }),
        // To look for a shorter play takes minutes.
        { numRuns: RUNS, endOnFailure: true, examples: RARE_PLAYS.map((play): [Play] => [play]) },
      );
    },
    RUNS * 30_000,
  );
});
