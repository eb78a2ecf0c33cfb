import { describe, expect, test } from 'vitest';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import type { Check } from '../../domain/check.ts';
import { parseHour } from '../../domain/hour.ts';
import type { TableStatus } from '../../domain/status.ts';
import { eventually } from '../support/eventually.ts';
import { linesOf } from '../support/feed-lines.ts';
import { publishObject } from '../support/s3.ts';
import { createService, type Service } from '../support/service.ts';
import { runCommand, spawnCommand } from './spawned.ts';

const HOUR = parseHour('2024-05-01T13');
const LINES = 20;
/** Each command is a process of its own, which takes seconds on a busy machine. */
const TIMEOUT_MS = 300_000;

async function publishHour(service: Service): Promise<void> {
  for (const table of TABLE_NAMES) {
    await publishObject({ ...service, table, hour: HOUR, lines: linesOf(table, HOUR, LINES) });
  }
}

async function checksOf(env: Readonly<Record<string, string>>): Promise<{ code: number | null; failed: Check[] }> {
  const { code, stdout } = await runCommand(env, 'doctor', '--json');
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
  const failed = checks.filter((check) => !check.ok);
  expect(ok).toBe(failed.length === 0);
  for (const check of failed) expect(check.fix).toBeTruthy();
  return { code, failed };
}

describe('clickfeed on real servers', { timeout: TIMEOUT_MS }, () => {
  test('clickfeed setup, doctor, load and status agree with what was published', async () => {
    const service = await createService({ FEED_START: HOUR });
    await publishHour(service);
    const before = await checksOf(service.env);
    expect(before.code).toBe(1);
    expect(before.failed.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['Temporal: schedule', 'Temporal: workers']),
    );

    const setup = await runCommand(service.env, 'setup', '--json');
    expect(setup.code).toBe(0);
    expect(JSON.parse(setup.stdout)).toMatchObject({
      schedules: { hourly: 'created', daily: 'created' },
      searchAttributes: { known: ['ClickfeedTable', 'ClickfeedHour'] },
    });
    await service.startWorker();
    expect(await checksOf(service.env)).toEqual({ code: 0, failed: [] });

    const load = await runCommand(service.env, 'load', HOUR, '--json');
    expect(load.code).toBe(0);
    const current = { state: 'current', rows: LINES, lines: LINES, quarantined: 0 };
    expect(JSON.parse(load.stdout)).toMatchObject({
      workflowId: `load/${HOUR}`,
      hour: HOUR,
      tables: Object.fromEntries(TABLE_NAMES.map((table) => [table, current])),
    });
    const again = await runCommand(service.env, 'load', HOUR);
    expect(again.stdout).toContain('unchanged');

    const { tables } = JSON.parse((await runCommand(service.env, 'status', '--json')).stdout) as {
      tables: TableStatus[];
    };
    expect(tables).toHaveLength(4);
    for (const status of tables) {
      expect(status).toMatchObject({
        loadedHours: 1,
        absentHours: 0,
        rejectedHours: 0,
        rows: LINES,
        quarantinedLines: 0,
        firstHour: HOUR,
        lastHour: HOUR,
      });
      expect(status.pendingHours).toBeGreaterThan(1000);
    }
    expect((await runCommand(service.env, 'status')).stdout).toMatch(/^geo_events +1 /m);
  });

  test('clickfeed setup makes a schedule that drops nothing, and leaves it paused when it was', async () => {
    const service = await createService({ SCHEDULE_MINUTE: '7' });
    expect(await runCommand(service.env, 'setup')).toMatchObject({ code: 0 });
    const schedule = service.client.schedule.getHandle('clickfeed-hourly');
    const created = await schedule.describe();
    expect(created.policies).toMatchObject({ overlap: 'ALLOW_ALL', pauseOnFailure: false });
    expect(created.policies.catchupWindow).toBeGreaterThanOrEqual(30 * 86_400_000);
    expect(created.info.nextActionTimes[0]?.getUTCMinutes()).toBe(7);

    await schedule.pause('maintenance');
    const [first, second] = await Promise.all([
      runCommand({ ...service.env, SCHEDULE_MINUTE: '9' }, 'setup', '--json'),
      runCommand({ ...service.env, SCHEDULE_MINUTE: '9' }, 'setup', '--json'),
    ]);
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(JSON.parse(first.stdout)).toMatchObject({ schedules: { hourly: 'updated' } });
    const updated = await schedule.describe();
    expect(updated.state).toMatchObject({ paused: true, note: 'maintenance' });
    expect(updated.spec.calendars?.[0]?.minute).toEqual([{ start: 9, end: 9, step: 1 }]);
  });

  test('clickfeed setup --start begins the first backfill once', async () => {
    const service = await createService();
    const first = await runCommand(service.env, 'setup', '--start', '--json');
    expect(JSON.parse(first.stdout)).toMatchObject({ backfillStarted: true });
    const second = await runCommand(service.env, 'setup', '--start', '--json');
    expect(JSON.parse(second.stdout)).toMatchObject({ backfillStarted: false });
    const { type, status } = await service.client.workflow.getHandle('backfill/first').describe();
    expect([type, status.name]).toEqual(['backfill', 'RUNNING']);
  });

  test('clickfeed load joins the load of that hour, refuses another one, and detaches on Ctrl-C', async () => {
    const service = await createService();
    expect(await runCommand(service.env, 'load', HOUR, '--no-follow')).toMatchObject({ code: 0 });
    const other = await runCommand(service.env, 'load', HOUR, '--mode', 'all');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain(`Cannot start load/${HOUR}: found it running with other tables or another mode`);

    const joined = await spawnCommand(service.env, ['load', HOUR]);
    await joined.says('runs already, following it');
    await joined.says('no worker is running');
    joined.process.kill('SIGINT');
    expect(await joined.end()).toBe(130);
    expect(joined.output.stderr).toContain(`Follow it again: clickfeed follow load/${HOUR}`);
    const { status } = await service.client.workflow.getHandle(`load/${HOUR}`).describe();
    expect(status.name).toBe('RUNNING');
  });

  test('clickfeed load ends with code 1 and the reason when the load fails', async () => {
    const service = await createService({ CLICKHOUSE_PASSWORD: 'wrong-password' });
    await publishHour(service);
    await service.startWorker();
    const { code, stderr } = await runCommand(service.env, 'load', HOUR, '--tables', 'geo_events');
    expect(code).toBe(1);
    expect(stderr).toContain('AUTHENTICATION_FAILED');
    expect(stderr).not.toContain('wrong-password');
  });

  test('clickfeed doctor names the wrong password of each server without showing it', async () => {
    const service = await createService();
    const wrong = { CLICKHOUSE_PASSWORD: 'wrong-password', AWS_SECRET_ACCESS_KEY: 'wrong-secret-key' };
    const { code, stdout, stderr } = await runCommand({ ...service.env, ...wrong }, 'doctor');
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAIL S3:.*\n +fix: /);
    expect(stdout).toMatch(/FAIL ClickHouse:.*\n +fix: /);
    expect(stdout + stderr).not.toMatch(/wrong-password|wrong-secret-key/);
    expect(stdout + stderr).not.toContain('\u001b');
  });
});

describe('clickfeed worker', { timeout: TIMEOUT_MS }, () => {
  test('clickfeed worker serves health and metrics, logs JSON with workflow ids, and stops on SIGTERM', async () => {
    const service = await createService();
    await publishHour(service);
    const worker = await spawnCommand(service.env, ['worker']);
    await worker.says('Worker is ready');
    const ready = logLines(worker.output.stderr).find(({ msg }) => msg === 'Worker is ready');
    const url = String(ready?.['healthUrl']);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await eventually(async () => (await fetch(`${url}/readyz`)).status === 200);
    expect((await fetch(`${url}/other`)).status).toBe(404);

    expect((await runCommand(service.env, 'load', HOUR)).code).toBe(0);
    await eventually(async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return ['clickfeed_rows', 'temporal_', 'process_resident_memory_bytes'].every((name) => metrics.includes(name));
    });
    worker.process.kill('SIGTERM');
    expect(await worker.end()).toBe(0);
    const lines = logLines(worker.output.stderr);
    expect(lines.at(-1)?.msg).toBe('Worker has stopped');
    expect(lines.filter(({ msg }) => msg === 'Load committed')).toHaveLength(TABLE_NAMES.length);
    expect(lines.find(({ msg }) => msg === 'Load committed')).toMatchObject({
      workflowId: `load/${HOUR}`,
      hour: HOUR,
      loadId: expect.stringMatching(/^\d+$/) as string,
      rows: LINES,
      level: 'info',
    });
    expect(worker.output.stderr).not.toContain(service.env['CLICKHOUSE_PASSWORD']);
    expect(worker.output.stderr).not.toContain(service.env['AWS_SECRET_ACCESS_KEY']);
  });
});

function logLines(text: string): (Record<string, unknown> & { msg?: string })[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown> & { msg?: string });
}
