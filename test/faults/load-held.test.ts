/** Load held: a day of hours at once, while ClickHouse is slow and S3 throttles. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { freePort } from '../../devstack/process/ports.ts';
import { addHours } from '../../domain/hour.ts';
import { TASK_QUEUE } from '../../domain/service.ts';
import { startBusyProxy } from '../support/busy-proxy.ts';
import { linesOf } from '../support/feed-lines.ts';
import { IS_LARGE } from '../support/large.ts';
import { publishObject } from '../support/s3.ts';
import { createService, type Service } from '../support/service.ts';
import { expectExact, HOUR, startReader } from './support.ts';

const TABLES = ['browser_events', 'device_events'] as const;
const HOURS = Array.from({ length: 24 }, (_, index) => addHours(HOUR, index));
const LINES = 20;
const LOADS_AT_ONCE = 32;
/** What the worker allows itself: two connections for each load and a few (worker.ts). */
const CONNECTIONS_MOST = 2 * LOADS_AT_ONCE + 4;
const S3_AT_ONCE = 4;

/** Starts every hour of the day at the same time. @param round tells the runs of one day from those of another */
async function startDay(service: Service, round: string, mode: 'missing' | 'all'): Promise<Promise<unknown[]>> {
  const runs = await Promise.all(
    HOURS.map((hour) =>
      service.client.workflow.start('hourlyLoad', {
        workflowId: `${round}/${hour}`,
        taskQueue: TASK_QUEUE,
        args: [{ hour, tables: TABLES, mode, waitForObjectMinutes: 0 }],
      }),
    ),
  );
  return Promise.all(runs.map((run) => run.result()));
}

/** Activities that the worker has in hand, by its own metrics. */
async function activitiesInHand(metricsUrl: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  const [, used = ''] =
    /^temporal_worker_task_slots_used\{[^}]*worker_type="ActivityWorker"[^}]*\} (\d+)/m.exec(text) ?? [];
  return Number(used);
}

describe('a worker that a day of hours reaches at once', () => {
  it.runIf(IS_LARGE)(
    'loads each exactly once, 32 at a time, while ClickHouse is slow and S3 throttles, and is as fast as before when they are',
    async () => {
      const { clickhouse, s3 } = inject('stack');
      const healthPort = await freePort();
      const service = await createService({ LOAD_CONCURRENCY: String(LOADS_AT_ONCE) });
      for (const hour of HOURS)
        for (const table of TABLES)
          await publishObject({ ...service, table, hour, lines: linesOf(table, hour, LINES) });
      const slow = await startBusyProxy(clickhouse.url, { delayMs: 150, atOnce: Infinity });
      const throttled = await startBusyProxy(s3.endpoint, { delayMs: 50, atOnce: S3_AT_ONCE });
      const env = { CLICKHOUSE_URL: slow.url, S3_ENDPOINT: throttled.url, HEALTH_PORT: String(healthPort) };
      await service.startWorker({ env });
      const reader = startReader(service, TABLES[0]);
      const state = { done: false };
      const day = startDay(service, 'throttled', 'missing').finally(() => (state.done = true));
      const inHand = new Set<number>();
      while (!state.done) {
        inHand.add(await activitiesInHand(`http://127.0.0.1:${healthPort}/metrics`));
        await sleep(100);
      }
      await day;
      const seen = await reader.end();
      expect(seen.filter((rows) => rows % LINES !== 0)).toEqual([]);
      expect(Math.max(...inHand)).toBe(LOADS_AT_ONCE);
      expect(throttled.refused).toBeGreaterThan(0);
      // Had nobody slowed down, every load would have been refused again and again.
      expect(throttled.refused).toBeLessThan(HOURS.length * TABLES.length * S3_AT_ONCE);
      expect(throttled.takeMost()).toBeLessThanOrEqual(S3_AT_ONCE);
      expect(slow.takeMost()).toBeLessThanOrEqual(CONNECTIONS_MOST);
      const whole = Object.fromEntries(HOURS.map((hour) => [hour, LINES]));
      for (const table of TABLES) await expectExact(service, whole, table);

      slow.business.delayMs = 0;
      throttled.business.atOnce = Infinity;
      const refusedBefore = throttled.refused;
      await startDay(service, 'recovered', 'all');
      expect(throttled.refused).toBe(refusedBefore);
      expect(throttled.takeMost()).toBeGreaterThan(2 * S3_AT_ONCE); // of which each one that goes well lets more follow
      for (const table of TABLES) await expectExact(service, whole, table);
    },
    180_000,
  );
});
