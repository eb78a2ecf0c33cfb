/** Cases 75, 77, 80, 81 and 87: worker processes that stand still, are stopped, or all load the same hour. */
import { describe, expect, inject, it } from 'vitest';
import { addHours, hourStartMs } from '../../domain/hour.ts';
import { TASK_QUEUE } from '../../domain/service.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { linesOf } from '../support/feed-lines.ts';
import { publishObject } from '../support/s3.ts';
import { createService, type Service, type WorkerProcess } from '../support/service.ts';
import { expectExact, HOUR, startReader, TABLE } from './support.ts';

const LINES = 60;

async function createPublished(extraEnv: Readonly<Record<string, string>> = {}): Promise<Service> {
  const service = await createService(extraEnv);
  await publishObject({ ...service, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, LINES) });
  return service;
}

function startLoad(service: Service, workflowId: string): Promise<{ result(): Promise<unknown> }> {
  return service.client.workflow.start('hourlyLoad', {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [{ hour: HOUR, tables: [TABLE], mode: 'all', waitForObjectMinutes: 0 }],
  });
}

/** A worker whose load hangs behind its stored rows, as the answer to the INSERT is held. */
async function startHungWorker(
  service: Service,
): Promise<{ worker: WorkerProcess; proxy: FaultProxy; run: { result(): Promise<unknown> } }> {
  const proxy = await startFaultProxy(inject('stack').clickhouse.url);
  proxy.breakNext(`\`${TABLE}_raw\``, 'hold-answer');
  const worker = await service.startWorker({ env: { CLICKHOUSE_URL: proxy.url } });
  const run = await startLoad(service, 'hung');
  await eventually(() => proxy.left === 0, 30_000);
  return { worker, proxy, run };
}

describe('a worker in the middle of a load', () => {
  it('case 75: stopped past the heartbeat and continued when another one has committed, shows the hour once', async () => {
    const service = await createPublished();
    const { worker, proxy, run } = await startHungWorker(service);
    worker.process.kill('SIGSTOP');
    await service.startWorker();
    const reader = startReader(service);
    await run.result(); // the second worker's attempt, after the heartbeat timeout
    proxy.release();
    worker.process.kill('SIGCONT');
    await worker.kill('SIGTERM'); // waits until its zombie attempt is over
    expect(await reader.end()).toEqual([0, LINES]);
    await expectExact(service, { [HOUR]: LINES });
  }, 180_000);

  it.each([
    ['its load ends within the grace', '60', true],
    ['its load does not end within the grace, and another worker takes over', '1', false],
  ])(
    'case 77: stopped with SIGTERM while %s',
    async (_what, graceSeconds, isReleased) => {
      const service = await createPublished({ SHUTDOWN_GRACE_SECONDS: graceSeconds });
      const { worker, proxy, run } = await startHungWorker(service);
      const ended = worker.kill('SIGTERM');
      if (isReleased) proxy.release();
      await ended;
      // The workflow itself goes on at another worker in both cases.
      await service.startWorker();
      expect(await run.result()).toMatchObject({ tables: { [TABLE]: { state: 'current', rows: LINES } } });
      const attempts = await service.database.rows(
        `SELECT attempt AS n FROM loads WHERE event = 'committed' AND table_name = '${TABLE}'`,
      );
      if (isReleased) expect(attempts).toEqual([{ n: expect.toSatisfy((n) => Number(n) === 1) as unknown }]);
      await expectExact(service, { [HOUR]: LINES });
    },
    180_000,
  );
});

/** Details of a heartbeat that an attempt of ours cannot have sent. */
const CORRUPT = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('[7,{"phase":["?"]},null]') };

describe('a worker that takes over an attempt', () => {
  it('case 87: starts clean where the attempt before it left details of another shape', async () => {
    const service = await createPublished({ SHUTDOWN_GRACE_SECONDS: '1' });
    const { worker, proxy, run } = await startHungWorker(service);
    await worker.kill('SIGTERM');
    proxy.release();
    // No worker runs: the test takes the next attempt, leaves its details and fails.
    const { connection, workflowService, options } = service.client;
    const { namespace } = options;
    const { taskToken } = await connection.withDeadline(Date.now() + 60_000, () =>
      workflowService.pollActivityTaskQueue({ namespace, taskQueue: { name: TASK_QUEUE } }),
    );
    await workflowService.recordActivityTaskHeartbeat({ namespace, taskToken, details: { payloads: [CORRUPT] } });
    await workflowService.respondActivityTaskFailed({
      namespace,
      taskToken,
      failure: { message: 'The worker is gone', applicationFailureInfo: { type: 'Gone' } },
      lastHeartbeatDetails: { payloads: [CORRUPT] },
    });
    await service.startWorker();
    expect(await run.result()).toMatchObject({ tables: { [TABLE]: { state: 'current', rows: LINES } } });
    await expectExact(service, { [HOUR]: LINES });
  }, 180_000);
});

/** The states of the runs that the schedule has started, in order. */
async function scheduledRuns({ client }: Service): Promise<string[]> {
  const found: string[] = [];
  const query = `TemporalScheduledById = 'clickfeed-hourly' AND WorkflowType = 'hourlyLoad'`;
  for await (const { status } of client.workflow.list({ query })) found.push(status.name);
  return found.sort();
}

describe('the service', () => {
  it('case 80: starts the next hours by its schedule while the load of the first one lasts, and skips none', async () => {
    const service = await createService({ FEED_START: HOUR, FEED_TABLES: TABLE });
    const hours = [HOUR, addHours(HOUR, 1), addHours(HOUR, 2)];
    for (const hour of hours)
      await publishObject({ ...service, table: TABLE, hour, lines: linesOf(TABLE, hour, LINES) });
    const proxy = await startFaultProxy(inject('stack').clickhouse.url);
    proxy.breakNext(`\`${TABLE}_raw\``, 'hold-answer');
    await service.startWorker({ env: { CLICKHOUSE_URL: proxy.url } });
    expect(await service.clickfeed('setup')).toMatchObject({ code: 0 });
    const { schedule } = service.client;
    const startMs = hourStartMs(HOUR);
    const hourMs = 3_600_000;
    // Without an overlap policy of its own, so that the schedule's counts.
    await schedule
      .getHandle('clickfeed-hourly')
      .backfill({ start: new Date(startMs + hourMs), end: new Date(startMs + 4 * hourMs - 1) });
    await eventually(async () => (await scheduledRuns(service)).join() === 'COMPLETED,COMPLETED,RUNNING', 60_000);
    proxy.release();
    await eventually(async () => (await scheduledRuns(service)).join() === 'COMPLETED,COMPLETED,COMPLETED', 60_000);
    await expectExact(service, Object.fromEntries(hours.map((hour) => [hour, LINES])));
  }, 180_000);

  it('case 81: shows an hour once that the schedule, a backfill, `load` and a second run load at the same time', async () => {
    const service = await createPublished({ FEED_START: HOUR, FEED_TABLES: TABLE });
    await Promise.all([service.startWorker(), service.startWorker()]);
    expect(await service.clickfeed('setup')).toMatchObject({ code: 0 });
    const startMs = hourStartMs(HOUR);
    const schedule = service.client.schedule.getHandle('clickfeed-hourly');
    const backfill = await service.client.workflow.start('backfill', {
      workflowId: 'backfill/same',
      taskQueue: TASK_QUEUE,
      args: [{ from: HOUR, to: addHours(HOUR, 1), tables: [TABLE], mode: 'all' }],
    });
    await schedule.backfill({
      start: new Date(startMs + 3_600_000),
      end: new Date(startMs + 2 * 3_600_000 - 1),
      overlap: 'ALLOW_ALL',
    });
    const byHand = service.clickfeed('load', HOUR, '--tables', TABLE, '--mode', 'all', '--json');
    const second = await startLoad(service, 'second');
    await Promise.all([backfill.result(), second.result()]);
    expect(await byHand).toMatchObject({ code: 0 });
    await eventually(async () => (await scheduledRuns(service)).join() === 'COMPLETED', 60_000);
    // Each of those that load in any case did, as a load of its own.
    const [committed] = await service.database.rows(
      `SELECT uniqExact(workflow_id) >= 3 AS isByAll FROM loads WHERE event = 'committed' AND table_name = '${TABLE}'`,
    );
    expect(committed).toEqual({ isByAll: 1 });
    await expectExact(service, { [HOUR]: LINES });
  }, 180_000);
});
