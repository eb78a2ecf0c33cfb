/** `clickfeed quarantine`: lines that could not become rows: where they are, what they say, and load their objects again. */
import type { Command } from 'commander';
import { ClickHouseServer } from '../../adapters/clickhouse/index.ts';
import {
  listQuarantine,
  readQuarantine,
  type KeptLine,
  type QuarantinedObject,
} from '../../adapters/clickhouse/operations/index.ts';
import type { Config } from '../../config/config.ts';
import type { TableName } from '../../domain/catalogue.ts';
import { grouped } from '../../domain/digits.ts';
import { addHours, hourAt, onlyHour, type Hour } from '../../domain/hour.ts';
import { printable } from '../../domain/printable.ts';
import { hourArgument, numberArgument, tablesArgument } from '../cli/arguments.ts';
import type { Cli } from '../cli/cli.ts';
import { followRun } from '../cli/follow-run.ts';
import { examples } from '../cli/program.ts';
import { textTable } from '../cli/text.ts';
import { LOAD_WORDS } from './load.ts';

const LINES_SHOWN = 100;
const LINES_MOST = 100_000;

interface ListOptions {
  readonly from?: Hour;
  readonly to?: Hour;
  readonly tables?: readonly TableName[];
  readonly json?: boolean;
}

interface ShowOptions {
  readonly tables?: readonly TableName[];
  readonly limit: number;
  readonly user?: string;
  readonly json?: boolean;
}

/** Defines the command and its parts. */
export function defineQuarantine(quarantine: Command, cli: Cli): void {
  quarantine.description('Lists, shows and replays quarantined lines of the loads that readers see.').addHelpText(
    'after',
    examples([
      ['clickfeed quarantine list', 'which objects have such lines'],
      ['clickfeed quarantine show 2024-05-01T13', 'the lines of an hour, with the reason'],
      ['clickfeed quarantine replay 2024-05-01T13', 'load the hour again, after an upgrade that understands them'],
    ]),
  );
  registerList(quarantine, cli);
  registerShow(quarantine, cli);
  registerReplay(quarantine, cli);
}

function registerList(quarantine: Command, cli: Cli): void {
  quarantine
    .command('list')
    .summary('objects with quarantined lines')
    .description('Lists the objects of which readers see a load with quarantined lines, and how many they are.')
    .option('--from <hour>', 'first hour (default: the start of the feed)', hourArgument)
    .option('--to <hour>', 'the hour before which it ends (default: now)', hourArgument)
    .option('--tables <names>', 'tables separated by commas (default: the configured ones)', tablesArgument)
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed quarantine list', 'the whole feed'],
        ['clickfeed quarantine list --from 2024-05-01T00 --tables geo_events', 'since May, one table'],
      ]),
    )
    .action(async ({ from, to, tables, json }: ListOptions, command: Command) => {
      const config = cli.config(command);
      const range = { from: from ?? config.feed.start, to: to ?? addHours(hourAt(Date.now()), 1) };
      const objects = await withServer(config, undefined, (server) =>
        listQuarantine(server, tables ?? config.feed.tables, range, cli.io.signal),
      );
      cli.print(json, objects, () => listText(objects));
    });
}

function registerShow(quarantine: Command, cli: Cli): void {
  quarantine
    .command('show')
    .summary('the lines of an hour, as they came')
    .description('Needs the role of the operator: the lines may hold personal data.')
    .argument('<hour>', 'UTC hour such as 2024-05-01T13', hourArgument)
    .option('--tables <names>', 'tables separated by commas (default: the configured ones)', tablesArgument)
    .option('--limit <count>', 'lines at most', numberArgument(1, LINES_MOST), LINES_SHOWN)
    .option('--user <name>', 'user with the role of the operator; its password in CLICKHOUSE_OPERATOR_PASSWORD')
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed quarantine show 2024-05-01T13', 'the first hundred lines, with the reason of each'],
        ['CLICKHOUSE_OPERATOR_PASSWORD=... clickfeed quarantine show 2024-05-01T13 --user oscar', 'as somebody else'],
      ]),
    )
    .action(async (hour: Hour, { tables, limit, user, json }: ShowOptions, command: Command) => {
      const config = cli.config(command);
      const operator =
        user === undefined ? undefined : { user, password: cli.io.env['CLICKHOUSE_OPERATOR_PASSWORD'] ?? '' };
      const lines = await withServer(config, operator, (server) =>
        readQuarantine(server, tables ?? config.feed.tables, onlyHour(hour), limit, cli.io.signal),
      );
      cli.print(json, lines, () => linesText(hour, lines));
    });
}

function registerReplay(quarantine: Command, cli: Cli): void {
  quarantine
    .command('replay')
    .summary('load an hour with quarantined lines again')
    .description('Loads the objects of an hour once more, and replaces their rows and quarantined lines at once.')
    .argument('<hour>', 'UTC hour such as 2024-05-01T13', hourArgument)
    .option('--tables <names>', 'tables separated by commas (default: those with quarantined lines)', tablesArgument)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples([['clickfeed quarantine replay 2024-05-01T13', 'after an upgrade that understands the lines']]),
    )
    .action(async (hour: Hour, { tables, json }: ListOptions, command: Command) => {
      const config = cli.config(command);
      const objects = await withServer(config, undefined, (server) =>
        listQuarantine(server, tables ?? config.feed.tables, onlyHour(hour), cli.io.signal),
      );
      const affected = objects.map(({ table }) => table);
      if (affected.length === 0) cli.print(json, { hour, tables: {} }, () => `No quarantined lines in ${hour}`);
      else await replay(cli, config, hour, affected, json);
    });
}

async function replay(
  cli: Cli,
  config: Config,
  hour: Hour,
  tables: readonly TableName[],
  json: boolean | undefined,
): Promise<void> {
  await cli.withClient(config, async (connected) => {
    const run = await connected.feed.startLoad({ hour, tables, mode: 'all' });
    await followRun(cli, connected, run, { json, isFollowed: true }, LOAD_WORDS);
  });
}

async function withServer<T>(
  { clickhouse }: Config,
  operator: { readonly user: string; readonly password: string } | undefined,
  read: (server: ClickHouseServer) => Promise<T>,
): Promise<T> {
  const server = new ClickHouseServer({ ...clickhouse, ...operator });
  try {
    return await read(server);
  } finally {
    await server.close();
  }
}

function listText(objects: readonly QuarantinedObject[]): string {
  if (objects.length === 0) return 'No quarantined lines';
  const total = objects.reduce((sum, { lines }) => sum + lines, 0);
  const table = textTable(
    ['table', 'hour', 'lines'],
    objects.map(({ table: name, hour, lines }) => [name, hour, lines]),
  );
  return `${table}\n\n${grouped(total)} lines of ${grouped(objects.length)} objects`;
}

function linesText(hour: Hour, lines: readonly KeptLine[]): string {
  if (lines.length === 0) return `No quarantined lines in ${hour}`;
  return lines
    .map(
      ({ table, lineNumber, reason, text }) =>
        `${table} line ${lineNumber}: ${printable(reason)}\n  ${printable(text)}`,
    )
    .join('\n');
}
