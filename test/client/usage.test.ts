import picocolors from 'picocolors';
import { describe, expect, test } from 'vitest';
import type { CliIo } from '../../client/cli/io.ts';
import { createProgram, registerCommands } from '../../client/cli/program.ts';
import { COMMANDS } from '../../client/commands/index.ts';
import { createTempDir } from '../support/own-servers.ts';
import { runCommand, spawnCommand } from './spawned.ts';

/** Run until they are stopped: there is no result to print. */
const SERVICES = ['up', 'worker', 'dashboard'];
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

/** Preloaded into a process: says at its end which of the heavy packages it has loaded. */
const TELLS_MODULES = `data:text/javascript,${encodeURIComponent(`
  import { createRequire } from 'node:module';
  const { cache } = createRequire(${JSON.stringify(import.meta.url)});
  process.on('exit', () => {
    const heavy = Object.keys(cache).filter((file) => /node_modules.(@temporalio|@aws-sdk|@clickhouse|zod)/.test(file));
    process.stderr.write(JSON.stringify(heavy) + '\\n');
  });
`)}`;

/** The help of a command and of each of its parts, without a process for each. */
async function helpOf(name: string): Promise<{ path: string; text: string }[]> {
  const io = processLike();
  const program = createProgram('0.0.0', io);
  registerCommands(program, COMMANDS, io);
  await program.parseAsync(['help', name], { from: 'user' });
  const command = program.commands.find((candidate) => candidate.name() === name);
  if (command === undefined) throw new Error(`Find the command ${name}: found none`);
  const helps = [{ path: name, text: io.said.join('\n') }];
  for (const part of command.commands) {
    io.said.length = 0;
    part.outputHelp();
    helps.push({ path: `${name} ${part.name()}`, text: io.said.join('\n') });
  }
  return helps;
}

function processLike(): CliIo & { readonly said: string[] } {
  const said: string[] = [];
  return {
    said,
    out: (text) => said.push(text),
    note: (text) => said.push(text),
    env: {},
    folder: '.',
    isTerminal: false,
    colors: picocolors.createColors(false),
    ask: () => Promise.resolve(undefined),
    signal: new AbortController().signal,
  };
}

describe('clickfeed', { timeout: TIMEOUT_MS }, () => {
  test('clickfeed --help lists every command with an example, and loads no SDK for it', async () => {
    const { code, stdout, stderr } = await runCommand({ NODE_OPTIONS: `--import ${TELLS_MODULES}` }, '--help');
    expect([code, stderr]).toEqual([0, '[]\n']);
    for (const { name } of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    for (const { name } of COMMANDS) expect(stdout).toContain(`$ clickfeed ${name}`);
  });

  test.each(['backfill', 'quarantine'])('clickfeed help %s and clickfeed %s --help show the same', async (name) => {
    const [help, option] = await Promise.all([runCommand({}, 'help', name), runCommand({}, name, '--help')]);
    expect(help).toEqual(option);
    expect(help).toMatchObject({ code: 0, stdout: expect.stringMatching(/Examples:\n {2}\$ /) as string });
  });

  test.each(COMMANDS.map(({ name }) => name))(
    'clickfeed %s and its parts show examples, and print JSON where they print results',
    async (name) => {
      for (const { path, text } of await helpOf(name)) {
        expect(text, path).toMatch(/Examples:\n {2}\$ /);
        const isGroup = /^Commands:/m.test(text);
        if (!isGroup && !SERVICES.includes(name)) expect(text, path).toContain('--json');
      }
    },
  );

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
