/** An operator in the real Web UI of Temporal, over a running worker: every form and dialog that the documents name. */
import { expect, inject, test } from 'vitest';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { addHours, countHours, lastCompleteHour, type Hour, type HourRange } from '../../domain/hour.ts';
import { DAILY_SCHEDULE_ID, FIRST_BACKFILL_ID, HOURLY_SCHEDULE_ID } from '../../domain/service.ts';
import { useBrowser } from '../dashboard/support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { publishRange, type PublishedLines } from '../support/publish-range.ts';
import { createService, type Service } from '../support/service.ts';
import { WebUi } from '../support/web-ui.ts';

const HOURS = 50;
const newPage = useBrowser();

/** Rows visible by table and hour, each line of an object once; in the shape of what was published. */
async function visibleLines(service: Service): Promise<PublishedLines> {
  const visible = new Map(TABLE_NAMES.map((table) => [table, new Map<Hour, number>()]));
  for (const table of TABLE_NAMES) {
    const rows = await service.database.rows<{ hour: Hour; rows: string; lines: string }>(
      `SELECT formatDateTime(_hour, '%Y-%m-%dT%H') AS hour, count() AS rows, uniqExact(_line) AS lines FROM ${table} GROUP BY hour`,
    );
    for (const { hour, rows: count, lines } of rows) {
      expect({ table, hour, rows: count }).toEqual({ table, hour, rows: lines });
      visible.get(table)?.set(hour, Number(count));
    }
  }
  return visible;
}

/** What was published outside of a range. */
function without(published: PublishedLines, { from, to }: HourRange): PublishedLines {
  return new Map(
    [...published].map(([table, hours]) => [table, new Map([...hours].filter(([hour]) => hour < from || hour >= to))]),
  );
}

/**
 * Waits for the runs by asking Temporal itself, then looks for them in the list: one that is loaded again and again costs more than all that
 * is waited for.
 */
async function expectCompleted(service: Service, webUi: WebUi, query: string, runs: number): Promise<void> {
  const completed = `${query} AND ExecutionStatus = 'Completed'`;
  await eventually(async () => (await service.client.workflow.count(completed)).count === runs, 180_000);
  await webUi.waitForRuns(completed, runs);
}

/** A feed that ends now, as the Web UI's empty input means all of it; wholly loaded. */
async function begin(): Promise<{ service: Service; range: HourRange; published: PublishedLines }> {
  const to = addHours(lastCompleteHour(Date.now()), 1);
  const range = { from: addHours(to, -HOURS), to };
  const service = await createService({
    FEED_START: range.from,
    WAIT_FOR_OBJECT_MINUTES: '0',
    // The schedule itself must not run while the test counts.
    SCHEDULE_MINUTE: String((new Date().getUTCMinutes() + 50) % 60),
  });
  // A different number in every neighbouring hour and table, so that a wrong one is noticed.
  const published = await publishRange(service.prefix, range, (table, hour) => {
    return 1 + (countHours({ from: range.from, to: hour }) % 5) + TABLE_NAMES.indexOf(table) * 5;
  });
  await service.startWorker();
  expect((await service.clickfeed('setup', '--start')).code).toBe(0);
  await service.client.workflow.getHandle(FIRST_BACKFILL_ID).result();
  expect(await visibleLines(service)).toEqual(published);
  return { service, range, published };
}

test(
  "Temporal's Web UI starts truncateTables and backfill by hand and the schedule's backfill over 48 hours, each with exact counts",
  { timeout: 400_000 },
  async () => {
    const { service, range, published } = await begin();
    const page = await newPage({ timezoneId: 'Asia/Tokyo' });
    const webUi = new WebUi(page, inject('stack').temporal.uiUrl, service.client.options.namespace);

    await webUi.start({ workflow: 'truncateTables', workflowId: 'truncate/by-hand' });
    await webUi.waitForStatus('Completed');
    await webUi.waitForDetails(`Hid ${HOURS * TABLE_NAMES.length} loads`);
    for (const hours of (await visibleLines(service)).values()) expect(hours.size).toBe(0);

    await webUi.start({ workflow: 'backfill', workflowId: 'backfill/by-hand' });
    await webUi.waitForStatus('Completed');
    await webUi.waitForDetails(`hours in ${TABLE_NAMES.length} tables (${HOURS} each), 100 %`);
    expect(await visibleLines(service)).toEqual(published);

    // Hours are cleared first, so that the schedule's runs have something to load.
    const gap = { from: addHours(range.from, 1), to: addHours(range.from, 49) };
    await webUi.start({ workflow: 'truncateTables', workflowId: 'truncate/gap', input: JSON.stringify(gap) });
    await webUi.waitForStatus('Completed');
    expect(await visibleLines(service)).toEqual(without(published, gap));

    await webUi.openSchedule(HOURLY_SCHEDULE_ID);
    await webUi.openScheduleAction('Backfill');
    await webUi.fillBackfillDialog({ hour: addHours(gap.from, 1), minute: 0 }, { hour: gap.to, minute: 59 });
    await webUi.confirm('backfill-schedule');
    const byHour = `WorkflowType = 'hourlyLoad' AND TemporalScheduledById = '${HOURLY_SCHEDULE_ID}'`;
    await expectCompleted(service, webUi, byHour, countHours(gap));
    await webUi.waitForRuns(byHour, countHours(gap));
    expect(await visibleLines(service)).toEqual(published);
  },
);

test(
  "Temporal's Web UI shows one sentence for a wrong input, and triggers and pauses a schedule",
  { timeout: 200_000 },
  async () => {
    const service = await createService({ FEED_START: lastCompleteHour(Date.now()), WAIT_FOR_OBJECT_MINUTES: '0' });
    await service.startWorker();
    expect((await service.clickfeed('setup')).code).toBe(0);
    const page = await newPage();
    const webUi = new WebUi(page, inject('stack').temporal.uiUrl, service.client.options.namespace);

    await webUi.start({ workflow: 'backfill', workflowId: 'backfill/wrong', input: '{"form": "2024-05-01T00"}' });
    await webUi.waitForStatus('Failed');
    await webUi
      .result()
      .filter({
        hasText: String.raw`Cannot start backfill: found the unknown field \"form\", expected from, to, tables`,
      })
      .waitFor();

    await webUi.openSchedule(DAILY_SCHEDULE_ID);
    await webUi.openScheduleAction('Trigger');
    await webUi.confirm('trigger-schedule');
    for (const workflow of ['sweep', 'reconcile', 'daily']) {
      await expectCompleted(service, webUi, `WorkflowType = '${workflow}'`, 1);
    }

    await webUi.openSchedule(HOURLY_SCHEDULE_ID);
    await webUi.pauseSchedule('a look at the bucket');
    await webUi.waitForStatus('Paused');
    const { state } = await service.client.schedule.getHandle(HOURLY_SCHEDULE_ID).describe();
    expect(state).toMatchObject({ paused: true, note: expect.stringContaining('a look at the bucket') as string });
  },
);
