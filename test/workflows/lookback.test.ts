import { randomUUID } from 'node:crypto';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addHours, hourAt, parseHour } from '../../domain/hour.ts';
import { LOOKBACK_ID, SEARCH_ATTRIBUTES } from '../../domain/service.ts';
import type { HourlyLoadProgress, LookbackInput, LookbackProgress } from '../../workflows/messages.ts';
import { eventually } from '../support/eventually.ts';
import { realBench, type Bench } from './environment.ts';
import { dayWindows, failureOf, FakeWorld, SETTINGS } from './fakes.ts';

let bench: Bench;
let world: FakeWorld;
beforeAll(async () => {
  bench = await realBench();
});
afterAll(async () => {
  await bench.close();
});
beforeEach(() => {
  world = new FakeWorld();
});

const DAYS = dayWindows('geo_events', parseHour('2024-05-01T00'), parseHour('2024-05-06T00'));

function look(input?: LookbackInput): Promise<LookbackProgress> {
  return bench.run(world, (taskQueue) =>
    bench.client.workflow.execute<(given?: LookbackInput) => Promise<LookbackProgress>>('lookback', {
      workflowId: `lookback-${randomUUID()}`,
      taskQueue,
      args: input === undefined ? [] : [input],
    }),
  );
}

describe('lookback()', () => {
  test('lookback() looks over the configured hours, up to those whose own run may still wait', async () => {
    const result = await look();
    const to = hourAt(Date.now() - 3_600_000);
    expect([to, addHours(to, -1)]).toContain(result.to);
    expect(result.from).toBe(addHours(result.to, -48));
    expect(world.looks).toEqual([{ from: result.from, to: result.to, tables: [...SETTINGS.tables] }]);
  });

  test('lookback() begins no earlier than the feed', async () => {
    const feedStart = addHours(hourAt(Date.now()), -5);
    world.settings = { ...SETTINGS, feedStart };
    expect((await look({ hours: 100 })).from).toBe(feedStart);
  });

  test('lookback() does nothing before the feed has begun', async () => {
    world.settings = { ...SETTINGS, feedStart: addHours(hourAt(Date.now()), 5) };
    expect(await look()).toMatchObject({ windows: 0 });
    expect(world.looks).toEqual([]);
  });

  test('lookback() loads what the look found, changed hours too, and leaves cleared ones alone', async () => {
    world.look = { windows: DAYS, presentObjects: 120, absentObjects: 3, foreignKeys: 2 };
    const result = await look();
    expect(world.loads).toHaveLength(5);
    expect(world.loads[0]).toMatchObject({ mode: 'changed', fillCleared: false, seen: ['truncation-1'] });
    expect(result).toMatchObject({
      windows: 5,
      windowsDone: 5,
      loadedHours: 120,
      rows: 1200,
      quarantined: 120,
      presentObjects: 120,
      absentObjects: 3,
      foreignKeys: 2,
      troubles: [],
    });
  });

  test('lookback() loads as many windows at a time as configured, no more', async () => {
    world.look = { windows: DAYS };
    world.gate = () => eventually(() => world.running === 3 || world.loads.length > 3);
    await look();
    expect(world.mostRunning).toBe(3);
  });

  test('lookback() goes on after a window that fails, and names it', async () => {
    world.look = { windows: DAYS };
    world.answer('geo_events', '2024-05-02T07', failureOf('AccessError', 'Cannot read: found 403'));
    world.answer('geo_events', '2024-05-04T01', { outcome: 'rejected', reason: 'archive-broken', detail: 'truncated' });
    const result = await look();
    expect(result).toMatchObject({ windowsDone: 5, failedWindows: 1, loadedHours: 95 });
    expect([...result.troubles].sort((a, b) => (a.from < b.from ? -1 : 1))).toEqual([
      {
        table: 'geo_events',
        from: '2024-05-02T00',
        to: '2024-05-03T00',
        kind: 'failed',
        detail: 'AccessError: Cannot read: found 403',
      },
      {
        table: 'geo_events',
        from: '2024-05-04T01',
        to: '2024-05-04T02',
        kind: 'rejected',
        detail: 'archive-broken: truncated',
      },
    ]);
  });
});

describe('hourlyLoad() for the newest hour', () => {
  type HourlyLoad = (given?: unknown) => Promise<HourlyLoadProgress>;

  test.each([[undefined], [null], [{}]])(
    'hourlyLoad() takes the input %o for the hour before its start',
    async (input) => {
      const result = await bench.run(world, async (taskQueue) => {
        const progress = await bench.client.workflow.execute<HourlyLoad>('hourlyLoad', {
          workflowId: `hourly-${randomUUID()}`,
          taskQueue,
          args: input === undefined ? [] : [input],
        });
        await bench.client.workflow.getHandle(LOOKBACK_ID).result();
        return progress;
      });
      const hour = hourAt(Date.now() - 3_600_000);
      expect([hour, addHours(hour, -1)]).toContain(result.hour);
    },
  );

  test('hourlyLoad() starts a lookback, shares the one that runs, and does not wait for it', async () => {
    world.look = { windows: DAYS.slice(0, 1) };
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    world.gate = () => (world.loads.at(-1)?.mode === 'changed' ? opened : Promise.resolve());
    await bench.run(world, async (taskQueue) => {
      const load = (): Promise<HourlyLoadProgress> =>
        bench.client.workflow.execute<HourlyLoad>('hourlyLoad', { workflowId: `hourly-${randomUUID()}`, taskQueue });
      await load();
      await eventually(() => world.looks.length === 1);
      await load();
      open();
      await bench.client.workflow.getHandle(LOOKBACK_ID).result();
    });
    expect(world.looks).toHaveLength(1);
  });

  test('hourlyLoad() started by a schedule loads the hour before the scheduled time, not before the clock', async () => {
    const scheduleId = `test-${randomUUID()}`;
    await bench.run(world, async (taskQueue) => {
      const schedule = await bench.client.schedule.create({
        scheduleId,
        spec: { calendars: [{ minute: 5, hour: '*' }] },
        action: { type: 'startWorkflow', workflowType: 'hourlyLoad', workflowId: scheduleId, taskQueue },
        policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL },
        state: { paused: true },
      });
      try {
        await schedule.backfill({
          start: new Date('2024-05-01T12:59:00Z'),
          end: new Date('2024-05-01T16:00:00Z'),
          overlap: ScheduleOverlapPolicy.ALLOW_ALL,
        });
        await eventually(() => new Set(world.loads.map(({ from }) => from)).size === 3);
        for (const hour of [13, 14, 15]) {
          await bench.client.workflow.getHandle(`${scheduleId}-2024-05-01T${hour}:05:00Z`).result();
        }
      } finally {
        await schedule.delete();
      }
    });
    // Runs that are made up for start no lookback each.
    expect(world.looks).toEqual([]);
    expect([...new Set(world.loads.map(({ from }) => from))].sort()).toEqual([
      '2024-05-01T12',
      '2024-05-01T13',
      '2024-05-01T14',
    ]);
  });

  test('hourlyLoad() started by a schedule when it is due starts a lookback', async () => {
    const scheduleId = `test-${randomUUID()}`;
    await bench.run(world, async (taskQueue) => {
      const schedule = await bench.client.schedule.create({
        scheduleId,
        spec: {},
        action: { type: 'startWorkflow', workflowType: 'hourlyLoad', workflowId: scheduleId, taskQueue },
      });
      try {
        await schedule.trigger();
        await eventually(() => world.looks.length === 1);
        await bench.client.workflow.getHandle(LOOKBACK_ID).result();
      } finally {
        await schedule.delete();
      }
    });
  });

  test('hourlyLoad() sets the search attributes that the server knows', async () => {
    world.settings = { ...SETTINGS, searchAttributes: ['ClickfeedTable', 'ClickfeedHour'] };
    const workflowId = `hourly-${randomUUID()}`;
    await bench.run(world, (taskQueue) =>
      bench.client.workflow.execute<HourlyLoad>('hourlyLoad', {
        workflowId,
        taskQueue,
        args: [{ hour: '2024-05-01T13', tables: ['geo_events', 'browser_events'] }],
      }),
    );
    const { typedSearchAttributes } = await bench.client.workflow.getHandle(workflowId).describe();
    const table = defineSearchAttributeKey('ClickfeedTable', SEARCH_ATTRIBUTES.ClickfeedTable);
    const hour = defineSearchAttributeKey('ClickfeedHour', SEARCH_ATTRIBUTES.ClickfeedHour);
    expect(typedSearchAttributes.get(table)).toEqual(['geo_events', 'browser_events']);
    expect(typedSearchAttributes.get(hour)).toEqual(new Date('2024-05-01T13:00:00Z'));
  });
});
