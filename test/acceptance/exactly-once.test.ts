/** The service as a whole: what is loaded is visible once, whoever loads it and whatever dies meanwhile. */
import { describe, expect, it } from 'vitest';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { addHours, hourStartMs, parseHour, type Hour } from '../../domain/hour.ts';
import { TASK_QUEUE } from '../../domain/service.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createService, type Service } from '../support/service.ts';
import { publishObject } from '../support/s3.ts';

const HOUR = parseHour('2024-05-01T13');

async function publishHours(service: Service, hours: readonly Hour[], lines: number): Promise<void> {
  for (const hour of hours) {
    for (const table of TABLE_NAMES)
      await publishObject({ ...service, table, hour, lines: linesOf(table, hour, lines) });
  }
}

/** Rows and distinct lines per table and hour that are not exactly `lines` of each; empty when all is right. */
async function wrongHours(service: Service, hours: number, lines: number): Promise<unknown[]> {
  const wrong: unknown[] = [];
  for (const table of TABLE_NAMES) {
    const found = await service.database.rows<{ hour: string; rows: string; lines: string }>(
      `SELECT _hour AS hour, count() AS rows, uniqExact(_line) AS lines FROM ${table} GROUP BY _hour`,
    );
    if (found.length !== hours) wrong.push({ table, hours: found.length });
    wrong.push(...found.filter((hour) => Number(hour.rows) !== lines || Number(hour.lines) !== lines));
  }
  return wrong;
}

async function startLoad(service: Service, hour: Hour, workflowId: string): Promise<{ result(): Promise<unknown> }> {
  return service.client.workflow.start('hourlyLoad', {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [{ hour, waitForObjectMinutes: 0 }],
  });
}

describe('the service', () => {
  it('shows an hour once that the schedule, `load` and two workers load at once', async () => {
    const service = await createService();
    await publishHours(service, [HOUR], 100);
    await Promise.all([service.startWorker(), service.startWorker()]);
    expect(await service.clickfeed('setup')).toMatchObject({ code: 0 });
    const schedule = service.client.schedule.getHandle('clickfeed-hourly');
    const startMs = hourStartMs(HOUR);
    await schedule.backfill({
      start: new Date(startMs + 3_600_000),
      end: new Date(startMs + 2 * 3_600_000 - 1),
      overlap: 'ALLOW_ALL',
    });
    const byHand = service.clickfeed('load', HOUR, '--json');
    const others = await Promise.all([1, 2, 3].map((n) => startLoad(service, HOUR, `other-${n}`)));
    expect(await byHand).toMatchObject({ code: 0 });
    await Promise.all(others.map((run) => run.result()));
    expect(await wrongHours(service, 1, 100)).toEqual([]);
    expect((await schedule.describe()).info.numActionsTaken).toBeGreaterThan(0);
  }, 120_000);

  it('has exact counts after its worker was killed with SIGKILL at random during 50 loads, without any manual step', async () => {
    const service = await createService();
    const hours = Array.from({ length: 50 }, (_, i) => addHours(HOUR, i));
    await publishHours(service, hours, 200);
    const runs = await Promise.all(hours.map((hour) => startLoad(service, hour, `load/${hour}`)));
    const state = { done: false };
    const isDone = (): boolean => state.done;
    const finished = Promise.all(runs.map((run) => run.result())).finally(() => (state.done = true));
    let kills = 0;
    let worker = await service.startWorker();
    while (kills < 6 && !isDone()) {
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 1_500));
      await worker.kill('SIGKILL');
      kills += 1;
      worker = await service.startWorker();
    }
    await finished;
    expect(kills).toBeGreaterThan(0);
    expect(await wrongHours(service, 50, 200)).toEqual([]);
  }, 300_000);
});
