/** Three days without Temporal, in hours of 60 minutes. */
import { Client, Connection } from '@temporalio/client';
import { expect, test } from 'vitest';
import { addHours, HOUR_MS, hourAt, hoursOf } from '../../domain/hour.ts';
import { HOURLY_SCHEDULE_ID, SCHEDULED_LOAD_ID } from '../../domain/service.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnTemporal } from '../support/own-servers.ts';
import { publishRange } from '../support/publish-range.ts';
import { createService, type Service } from '../support/service.ts';
import { beginAnew, windBack } from '../support/wound-back-schedule.ts';

const DOWN_HOURS = 72;
/** One is enough: each run loads all that are configured, as other tests show. */
const TABLE = 'browser_events';

async function connect(address: string): Promise<Client> {
  const connection = await Connection.connect({ address });
  cleanUpLater(() => connection.close());
  return new Client({ connection });
}

/** A feed of three days up to now, a worker and its schedule, over a Temporal of the test's own. */
async function begin() {
  const temporal = await startOwnTemporal();
  const nowMs = Date.now();
  // Half an hour from the clock's minute, so that nothing becomes due while the test counts.
  const minute = (new Date(nowMs).getUTCMinutes() + 30) % 60;
  const newestDueMs = Math.floor((nowMs - minute * 60_000) / HOUR_MS) * HOUR_MS;
  const to = hourAt(newestDueMs);
  const range = { from: addHours(to, -DOWN_HOURS), to };
  const service = await createService({
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: 'default',
    FEED_START: range.from,
    FEED_TABLES: TABLE,
    SCHEDULE_MINUTE: String(minute),
  });
  await publishRange(service.prefix, range, 3);
  expect((await service.clickfeed('setup')).code).toBe(0);
  await service.startWorker();
  return { temporal, service, range };
}

async function visibleHours(service: Service): Promise<Record<string, string>[]> {
  return service.database.rows(
    `SELECT formatDateTime(_hour, '%Y-%m-%dT%H') AS hour, count() AS rows, uniqExact(_line) AS lines, uniqExact(_load) AS loads
     FROM ${TABLE} GROUP BY hour ORDER BY hour`,
  );
}

test(
  'case 79: the schedule of clickfeed setup, missed for three days, starts a run for each of the 72 hours, and each is loaded once',
  { timeout: 240_000 },
  async () => {
    const { temporal, service, range } = await begin();
    await temporal.process.kill('SIGKILL');
    await windBack(temporal.dir, HOURLY_SCHEDULE_ID, Date.now() - DOWN_HOURS * HOUR_MS);
    await temporal.process.restart();
    const client = await connect(temporal.address);
    await beginAnew(client, HOURLY_SCHEDULE_ID);

    const runs = `WorkflowType = 'hourlyLoad' AND TemporalScheduledById = '${HOURLY_SCHEDULE_ID}'`;
    await eventually(async () => {
      const { count } = await client.workflow.count(`${runs} AND ExecutionStatus = 'Completed'`);
      return count >= DOWN_HOURS;
    }, 180_000);
    const hours = [...hoursOf(range)];
    const started: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query: runs })) {
      started.push(hourAt(Date.parse(workflowId.slice(`${SCHEDULED_LOAD_ID}-`.length)) - HOUR_MS));
    }
    expect(started.sort()).toEqual(hours);
    const { info } = await client.schedule.getHandle(HOURLY_SCHEDULE_ID).describe();
    expect(info).toMatchObject({ numActionsTaken: DOWN_HOURS, numActionsMissedCatchupWindow: 0 });
    expect(await visibleHours(service)).toEqual(hours.map((hour) => ({ hour, rows: '3', lines: '3', loads: '1' })));
  },
);
