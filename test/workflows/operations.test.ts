import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Mismatch } from '../../activities/operations/api.ts';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { addHours, parseHour } from '../../domain/hour.ts';
import { composeLoadId } from '../../domain/load-id.ts';
import { ALL_HOURS, truncationIdOf, type HiddenLoads } from '../../domain/truncation.ts';
import type { ReconcileProgress } from '../../workflows/reconcile-run.ts';
import type { SweepResult } from '../../workflows/sweep.ts';
import type { TruncateResult } from '../../workflows/truncate-tables.ts';
import { skippingBench, type Bench } from './environment.ts';
import { dayWindows, failureOf } from './fakes.ts';
import { OperatorWorld } from './operations-fakes.ts';

let bench: Bench & { environment: { currentTimeMs(): Promise<number> } };
let world: OperatorWorld;
beforeAll(async () => {
  bench = await skippingBench();
});
afterAll(async () => {
  await bench.close();
});
beforeEach(() => {
  world = new OperatorWorld();
});

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what the workflow returns
function execute<Result>(workflow: string, input?: unknown): Promise<{ result: Result; runId: string }> {
  return bench.run(world, async (taskQueue) => {
    const handle = await bench.client.workflow.start(workflow, {
      workflowId: `${workflow}-${randomUUID()}`,
      taskQueue,
      args: input === undefined ? [] : [input],
    });
    return { result: (await handle.result()) as Result, runId: handle.firstExecutionRunId };
  });
}

async function failureOfRun(workflow: string, input?: unknown): Promise<ApplicationFailure> {
  const error: unknown = await execute(workflow, input).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { cause } = error as WorkflowFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}

describe('truncateTables()', () => {
  test.each([[undefined], [null], [{}]])('truncateTables() takes the input %o for all tables wholly', async (input) => {
    const beforeMs = await bench.environment.currentTimeMs();
    const { result, runId } = await execute<TruncateResult>('truncateTables', input);
    expect(world.truncations).toEqual([{ tables: TABLE_NAMES, ...ALL_HOURS, truncationId: truncationIdOf(runId) }]);
    expect(result).toMatchObject({ truncationId: truncationIdOf(runId), loads: 4, rows: 40, sizeBytes: 400 });
    // The server's clock may skip ahead while the run is begun, not back.
    expect(Date.parse(result.purgedAfter ?? '')).toBeGreaterThanOrEqual(beforeMs + 24 * 3_600_000);
    expect(world.calls).toEqual([]);
  });

  test('truncateTables() takes tables and hours', async () => {
    await execute('truncateTables', { tables: 'geo_events', from: '2024-05-01T00', to: '2024-05-01T03' });
    expect(world.truncations).toMatchObject([{ tables: ['geo_events'], from: '2024-05-01T00', to: '2024-05-01T03' }]);
  });

  test('truncateTables() with purge deletes the rows at once, in as many sweeps as it takes', async () => {
    world.sweeps = [{ deletedRows: 30, more: true }, { deletedRows: 10 }];
    const { result } = await execute<TruncateResult>('truncateTables', { tables: ['geo_events'], purge: true });
    expect(world.calls).toEqual([
      `purge ${result.truncationId}`,
      'sweep geo_events',
      'sweep geo_events',
      'sweep events',
    ]);
    expect(result).toMatchObject({ deletedRows: 40, purgedLoads: 4 });
    expect(result.purgedAfter).toBeUndefined();
  });

  test.each([
    [{ table: 'geo_events' }, 'found the unknown field "table", expected tables, from, to, purge'],
    [{ tables: ['x; DROP'] }, 'field "tables": found "x; DROP"'],
    [{ from: '2024-05-02T00', to: '2024-05-01T00' }, 'found 2024-05-02T00 to 2024-05-01T00'],
    [{ purge: 1 }, 'field "purge": found 1, expected true or false'],
  ])('truncateTables() refuses the input %o at once and hides nothing', async (input, sentence) => {
    const failure = await failureOfRun('truncateTables', input);
    expect(failure).toMatchObject({ type: 'InputError', nonRetryable: true });
    expect(failure.message).toContain(sentence);
    expect(world.truncations).toEqual([]);
  });
});

describe('restoreTables()', () => {
  test('restoreTables() restores the truncation that it is given', async () => {
    const { result } = await execute<HiddenLoads>('restoreTables', { truncationId: 'truncation-7' });
    expect(result).toMatchObject({ truncationId: 'truncation-7', loads: 4, rows: 40 });
    expect(world.calls).toEqual(['restore truncation-7']);
  });

  test.each([[undefined], [{}], [{ truncationId: 7 }], [{ truncationId: "'; --" }]])(
    'restoreTables() refuses the input %o at once',
    async (input) => {
      expect(await failureOfRun('restoreTables', input)).toMatchObject({ type: 'InputError', nonRetryable: true });
      expect(world.calls).toEqual([]);
    },
  );
});

describe('sweep()', () => {
  test('sweep() purges what is older than the grace period, then sweeps every table', async () => {
    const nowMs = await bench.environment.currentTimeMs();
    const truncation = { tables: TABLE_NAMES, ...ALL_HOURS };
    world.purgeable = [
      { ...truncation, truncationId: 'truncation-old', truncatedMs: nowMs - 25 * 3_600_000 },
      { ...truncation, truncationId: 'truncation-new', truncatedMs: nowMs - 3_600_000 },
    ];
    const { result } = await execute<SweepResult>('sweep');
    expect(world.calls).toEqual([
      'purge truncation-old',
      ...TABLE_NAMES.map((table) => `sweep ${table}`),
      'sweep events',
    ]);
    expect(result.purged).toEqual([{ truncationId: 'truncation-old', outcome: 'purged', loads: 4 }]);
    expect(result.tables).toHaveLength(5);
  });

  test('sweep() ends after a bounded number of rounds and says that more is left', async () => {
    world.sweeps = Array.from({ length: 50 }, () => ({ deletedLoads: 1, more: true }));
    const { result } = await execute<SweepResult>('sweep', { tables: ['geo_events'] });
    expect(result.tables).toMatchObject([{ table: 'geo_events', deletedLoads: 20, more: true }, { table: 'events' }]);
  });
});

const DAY = parseHour('2024-05-01T00');
const RANGE = { from: DAY, to: addHours(DAY, 24 * 10), tables: ['geo_events'] };

function mismatchAt(hour: string): Mismatch {
  return {
    table: 'geo_events',
    hour: parseHour(hour),
    loadId: composeLoadId(parseHour(hour).length, Number(hour.slice(8, 10))),
    expected: { rows: 10, quarantined: 1 },
    found: { rows: 9, distinctLines: 9, quarantined: 1 },
  };
}

describe('reconcile()', () => {
  test('reconcile() looks at the whole range, loads what differs and leaves cleared hours alone', async () => {
    world.look = { windows: dayWindows('geo_events', DAY, addHours(DAY, 24)), presentObjects: 160, absentObjects: 8 };
    const { result } = await execute<ReconcileProgress>('reconcile', RANGE);
    expect(world.looks.map(({ from, to }) => `${from} ${to}`)).toEqual([
      '2024-05-01T00 2024-05-08T00',
      '2024-05-08T00 2024-05-11T00',
    ]);
    expect(world.loads).toHaveLength(2);
    expect(world.loads[0]).toMatchObject({ mode: 'changed', fillCleared: false, seen: ['truncation-1'] });
    expect(result).toMatchObject({
      reconciledTo: RANGE.to,
      presentObjects: 320,
      absentObjects: 16,
      windows: 2,
      windowsDone: 2,
      loadedHours: 48,
      alarmCount: 0,
    });
  });

  test('reconcile() loads an hour again whose rows are not those of its receipt, and gives the bad load up after that', async () => {
    const [mended, hopeless] = [mismatchAt('2024-05-02T07'), mismatchAt('2024-05-09T07')];
    world.mismatches = [mended, hopeless];
    world.replaced = [mended.loadId];
    world.answer('geo_events', '2024-05-09T07', failureOf('ObjectRejectedError', 'Cannot read: found a riddle'));
    const { result } = await execute<ReconcileProgress>('reconcile', RANGE);
    expect(world.loads).toMatchObject([
      { from: '2024-05-02T07', to: '2024-05-02T08', mode: 'all', fillCleared: false },
      { from: '2024-05-09T07', to: '2024-05-09T08', mode: 'all', fillCleared: false },
    ]);
    expect(result.alarms).toEqual([
      { ...mended, repaired: true },
      { ...hopeless, repaired: false },
    ]);
    expect(result).toMatchObject({
      alarmCount: 2,
      failedWindows: 1,
      troubles: [{ from: '2024-05-09T07', kind: 'failed' }],
    });
    expect(world.calls).toContain(`abandon ${mended.loadId}`);
  });

  test('reconcile() goes on when one window fails', async () => {
    world.look = { windows: dayWindows('geo_events', DAY, addHours(DAY, 48)) };
    world.answer('geo_events', '2024-05-01T05', failureOf('InputError', 'Cannot load: found a riddle'));
    const { result } = await execute<ReconcileProgress>('reconcile', { ...RANGE, to: addHours(DAY, 48) });
    expect(result).toMatchObject({
      windowsDone: 2,
      failedWindows: 1,
      loadedHours: 24,
      reconciledTo: addHours(DAY, 48),
    });
  });

  test('reconcile() takes no input for the whole feed, up to the hours whose own run may still wait', async () => {
    const nowMs = await bench.environment.currentTimeMs();
    world.settings = {
      ...world.settings,
      feedStart: addHours(parseHour(new Date(nowMs).toISOString().slice(0, 13)), -50),
    };
    const { result } = await execute<ReconcileProgress>('reconcile');
    expect(result.from).toBe(world.settings.feedStart);
    expect(Date.parse(`${result.to}:00:00Z`)).toBeLessThanOrEqual(nowMs);
    expect(result.tables).toEqual(TABLE_NAMES);
  });

  test.each([[{ from: '2023-01-01T00' }], [{ to: '2199-01-01T00' }], [{ from: '2024-05-02T00', to: '2024-05-01T00' }]])(
    'reconcile() refuses the input %o at once',
    async (input) => {
      const failure = await failureOfRun('reconcile', input);
      expect(failure.message).toMatch(/^Cannot start reconcile: found .* expected hours from 2024-04-10T23 to /);
      expect(world.looks).toEqual([]);
    },
  );
});

describe('daily()', () => {
  test('daily() sweeps, then reconciles', async () => {
    const nowMs = await bench.environment.currentTimeMs();
    world.settings = {
      ...world.settings,
      feedStart: addHours(parseHour(new Date(nowMs).toISOString().slice(0, 13)), -50),
    };
    const { result } = await execute('daily');
    expect(result).toEqual({ sweep: 'done', reconcile: 'done' });
    expect(world.calls.filter((call) => call.startsWith('sweep'))).toHaveLength(5);
    expect(world.looks.length).toBeGreaterThan(0);
  });
});
