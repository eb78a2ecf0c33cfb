/** The operator's commands, each as a process of its own over real servers and a real worker. */
import { describe, expect, test } from 'vitest';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { addHours, hoursOf, parseHour } from '../../domain/hour.ts';
import { eventually } from '../support/eventually.ts';
import { linesOf } from '../support/feed-lines.ts';
import { publishObject } from '../support/s3.ts';
import { createService, type Service } from '../support/service.ts';
import { spawnCommand } from './spawned.ts';

const TIMEOUT_MS = 300_000;
const START = parseHour('2024-05-01T22');
const END = addHours(START, 4);
const RANGE = ['--from', START, '--to', END] as const;

let service: Service;

/** A service of the test's own over four hours of the feed, one line of them bad. */
async function begin(): Promise<void> {
  service = await createService({ FEED_START: START });
  for (const hour of hoursOf({ from: START, to: END })) {
    for (const table of TABLE_NAMES) {
      const lines = linesOf(table, hour, 12);
      if (table === 'geo_events' && hour === START) lines[4] = 'not a line';
      await publishObject({ ...service, table, hour, lines });
    }
  }
  await service.startWorker();
}

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await service.clickfeed(...args, '--json');
  expect(stderr).not.toContain('    at ');
  expect([code, stderr]).toEqual([0, expect.anything()]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function rows(table: string): Promise<number> {
  const [row] = await service.database.rows<{ n: string }>(`SELECT count() AS n FROM ${table}`);
  return Number(row?.n);
}

describe('clickfeed for operators', { timeout: TIMEOUT_MS }, () => {
  test('backfills, shows what became of it, truncates, restores, reconciles and sweeps', async () => {
    await begin();
    const estimate = await json('backfill', ...RANGE, '--dry-run');
    expect(estimate).toMatchObject({ hours: { load: 16, unchanged: 0, absent: 0 } });
    expect(await rows('geo_events')).toBe(0);

    const loaded = await json('backfill', ...RANGE);
    expect(loaded).toMatchObject({ phase: 'done', hoursTotal: 16, hours: { current: 16 }, rows: 191, quarantined: 1 });
    expect(loaded['workflowId']).toBe(`backfill/${START}..${END}`);

    const { cells } = await json('coverage', ...RANGE);
    expect(cells).toHaveLength(16);
    expect(new Set((cells as { state: string }[]).map(({ state }) => state))).toEqual(new Set(['loaded']));
    const grid = await service.clickfeed('coverage', ...RANGE, '--tables', 'geo_events');
    expect(grid.stdout).toContain(`geo_events 2024-05-01  ${' '.repeat(22)}██`);
    expect(grid.stdout).toContain('█ loaded 4');

    const { receipts } = await json('receipts', '--hour', START, '--table', 'geo_events');
    expect(receipts).toMatchObject([
      { table: 'geo_events', lines: 12, rows: 11, quarantined: 1, current: true, workflowId: loaded['workflowId'] },
    ]);
    expect(await json('quarantine', 'list')).toEqual([{ table: 'geo_events', hour: START, lines: 1 }]);
    expect(await json('quarantine', 'show', START)).toMatchObject([{ lineNumber: 5, text: 'not a line' }]);
    const replayed = await json('quarantine', 'replay', START);
    expect(replayed).toMatchObject({ tables: { geo_events: { state: 'current', rows: 11, quarantined: 1 } } });

    const unasked = await service.clickfeed('truncate', '--tables', 'geo_events');
    expect(unasked.code).toBe(2);
    expect(unasked.stderr).toContain('geo_events  all hours                47');
    expect(unasked.stderr).toContain('Cannot truncate: found no answer from a terminal, expected "truncate"');
    expect(await rows('geo_events')).toBe(47);

    const hidden = await json('truncate', '--tables', 'geo_events', '--yes');
    expect(hidden).toMatchObject({ loads: 4, rows: 47 });
    expect(await rows('geo_events')).toBe(0);
    const truncationId = String(hidden['truncationId']);
    expect(await json('restore', truncationId)).toMatchObject({ loads: 4, rows: 47 });
    expect(await rows('geo_events')).toBe(47);
    const unknown = await service.clickfeed('restore', 'truncation-none');
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('found no such truncation')]);

    const purged = await json('truncate', '--tables', 'geo_events', '--purge', '--reload', '--yes');
    expect(purged).toMatchObject({ loads: 4, purgedLoads: 5 }); // the load that was replayed is the fifth
    await eventually(async () => (await rows('geo_events')) === 47, 60_000);

    expect(await json('reconcile', ...RANGE)).toMatchObject({ presentObjects: 16, loadedHours: 0, alarmCount: 0 });
    expect(await json('sweep')).toMatchObject({ purged: [], tables: expect.any(Array) as unknown[] });
  });

  test('steers the schedules', async () => {
    await begin();
    const missing = await service.clickfeed('schedule', 'list');
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining('expected one that "clickfeed setup" has made'),
    ]);
    expect(await json('setup')).toMatchObject({ schedules: { hourly: 'created', daily: 'created' } });
    expect(await json('setup')).toMatchObject({ schedules: { hourly: 'updated', daily: 'updated' } });
    await service.clickfeed('schedule', 'pause', 'clickfeed-daily', '--reason', 'a test');
    expect(await json('schedule', 'list')).toMatchObject([
      { id: 'clickfeed-hourly', paused: false },
      { id: 'clickfeed-daily', paused: true, note: 'a test' },
    ]);
    expect((await service.clickfeed('schedule', 'resume', 'clickfeed-daily')).stdout).toBe(
      'clickfeed-daily is active\n',
    );
    const wrong = await service.clickfeed('schedule', 'backfill', '--from', '2024-05-01T00', '--to', '2024-06-01T00');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('use "clickfeed backfill"')]);
    const backfilled = await service.clickfeed('schedule', 'backfill', ...RANGE);
    expect(backfilled.stdout).toBe(`clickfeed-hourly starts 4 runs, for ${START} to ${END}\n`);
    for (const table of TABLE_NAMES) {
      await eventually(async () => (await rows(table)) === (table === 'geo_events' ? 47 : 48), 120_000);
    }
    expect((await service.clickfeed('schedule', 'trigger', 'clickfeed-daily')).code).toBe(0);
    // The reconciliation goes over all days since then, which takes minutes: here it is enough that it has begun.
    for (const workflowId of ['sweep', 'reconcile']) {
      await eventually(
        () =>
          service.client.workflow
            .getHandle(workflowId)
            .describe()
            .then(
              () => true,
              () => false,
            ),
        120_000,
      );
    }
  });

  test('detaches from a backfill at Ctrl-C and steers it afterwards', async () => {
    await begin();
    const command = await spawnCommand(service.env, ['backfill', ...RANGE, '--concurrency', '1', '--mode', 'all']);
    await command.says('Started backfill/');
    command.process.kill('SIGINT');
    expect(await command.end()).toBe(130);
    const { workflowId } = await service.client.workflow.getHandle(`backfill/${START}..${END}`).describe();
    expect(command.output.stderr).toContain(
      `Detached, the run goes on. Follow it again: clickfeed follow ${workflowId}`,
    );
    const followed = await service.clickfeed('follow', workflowId);
    expect([followed.code, followed.stdout]).toEqual([
      0,
      expect.stringContaining('16 of 16 hours in 4 tables (4 each)'),
    ]);
    const again = await service.clickfeed('backfill', 'follow', workflowId);
    expect([again.code, again.stdout]).toEqual([0, followed.stdout]);
    const unknown = await service.clickfeed('follow', 'backfill/none');
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('found none with this id')]);
    const none = await service.clickfeed('backfill', 'pause');
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining('Cannot find a backfill: found none running'),
    ]);
  });
});
