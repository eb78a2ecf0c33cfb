import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import type { BackfillEstimate } from '../../domain/estimate.ts';
import { addHours, hoursOf, parseHour } from '../../domain/hour.ts';
import type { BackfillProgress } from '../../workflows/backfill-run.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { realBench, skippingBench, type Bench } from './environment.ts';
import { failureOf } from './fakes.ts';
import { OperatorWorld } from './operations-fakes.ts';

type Backfill = (input?: unknown) => Promise<BackfillProgress>;

const DAYS_3 = { from: '2024-05-01T00', to: '2024-05-04T00' };
const HOURS_3 = 3 * 24 * TABLE_NAMES.length;

let real: Bench;
let world: OperatorWorld;
beforeAll(async () => {
  real = await realBench();
});
afterAll(() => real.close());
beforeEach(() => {
  world = new OperatorWorld();
});

function start(bench: Bench, taskQueue: string, input?: unknown): Promise<WorkflowHandle<Backfill>> {
  return bench.client.workflow.start<Backfill>('backfill', {
    workflowId: `backfill-${randomUUID()}`,
    taskQueue,
    args: input === undefined ? [] : [input],
  });
}

function run(input?: unknown, bench = real): Promise<BackfillProgress> {
  return bench.run(world, async (taskQueue) => (await start(bench, taskQueue, input)).result());
}

/** A server of its own for each: one that skipped hours for a run leaves the timers of the next one waiting. */
async function runSkipping(input: unknown): Promise<BackfillProgress> {
  const skipping = await skippingBench();
  cleanUpLater(() => skipping.close());
  return run(input, skipping);
}

async function failureOfRun(input: unknown, bench = real): Promise<ApplicationFailure> {
  const error: unknown = await run(input, bench).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { cause } = error as WorkflowFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}

function loadedHours(): string[] {
  return world.loads.flatMap((window) => [...hoursOf(window)].map((hour) => `${window.table}/${hour}`)).sort();
}

describe('backfill()', () => {
  test('backfill() loads every hour of the range once, with what the run had seen, a bounded number at a time', async () => {
    const result = await run({ ...DAYS_3, concurrency: 2 });
    expect(result).toMatchObject({
      phase: 'done',
      hoursTotal: HOURS_3,
      hoursDone: HOURS_3,
      rows: 10 * HOURS_3,
      quarantined: HOURS_3,
      hours: { current: HOURS_3, failed: 0 },
      troubles: [],
    });
    const hours = [...hoursOf({ from: parseHour(DAYS_3.from), to: parseHour(DAYS_3.to) })];
    expect(loadedHours()).toEqual(TABLE_NAMES.flatMap((table) => hours.map((hour) => `${table}/${hour}`)).sort());
    expect(world.loads[0]).toMatchObject({ mode: 'missing', seen: ['truncation-1'], fillCleared: true });
    expect(world.mostRunning).toBeLessThanOrEqual(2);
  });

  test('backfill() goes by windows of days when the range is long and the worker says how long they may be', async () => {
    world.settings = { ...world.settings, windowDaysMost: 7 };
    const result = await run({ from: '2024-05-01T00', to: '2024-05-15T00', concurrency: 2 });
    expect(result).toMatchObject({ phase: 'done', windowDays: 7, hours: { current: 14 * 24 * 4, failed: 0 } });
    expect(new Set(loadedHours()).size).toBe(14 * 24 * 4);
    expect(world.loads.length).toBeLessThanOrEqual(3 * 4);
  });

  test.each([
    ['newest', ['2024-05-03', '2024-05-02', '2024-05-01']],
    ['oldest', ['2024-05-01', '2024-05-02', '2024-05-03']],
  ])('backfill() begins with the %s day', async (order, days) => {
    await run({ ...DAYS_3, tables: 'geo_events', order, concurrency: 1 });
    expect(world.loads.map(({ from }) => from.slice(0, 10))).toEqual(days);
  });

  test.each([[undefined], [null], [{}]])(
    'backfill() takes the input %o for the whole feed up to the last complete hour',
    async (input) => {
      const newest = new Date().toISOString().slice(0, 13);
      world.settings = { ...world.settings, feedStart: addHours(parseHour(newest), -30) };
      const result = await run(input);
      expect(result.from).toBe(world.settings.feedStart);
      expect([newest, new Date().toISOString().slice(0, 13)]).toContain(result.to);
      expect(result).toMatchObject({ tables: [...TABLE_NAMES], mode: 'missing', order: 'newest', concurrency: 3 });
    },
  );

  test.each([
    [{ from: '2024-13-01T00' }, 'field "from": Cannot read "2024-13-01T00" as an hour'],
    [
      { from: '2024-05-02T00', to: '2024-05-01T00' },
      'found 2024-05-02T00 to 2024-05-01T00, expected "from" before "to"',
    ],
    [{ from: '2023-05-02T00' }, 'expected "from" 2024-04-10T23 or later'],
    [{ to: '2199-01-01T00' }, 'found 2024-04-10T23 to 2199-01-01T00, expected "to" '],
    [{ mode: 'everything' }, 'field "mode": found "everything", expected missing, changed, all'],
    [{ order: 'random' }, 'field "order": found "random", expected newest, oldest'],
    [{ concurrency: 65 }, 'field "concurrency": found 65, expected a whole number from 1 to 64'],
    [{ dryRun: 'yes' }, 'field "dryRun": found "yes", expected true or false'],
    [{ table: 'geo_events' }, 'found the unknown field "table"'],
  ])('backfill() refuses the input %o at once, in one sentence', async (input, sentence) => {
    const failure = await failureOfRun(input);
    expect(failure).toMatchObject({ type: 'InputError', nonRetryable: true });
    expect(failure.message).toMatch(/^Cannot start backfill: /);
    expect(failure.message).toContain(sentence);
    expect(world.loads).toEqual([]);
  });

  test('case 86: backfill() lists a poisoned hour with its reason and loads all others', async () => {
    world.answer('geo_events', '2024-05-02T07', failureOf('ObjectRejectedError', 'Cannot read: found a riddle'));
    world.answer('geo_events', '2024-05-03T07', { outcome: 'rejected', reason: 'crc-mismatch', detail: 'found 1' });
    const result = await run(DAYS_3);
    expect(result.hours).toMatchObject({ current: HOURS_3 - 2, failed: 1, rejected: 1 });
    expect(result.troubleCount).toBe(2);
    expect(result.troubles).toContainEqual({
      table: 'geo_events',
      from: '2024-05-02T07',
      to: '2024-05-02T08',
      kind: 'failed',
      detail: 'ObjectRejectedError: Cannot read: found a riddle',
    });
    expect(result.troubles).toContainEqual(
      expect.objectContaining({ from: '2024-05-03T07', kind: 'rejected', detail: 'crc-mismatch: found 1' }),
    );
  });

  test('backfill() waits while servers are away and then loads every hour', async () => {
    let away = 0;
    world.gate = () => {
      away += 1;
      return away <= 40 ? Promise.reject(failureOf('UnavailableError', 'Cannot connect')) : Promise.resolve();
    };
    const result = await runSkipping({ ...DAYS_3, tables: 'geo_events' });
    expect(result).toMatchObject({ phase: 'done', hours: { current: 72, failed: 0 }, troubleCount: 0 });
  });

  test('backfill() lists an hour that alone cannot be reached, while others are loaded', async () => {
    world.answer('geo_events', '2024-05-02T07', failureOf('UnavailableError', 'Cannot read'));
    const result = await runSkipping({ ...DAYS_3, tables: 'geo_events', concurrency: 1 });
    expect(result.hours).toMatchObject({ current: 71, failed: 1 });
    expect(result.troubles).toMatchObject([{ from: '2024-05-02T07', kind: 'failed' }]);
  });

  test('backfill() stops with the sentence of the truncation that came meanwhile', async () => {
    const sentence = 'Cannot load geo_events as it was truncated after this run began: found truncation-2';
    world.answer('geo_events', '2024-05-02T07', failureOf('TruncatedMeanwhileError', sentence));
    const failure = await failureOfRun({ ...DAYS_3, concurrency: 1, order: 'oldest' });
    expect(failure).toMatchObject({ type: 'TruncatedMeanwhileError', message: sentence });
    expect(world.loads.some(({ from }) => from.startsWith('2024-05-03'))).toBe(false);
  });

  test('backfill() stops when a server refuses everything, instead of listing every hour', async () => {
    world.otherwise = failureOf('AccessError', 'Cannot read the ledger: found 516');
    const failure = await failureOfRun(DAYS_3);
    expect(failure).toMatchObject({ type: 'AccessError', message: 'Cannot read the ledger: found 516' });
  });

  test('backfill() begins nothing while it is paused, tells so, and goes on when it is resumed', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.gate = () => held;
    await real.run(world, async (taskQueue) => {
      const handle = await start(real, taskQueue, { ...DAYS_3, concurrency: 2 });
      await vi.waitFor(() => {
        expect(world.loads).toHaveLength(2);
      }, 20_000);
      await handle.signal('pause');
      release();
      await vi.waitFor(async () => {
        expect(await handle.query<BackfillProgress>('progress')).toMatchObject({ phase: 'paused', hoursDone: 48 });
      }, 20_000);
      expect(world.loads).toHaveLength(2);
      await handle.signal('resume');
      expect(await handle.result()).toMatchObject({ phase: 'done', hoursDone: HOURS_3 });
    });
    expect(loadedHours()).toHaveLength(HOURS_3);
  });

  test('backfill() says where it stood when it is cancelled', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.gate = () => (world.loads.length <= 2 ? Promise.resolve() : held);
    await real.run(world, async (taskQueue) => {
      const handle = await start(real, taskQueue, { ...DAYS_3, concurrency: 1 });
      await vi.waitFor(() => {
        expect(world.loads).toHaveLength(3);
      }, 20_000);
      await handle.cancel();
      const error: unknown = await handle.result().catch((thrown: unknown) => thrown);
      release();
      expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
      const { memo } = await handle.describe();
      expect(memo).toMatchObject({ stoodAt: `cancelled with 48 of ${HOURS_3} hours done, 480 rows loaded` });
      expect(await handle.query<BackfillProgress>('progress')).toMatchObject({ phase: 'cancelled', hoursDone: 48 });
    });
  });

  test('backfill() continues as new with what it had seen and counted, each history below 10,000 events', async () => {
    const histories: number[] = [];
    world.settings = { ...world.settings, windowConcurrency: 32 };
    const result = await real.run(world, async (taskQueue) => {
      const handle = await start(real, taskQueue, { from: '2024-05-01T00', to: '2025-06-05T00' });
      const first = await real.client.workflow.getHandle(handle.workflowId).describe();
      const done = await handle.result();
      const last = await real.client.workflow.getHandle(handle.workflowId).describe();
      histories.push(
        await eventCount(real.client.workflow.getHandle(handle.workflowId, first.runId)),
        await eventCount(real.client.workflow.getHandle(handle.workflowId, last.runId)),
      );
      return done;
    });
    const hours = 400 * 24 * TABLE_NAMES.length;
    expect(result).toMatchObject({ phase: 'done', hoursTotal: hours, hoursDone: hours, rows: 10 * hours });
    expect(result.continued).toBeGreaterThan(0);
    expect(new Set(world.loads.map(({ seen }) => seen.join()))).toEqual(new Set(['truncation-1']));
    expect(loadedHours()).toHaveLength(hours);
    expect(new Set(loadedHours()).size).toBe(hours);
    for (const events of histories) expect(events).toBeLessThan(10_000);
  }, 180_000);

  test('backfill() needs a few hundred events for 60 days of four tables', async () => {
    const events = await real.run(world, async (taskQueue) => {
      const handle = await start(real, taskQueue, { from: '2024-05-01T00', to: '2024-06-30T00' });
      await handle.result();
      return eventCount(handle);
    });
    expect(events).toBeLessThan(2_500);
  }, 60_000);

  test('backfill() in mode all refuses when the disk may not hold it, unless forced', async () => {
    const storage = { rows: 100, objectBytes: 1_000, storedBytes: 50_000, storedRows: 100, rangeRows: 80 };
    world.facts = { ...world.facts, tables: { geo_events: storage }, freeDiskBytes: 59_999 };
    const failure = await failureOfRun({ ...DAYS_3, mode: 'all' });
    expect(failure).toMatchObject({
      type: 'FreeDiskTooSmall',
      message:
        'Cannot start backfill in mode all: found 59999 bytes of free disk, expected 60000 (1.5 times what the range takes); ' +
        'free some, narrow the range, or set "force"',
    });
    expect(world.loads).toEqual([]);
    expect(await run({ ...DAYS_3, mode: 'all', force: true })).toMatchObject({ phase: 'done', hoursDone: HOURS_3 });
  });

  test('backfill() as a dry run estimates and loads nothing', async () => {
    const storage = { rows: 100, objectBytes: 1_000, storedBytes: 50_000, storedRows: 100, rangeRows: 80 };
    world.facts = { tables: { geo_events: storage }, freeDiskBytes: 7, recentLoads: 20, recentMinutes: 10 };
    const estimate = (await run({ from: '2024-05-01T00', to: '2024-06-10T00', dryRun: true })) as unknown;
    expect(estimate).toEqual<BackfillEstimate>({
      hours: { load: 20, loadSizeBytes: 2_000, unchanged: 2, absent: 4, rejected: 6, ambiguous: 0 },
      expectedRows: 200,
      expectedDiskBytes: 100_000,
      freeDiskBytes: 7,
      expectedMinutes: 10,
    });
    expect(world.calls).toEqual([
      'survey 2024-05-01T00 2024-06-01T00 missing',
      'survey 2024-06-01T00 2024-06-10T00 missing',
    ]);
    expect(world.loads).toEqual([]);
  });
});

async function eventCount(handle: WorkflowHandle): Promise<number> {
  const { events } = await handle.fetchHistory();
  return events?.length ?? 0;
}
