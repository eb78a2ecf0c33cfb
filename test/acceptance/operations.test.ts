/** The operator's work on the whole service: real worker processes over real servers, interrupted as life does. */
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { TABLE_NAMES, type TableName } from '../../domain/catalogue.ts';
import { addHours, hoursOf, parseHour } from '../../domain/hour.ts';
import type { HiddenLoads } from '../../domain/truncation.ts';
import type { BackfillProgress } from '../../workflows/backfill-run.ts';
import type { ReconcileProgress } from '../../workflows/reconcile-run.ts';
import { eventually } from '../support/eventually.ts';
import { publishRange } from '../support/publish-range.ts';
import { execute, start } from '../support/runs.ts';
import { createService, type Service } from '../support/service.ts';

const START = parseHour('2024-05-01T00');

/** Visible hours per table, each with `lines` rows and as many distinct lines; what is not so is thrown. */
async function visibleHours(service: Service, table: TableName, lines: number): Promise<number> {
  const hours = await service.database.rows<{ hour: string; rows: string; lines: string; loads: string }>(
    `SELECT _hour AS hour, count() AS rows, uniqExact(_line) AS lines, uniqExact(_load) AS loads FROM ${table} GROUP BY _hour`,
  );
  for (const hour of hours) {
    expect(hour).toMatchObject({ rows: String(lines), lines: String(lines), loads: '1' });
  }
  return hours.length;
}

async function visibleRows(service: Service): Promise<number> {
  let rows = 0;
  for (const table of TABLE_NAMES) {
    const [row] = await service.database.rows<{ n: string }>(`SELECT count() AS n FROM ${table}`);
    rows += Number(row?.n);
  }
  return rows;
}

/** Whether the run has read which truncations are in force, its first activity: one made later stops it. */
async function hasBegun(run: WorkflowHandle): Promise<boolean> {
  const { events } = await run.fetchHistory();
  return (events ?? []).some(({ activityTaskCompletedEventAttributes: completed }) => completed != null);
}

describe('backfill over 60 days', () => {
  it('case 82: ends with every hour visible once, interrupted and started again 20 times, with a history below 10,000 events', async () => {
    const service = await createService();
    const range = { from: START, to: addHours(START, 24 * 60) };
    await publishRange(service.prefix, range, 3);
    let worker = await service.startWorker();
    const all = 60 * 24 * TABLE_NAMES.length;
    for (let round = 0; round < 20; round += 1) {
      const handle = await start<BackfillProgress>(service, 'backfill', 'backfill/60-days', {
        ...range,
        // Few at a time, so that a fast machine does not end it before its twentieth interruption.
        concurrency: 2,
      });
      // Somewhere in the middle of its work: at the start, in a window, between two.
      await eventually(async () => (await handle.query<BackfillProgress | undefined>('progress')) !== undefined);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 400));
      if (round % 5 === 4) {
        await worker.kill('SIGKILL');
        worker = await service.startWorker();
      }
      const { hoursDone } = await handle.query<BackfillProgress>('progress');
      expect(hoursDone).toBeLessThan(all);
      await handle.cancel();
      const error: unknown = await handle.result().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ cause: { name: 'CancelledFailure' } });
    }
    const handle = await start<BackfillProgress>(service, 'backfill', 'backfill/60-days', range);
    const result = await handle.result();
    expect(result).toMatchObject({ phase: 'done', hoursTotal: all, hoursDone: all, troubleCount: 0 });
    // The interruptions left it something to do.
    expect(result.hours.current).toBeGreaterThan(0);
    for (const table of TABLE_NAMES) expect(await visibleHours(service, table, 3)).toBe(60 * 24);
    const { events } = await handle.fetchHistory();
    expect(events?.length).toBeLessThan(10_000);
  }, 600_000);
});

describe('truncateTables()', () => {
  it('during hourly loads and a backfill empties all at once and for good, and restoreTables() brings back exactly what it hid', async () => {
    const service = await createService();
    const range = { from: START, to: addHours(START, 24 * 10) };
    await publishRange(service.prefix, range, 20);
    await Promise.all([service.startWorker(), service.startWorker()]);
    const hourly = await Promise.all(
      [...hoursOf({ from: START, to: addHours(START, 12) })].map((hour) =>
        start(service, 'hourlyLoad', `load/${hour}`, { hour, waitForObjectMinutes: 0 }),
      ),
    );
    // A run that began after the truncation would rightly load.
    await eventually(async () => (await Promise.all(hourly.map(hasBegun))).every(Boolean), 60_000);
    const backfill = await start(service, 'backfill', 'backfill/busy', { ...range, concurrency: 4 });
    await eventually(async () => (await hasBegun(backfill)) && (await visibleRows(service)) > 0, 60_000);
    const hidden = await execute<HiddenLoads>(service, 'truncateTables', 'truncate/busy');
    expect(await visibleRows(service)).toBe(0);
    expect(hidden.loads).toBeGreaterThan(0);
    const ends = await Promise.allSettled([backfill.result(), ...hourly.map((run) => run.result())]);
    expect(await visibleRows(service)).toBe(0);
    // The backfill was not at its end, so it met the truncation and says so.
    const met = (ends[0] as PromiseRejectedResult).reason as Error;
    expect(String(met.cause)).toContain('was truncated after this run began');
    const restored = await execute<HiddenLoads>(service, 'restoreTables', 'restore/busy', {
      truncationId: hidden.truncationId,
    });
    expect(restored.loads).toBeGreaterThanOrEqual(hidden.loads);
    expect(restored.rows).toBe(restored.loads * 20);
    expect(await visibleRows(service)).toBe(restored.rows);
    let hours = 0;
    for (const table of TABLE_NAMES) hours += await visibleHours(service, table, 20);
    expect(hours).toBe(restored.loads);
    expect(await execute(service, 'backfill', 'backfill/rest', range)).toMatchObject({
      phase: 'done',
      troubleCount: 0,
    });
    for (const table of TABLE_NAMES) expect(await visibleHours(service, table, 20)).toBe(240);
    // Both workers had their part in it.
    const shares = await service.database.rows<{ worker: string; loads: string }>(
      `SELECT worker, count() AS loads FROM loads WHERE event = 'committed' AND table_name IN ('${TABLE_NAMES.join("', '")}') GROUP BY worker`,
    );
    console.log(`Two workers shared the loads: ${shares.map(({ loads }) => loads).join(' and ')}`);
    expect(shares).toHaveLength(2);
  }, 300_000);

  it('leaves hours cleared for lookback and reconcile, and a backfill fills them', async () => {
    const service = await createService({ FEED_START: START });
    const range = { from: START, to: addHours(START, 5) };
    await publishRange(service.prefix, range, 4);
    await service.startWorker();
    await execute(service, 'backfill', 'backfill/1', range);
    await execute(service, 'truncateTables', 'truncate/1', { tables: ['geo_events'], ...range });
    const reconciled = await execute<ReconcileProgress>(service, 'reconcile', 'reconcile/1', range);
    expect(reconciled).toMatchObject({ presentObjects: 20, loadedHours: 0, alarmCount: 0 });
    expect(await visibleHours(service, 'geo_events', 4)).toBe(0);
    expect(await execute(service, 'backfill', 'backfill/2', range)).toMatchObject({
      hours: { current: 5, unchanged: 15 },
    });
    expect(await visibleHours(service, 'geo_events', 4)).toBe(5);
    // Purged at once: nothing of the first loads is left.
    await execute(service, 'truncateTables', 'truncate/2', { tables: ['geo_events'], purge: true });
    const [raw] = await service.database.rows<{ n: string }>(
      `SELECT count() AS n FROM geo_events_raw WHERE _load IN (SELECT load_id FROM loads WHERE event = 'abandoned')`,
    );
    expect(raw).toEqual({ n: '0' });
  }, 180_000);
});
