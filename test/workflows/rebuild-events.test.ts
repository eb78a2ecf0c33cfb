import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RebuildEventsProgress } from '../../workflows/rebuild-events.ts';
import { skippingBench, type Bench } from './environment.ts';
import { failureOf, FakeWorld } from './fakes.ts';

let bench: Bench;
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

function rebuild(): Promise<RebuildEventsProgress> {
  return bench.run(world, (taskQueue) =>
    bench.client.workflow.execute<() => Promise<RebuildEventsProgress>>('rebuildEvents', {
      workflowId: `rebuild-${randomUUID()}`,
      taskQueue,
    }),
  );
}

describe('rebuildEvents()', () => {
  test('rebuildEvents() builds months once nothing else is stale, until none is left', async () => {
    world.months = [
      { monthsBuilt: 12, monthsLeft: 3 },
      { monthsBuilt: 3, monthsLeft: 0 },
    ];
    expect(await rebuild()).toEqual({ hoursBuilt: 0, rows: 0, monthsBuilt: 15, failures: [] });
  });

  test('rebuildEvents() leaves months that cannot be built to the next run', async () => {
    world.months = [
      { monthsBuilt: 0, monthsLeft: 2 },
      { monthsBuilt: 2, monthsLeft: 0 },
    ];
    expect(await rebuild()).toMatchObject({ monthsBuilt: 0 });
    expect(world.months).toHaveLength(1); // it did not ask again
  });

  test('rebuildEvents() says which months failed, with what was built before', async () => {
    world.months = [{ monthsBuilt: 12, monthsLeft: 3 }, failureOf('InputError', 'Cannot build 2024-05')];
    const { monthsBuilt, failures } = await rebuild();
    expect([monthsBuilt, failures]).toEqual([12, [expect.stringMatching(/^months: .*Cannot build 2024-05/)]]);
  });
});
