import { Client, Connection } from '@temporalio/client';
import { expect, test } from 'vitest';
import { ensureHourlySchedule } from '../../client/schedules.ts';
import { HOURLY_SCHEDULE_ID, SCHEDULED_LOAD_ID } from '../../domain/service.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnTemporal } from '../support/own-servers.ts';

const EVERY_MS = 5_000;
const DOWN_MS = 25_000;
const DAYS_3_MS = 3 * 86_400_000;

async function connect(address: string): Promise<Client> {
  const connection = await Connection.connect({ address });
  cleanUpLater(() => connection.close());
  return new Client({ connection });
}

/** Scheduled times of the runs, in milliseconds since 1970, as their ids tell. */
async function scheduledTimes(client: Client): Promise<number[]> {
  const times: number[] = [];
  for await (const { workflowId } of client.workflow.list({ query: "WorkflowType = 'hourlyLoad'" })) {
    times.push(Date.parse(workflowId.slice(`${SCHEDULED_LOAD_ID}-`.length)));
  }
  return times.sort((a, b) => a - b);
}

/** An hour is made five seconds long, so that an outage of many of them is short; the rest is as `setup` makes it. */
test(
  'ensureHourlySchedule() makes a schedule that starts every run that was due while Temporal was down',
  { timeout: 180_000 },
  async () => {
    const server = await startOwnTemporal();
    const before = await connect(server.address);
    await ensureHourlySchedule(before.schedule, { scheduleMinute: 5 });
    const handle = before.schedule.getHandle(HOURLY_SCHEDULE_ID);
    const { policies } = await handle.describe();
    expect(policies.overlap).toBe('ALLOW_ALL');
    expect(policies.catchupWindow).toBeGreaterThan(DAYS_3_MS);
    await handle.update((schedule) => ({ ...schedule, spec: { intervals: [{ every: EVERY_MS }] } }));
    await eventually(async () => (await scheduledTimes(before)).length >= 2, 60_000);

    await server.process.kill('SIGKILL');
    const downFromMs = Date.now();
    await new Promise((resolve) => setTimeout(resolve, DOWN_MS));
    await server.process.restart();
    const upMs = Date.now();

    const after = await connect(server.address);
    const due = Array.from({ length: Math.floor((upMs - downFromMs) / EVERY_MS) }, (_, index) => {
      return (Math.floor(downFromMs / EVERY_MS) + 1 + index) * EVERY_MS;
    });
    expect(due.length).toBeGreaterThanOrEqual(5);
    await eventually(async () => {
      const times = await scheduledTimes(after);
      return due.every((time) => times.includes(time));
    }, 60_000);
    const times = await scheduledTimes(after);
    expect(new Set(times).size).toBe(times.length);
    const { info } = await after.schedule.getHandle(HOURLY_SCHEDULE_ID).describe();
    expect(info.numActionsMissedCatchupWindow).toBe(0);
  },
);
