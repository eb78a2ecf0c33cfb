import { describe, expect, test } from 'vitest';
import { createTempDir } from '../support/own-servers.ts';
import { runCommand, spawnCommand } from './spawned.ts';

const COMMANDS = [
  'up',
  'setup',
  'worker',
  'load',
  'backfill',
  'status',
  'coverage',
  'receipts',
  'metrics',
  'quarantine',
  'truncate',
  'restore',
  'reconcile',
  'sweep',
  'schedule',
  'doctor',
];
/** Nothing listens there. */
const NOWHERE = {
  S3_BUCKET: 'feed',
  S3_ENDPOINT: 'http://127.0.0.1:9',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'very-secret-key',
  CLICKHOUSE_URL: 'http://127.0.0.1:9',
  CLICKHOUSE_PASSWORD: 'very-secret-password',
  TEMPORAL_ADDRESS: '127.0.0.1:9',
  TEMPORAL_API_KEY: 'very-secret-api-key',
  TEMPORAL_TLS: 'false',
};

/** Each command is a process of its own, which takes seconds on a busy machine. */
const TIMEOUT_MS = 120_000;

describe('clickfeed', { timeout: TIMEOUT_MS }, () => {
  test('clickfeed --help lists every command with an example', async () => {
    const { code, stdout } = await runCommand({}, '--help');
    expect(code).toBe(0);
    for (const name of COMMANDS) expect(stdout).toContain(`clickfeed ${name}`);
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  test.each(COMMANDS)('clickfeed %s --help shows examples', async (name) => {
    const { code, stdout } = await runCommand({}, name, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}\$ /);
  });

  test.each([
    [['frob'], "error: unknown command 'frob'"],
    [['load'], "error: missing required argument 'hour'"],
    [['load', '2024-13-01T00'], 'Cannot read "2024-13-01T00" as an hour: expected UTC such as "2024-04-10T23"'],
    [
      ['load', '2024-05-01T13', '--mode', 'ALL'],
      "argument 'ALL' is invalid. Allowed choices are missing, changed, all",
    ],
    [['load', '2024-05-01T13', '--tables', 'x'], 'Cannot read "x" as tables: expected one or more of browser_events'],
    [['status', '--frob'], "error: unknown option '--frob'"],
  ])('clickfeed %j ends with code 2 and one sentence', async (args, sentence) => {
    const { code, stdout, stderr } = await runCommand(NOWHERE, ...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('    at ');
  });

  test('clickfeed names everything that is wrong with the configuration, without colours in a pipe', async () => {
    const command = await spawnCommand({ FEED_START: 'yesterday' }, ['status'], await createTempDir());
    expect(await command.end()).toBe(2);
    expect(command.output.stderr.trim().split('\n')).toEqual([
      'Set S3_BUCKET: found nothing, expected the name of the bucket that holds the feed',
      'Set CLICKHOUSE_URL: found nothing, expected a URL such as http://localhost:8123, without user and password',
      'Set FEED_START: found "yesterday", expected an hour such as 2024-04-10T23',
    ]);
  });

  test.each([['status'], ['setup'], ['load', '2024-05-01T13'], ['worker'], ['doctor']])(
    'clickfeed %s ends with code 1 when no server answers, and shows no secret and no stack',
    async (...args) => {
      const { code, stdout, stderr } = await runCommand(NOWHERE, ...args);
      expect(code).toBe(1);
      expect(stdout + stderr).toMatch(/^Cannot |^FAIL |Cannot connect/m);
      expect(stdout + stderr).not.toContain('very-secret');
      expect(stdout + stderr).not.toContain('    at ');
    },
  );

  test('clickfeed setup --print and --print-grants need no server', async () => {
    const ddl = await runCommand({ CLICKHOUSE_DATABASE: 'shop' }, 'setup', '--print');
    expect(ddl).toMatchObject({ code: 0, stderr: '' });
    expect(ddl.stdout).toContain('CREATE TABLE IF NOT EXISTS `shop`.`browser_events_raw`');
    const grants = await runCommand({ CLICKHOUSE_DATABASE: 'shop' }, 'setup', '--print-grants');
    expect(grants).toMatchObject({ code: 0, stderr: '' });
    expect(grants.stdout).toContain('ON `shop`.`loads` TO `clickfeed_worker`');
  });
});
