import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HourlyLoadInput, HourlyLoadProgress } from '../../workflows/messages.ts';
import type { Bench } from './environment.ts';
import { skippingBench } from './environment.ts';
import { failureOf, FakeWorld, SETTINGS } from './fakes.ts';

/** Between one try and the next, on the server's clock. */
const PAUSES_S = [5, 10, 20, 40, 80, 160, 300, 300];

let bench: Bench & { environment: { currentTimeMs(): Promise<number> } };
let world: FakeWorld;
beforeAll(async () => {
  bench = await skippingBench();
});
afterAll(async () => {
  await bench.close();
});
beforeEach(() => {
  world = new FakeWorld();
});

function run(input: HourlyLoadInput, workflowId = `hourly-${randomUUID()}`): Promise<HourlyLoadProgress> {
  return bench.run(world, (taskQueue) =>
    bench.client.workflow.execute<(given?: unknown) => Promise<HourlyLoadProgress>>('hourlyLoad', {
      workflowId,
      taskQueue,
      args: [input],
    }),
  );
}

async function failureOfRun(input: unknown): Promise<ApplicationFailure> {
  const error: unknown = await run(input as HourlyLoadInput).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { cause } = error as WorkflowFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}

/** The hour that is just running on the server's clock, which skips ahead; its wait has hours to go. */
async function runningHour(): Promise<string> {
  return new Date(await bench.environment.currentTimeMs()).toISOString().slice(0, 13);
}

describe('hourlyLoad()', () => {
  test('hourlyLoad() loads every configured table of the hour once, with what the run had seen', async () => {
    const result = await run({ hour: '2024-05-01T13' });
    expect(result.hour).toBe('2024-05-01T13');
    expect(result.tables).toEqual(
      Object.fromEntries(
        SETTINGS.tables.map((table) => [table, { state: 'current', rows: 10, lines: 11, quarantined: 1 }]),
      ),
    );
    expect(world.loads.map(({ table }) => table).sort()).toEqual([...SETTINGS.tables].sort());
    expect(world.loads[0]).toMatchObject({
      from: '2024-05-01T13',
      to: '2024-05-01T14',
      mode: 'missing',
      seen: ['truncation-1'],
      fillCleared: true,
    });
  });

  test('hourlyLoad() takes tables and mode from its input', async () => {
    await run({ hour: '2024-05-01T13', tables: ['geo_events', 'geo_events'], mode: 'all' });
    expect(world.loads).toHaveLength(1);
    expect(world.loads[0]).toMatchObject({ table: 'geo_events', mode: 'all' });
  });

  test('case 1: hourlyLoad() waits for a late object by timers, and the other tables do not wait for it', async () => {
    const hour = await runningHour();
    world.answer('geo_events', hour, { outcome: 'absent' });
    const order: string[] = [];
    world.gate = () => {
      order.push(world.loads.at(-1)?.table ?? '');
      if (order.filter((table) => table === 'geo_events').length === 4) {
        world.answer('geo_events', hour, { outcome: 'current', rows: 5, lines: 5, quarantined: 0 });
      }
      return Promise.resolve();
    };
    const result = await run({ hour });
    expect(result.tables.geo_events).toEqual({ state: 'current', rows: 5, lines: 5, quarantined: 0 });
    expect(order.filter((table) => table === 'geo_events')).toHaveLength(4);
    expect(order.slice(-3)).toEqual(['geo_events', 'geo_events', 'geo_events']);
    expect(world.absents).toEqual([]);
  });

  test('case 2: hourlyLoad() records an object absent at the end of the hour plus the wait, not before', async () => {
    const hour = await runningHour();
    world.answer('geo_events', hour, { outcome: 'absent' });
    const workflowId = `hourly-${randomUUID()}`;
    const result = await run({ hour, waitForObjectMinutes: 30 }, workflowId);
    expect(result.tables.geo_events?.state).toBe('absent');
    expect(world.absents).toEqual([`geo_events/${hour}`]);
    const waitedUntilMs = Date.parse(`${hour}:00:00Z`) + 90 * 60_000;
    const { closeTime } = await bench.client.workflow.getHandle(workflowId).describe();
    const lateMs = (closeTime?.getTime() ?? 0) - waitedUntilMs;
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(60_000);
  });

  test('hourlyLoad() tries an old hour once, however long the wait is set', async () => {
    world.otherwise = { outcome: 'absent' };
    const result = await run({ hour: '2024-05-01T13', tables: ['geo_events'] });
    expect(result.tables.geo_events?.state).toBe('absent');
    expect(world.loads).toHaveLength(1);
    expect(world.absents).toEqual(['geo_events/2024-05-01T13']);
  });

  test('hourlyLoad() ends well when an object is rejected, and says why', async () => {
    world.answer('geo_events', '2024-05-01T13', {
      outcome: 'rejected',
      reason: 'crc-mismatch',
      detail: 'expected 1, found 2',
    });
    const result = await run({ hour: '2024-05-01T13' });
    expect(result.tables.geo_events).toMatchObject({ state: 'rejected', detail: 'crc-mismatch: expected 1, found 2' });
  });

  test('hourlyLoad() loads the other tables when some fail, then fails with all of them named', async () => {
    world.answer('geo_events', '2024-05-01T13', failureOf('AccessError', 'Cannot read: found 403'));
    world.answer('device_events', '2024-05-01T13', failureOf('SetupError', 'Cannot insert: found no table'));
    const failure = await failureOfRun({ hour: '2024-05-01T13' });
    expect(failure.type).toBe('LoadFailed');
    expect(failure.message).toBe(
      'Load hour 2024-05-01T13: failed for device_events: SetupError: Cannot insert: found no table; ' +
        'geo_events: AccessError: Cannot read: found 403',
    );
    expect(world.loads).toHaveLength(4);
  });

  test('hourlyLoad() tries again after a retryable error, more slowly each time, up to every five minutes', async () => {
    world.answer('geo_events', '2024-05-01T13', failureOf('UnavailableError', 'Cannot connect'));
    const triedMs: number[] = [];
    world.gate = async () => {
      triedMs.push(await bench.environment.currentTimeMs());
      if (triedMs.length === PAUSES_S.length + 1) world.answers.clear();
    };
    const result = await run({ hour: '2024-05-01T13', tables: ['geo_events'] });
    expect(result.tables.geo_events?.state).toBe('current');
    const pausesMs = triedMs.slice(1).map((ms, index) => ms - (triedMs[index] ?? 0));
    expect(
      pausesMs.map((ms, index) => ms >= (PAUSES_S[index] ?? 0) * 1_000),
      pausesMs.join(),
    ).toEqual(PAUSES_S.map(() => true));
  });

  test.each([
    [
      { hour: '2024-13-01T00' },
      'field "hour": Cannot read "2024-13-01T00" as an hour: expected UTC such as "2024-04-10T23"',
    ],
    [{ hours: 3 }, 'found the unknown field "hours", expected hour, tables, mode, waitForObjectMinutes'],
    [{ tables: ['x; DROP TABLE'] }, 'field "tables": found "x; DROP TABLE", expected one or more of browser_events'],
    [{ tables: [] }, 'field "tables": found no table'],
    [{ mode: 'ALL' }, 'field "mode": found "ALL", expected missing, changed, all'],
    [{ waitForObjectMinutes: 1.5 }, 'field "waitForObjectMinutes": found 1.5, expected a whole number from 0 to 1440'],
    ['2024-05-01T13', 'found "2024-05-01T13" as input, expected an object'],
  ])('hourlyLoad() refuses the input %o at once', async (input, sentence) => {
    const failure = await failureOfRun(input);
    expect(failure).toMatchObject({ type: 'InputError', nonRetryable: true });
    expect(failure.message).toContain(`Cannot start hourlyLoad: ${sentence}`);
    expect(world.loads).toEqual([]);
  });
});
