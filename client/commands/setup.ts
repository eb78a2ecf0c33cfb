/** `clickfeed setup`: makes database, search attributes and schedule; may be run again at any time. */
import type { Command } from 'commander';
import { ClickHouseServer, printDdl, printGrants, setup, type SetupReport } from '../../adapters/clickhouse/index.ts';
import { quoteIdentifier } from '../../adapters/clickhouse/sql.ts';
import type { SearchAttributeReport } from '../../adapters/temporal/index.ts';
import type { Config } from '../../config/config.ts';
import { readKey } from '../../config/load.ts';
import { DAILY_SCHEDULE_ID, HOURLY_SCHEDULE_ID } from '../../domain/service.ts';
import type { Cli } from '../cli/cli.ts';
import { examples } from '../cli/program.ts';
import type { FeedConnection } from '../connect.ts';
import type { ScheduleOutcome } from '../schedules.ts';

interface SetupOptions {
  readonly print?: boolean;
  readonly printGrants?: boolean;
  readonly start?: boolean;
  readonly json?: boolean;
}

/** What was done. */
export interface SetupResult {
  readonly database: string;
  readonly clickhouse: SetupReport;
  readonly searchAttributes: SearchAttributeReport;
  readonly schedules: { readonly hourly: ScheduleOutcome; readonly daily: ScheduleOutcome };
  /** Whether the backfill from the feed's start was started; undefined when it was not asked for. */
  readonly backfillStarted?: boolean;
}

/** Defines the command. */
export function defineSetup(command: Command, cli: Cli): void {
  command
    .description('Makes what is missing: database, tables, views, search attributes, schedule. Safe to run again.')
    .option('--start', 'also start the backfill from FEED_START, once')
    .option('--print', 'print all DDL and do nothing')
    .option('--print-grants', 'print the least rights of worker, reader and operator and do nothing')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed setup', 'make what is missing'],
        ['clickfeed setup --start', 'and begin to load the feed from its start'],
        ['clickfeed setup --print', 'show the DDL'],
        ['clickfeed setup --print-grants | clickhouse-client', 'make the roles'],
      ]),
    )
    .action(async (options: SetupOptions, command: Command) => {
      if (options.print === true || options.printGrants === true) print(cli, command, options);
      else await runSetupCommand(cli, command, options);
    });
}

function print(cli: Cli, command: Command, options: SetupOptions): void {
  const database = readKey(cli.sources(command), 'CLICKHOUSE_DATABASE');
  const name = (table: string): string => `${quoteIdentifier(database)}.${quoteIdentifier(table)}`;
  if (options.print === true) cli.io.out(printDdl(name, database).trimEnd());
  if (options.printGrants === true) cli.io.out(printGrants(name, database).trimEnd());
}

async function runSetupCommand(cli: Cli, command: Command, options: SetupOptions): Promise<void> {
  const config = cli.config(command);
  const result = await cli.withClient(config, (connected) => setUp(config, connected, options.start === true));
  cli.print(options.json, result, () => resultText(result));
}

/**
 * Sets everything up over a connected client; also what `up` does first.
 * @throws {SetupError | AccessError | UnavailableError}
 */
export async function setUp(config: Config, { client, feed }: FeedConnection, isStart: boolean): Promise<SetupResult> {
  const server = new ClickHouseServer(config.clickhouse);
  try {
    const clickhouse = await setup(server);
    const { ensureSearchAttributes } = await import('../../adapters/temporal/index.ts');
    const searchAttributes = await ensureSearchAttributes(client.connection, config.temporal.namespace);
    const schedules = await feed.ensureSchedules(config.feed);
    const { database } = config.clickhouse;
    const done = { database, clickhouse, searchAttributes, schedules };
    return isStart ? { ...done, backfillStarted: await feed.startFirstBackfill() } : done;
  } finally {
    await server.close();
  }
}

function resultText({ database, clickhouse, searchAttributes, schedules, backfillStarted }: SetupResult): string {
  const { applied, mended } = clickhouse;
  const lines = [
    `Database ${database}: ${applied.length === 0 ? 'up to date' : `applied ${applied.join(', ')}`}`,
    ...(mended.length === 0 ? [] : [`Mended: ${mended.join(', ')}`]),
    `Search attributes: ${searchAttributes.known.join(', ') || 'none'}`,
    ...(searchAttributes.refusal === undefined
      ? []
      : [`  not registered: ${searchAttributes.refusal}; loads work without`]),
    `Schedule ${HOURLY_SCHEDULE_ID}: ${schedules.hourly}`,
    `Schedule ${DAILY_SCHEDULE_ID}: ${schedules.daily}`,
  ];
  if (backfillStarted !== undefined) {
    lines.push(`Backfill from the feed's start: ${backfillStarted ? 'started' : 'was started before'}`);
  }
  return lines.join('\n');
}
