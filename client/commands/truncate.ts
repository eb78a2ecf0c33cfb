/** `clickfeed truncate` and `clickfeed restore`: clear tables after a plan and a typed word, and take that back. */
import type { Command } from 'commander';
import { ClickHouseServer } from '../../adapters/clickhouse/index.ts';
import { createAuditor } from '../../adapters/clickhouse/operations/index.ts';
import type { Config } from '../../config/config.ts';
import type { TableName } from '../../domain/catalogue.ts';
import { grouped } from '../../domain/digits.ts';
import { InputError } from '../../domain/errors.ts';
import type { Hour } from '../../domain/hour.ts';
import { ALL_HOURS, type HiddenLoads } from '../../domain/truncation.ts';
import type { TruncateResult } from '../../workflows/truncate-tables.ts';
import { hourArgument, tablesArgument } from '../cli/arguments.ts';
import type { Cli } from '../cli/cli.ts';
import { followRun, type RunWords } from '../cli/follow-run.ts';
import { examples } from '../cli/program.ts';
import { textTable } from '../cli/text.ts';
import type { FeedConnection } from '../connect.ts';

interface TruncateOptions {
  readonly from?: Hour;
  readonly to?: Hour;
  readonly tables?: readonly TableName[];
  readonly purge?: boolean;
  readonly reload?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** What is to be typed. */
const WORD = 'truncate';

/** Defines `truncate`. */
export function defineTruncate(command: Command, cli: Cli): void {
  command
    .description(
      'Hides all rows at once; they are deleted after a grace period, until which "clickfeed restore" brings them back.',
    )
    .option('--tables <names>', 'tables separated by commas (default: the configured ones)', tablesArgument)
    .option('--from <hour>', 'first hour (default: all)', hourArgument)
    .option('--to <hour>', 'the hour before which it ends (default: all)', hourArgument)
    .option('--purge', 'delete the rows at once; cannot be taken back')
    .option('--reload', 'start a backfill of what was cleared afterwards')
    .option('--yes', 'do not ask')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed truncate', 'show what all tables hold, ask, clear them'],
        ['clickfeed truncate --tables geo_events --from 2024-05-01T00 --to 2024-05-02T00', 'one day of one table'],
        ['clickfeed truncate --yes --reload', 'for scripts: clear everything and load it again'],
      ]),
    )
    .action(async (options: TruncateOptions, command: Command) => {
      const config = cli.config(command);
      checkRange(options);
      await confirm(cli, config, options);
      await cli.withClient(config, (connected) => truncate(cli, connected, options));
    });
}

function checkRange({ from = ALL_HOURS.from, to = ALL_HOURS.to }: TruncateOptions): void {
  if (from < to) return;
  throw new InputError(`Cannot truncate from ${from} to ${to}: expected "from" before "to"`);
}

/** Shows the plan and has it confirmed. @throws {InputError} when it is not */
async function confirm(cli: Cli, config: Config, options: TruncateOptions): Promise<void> {
  const { io } = cli;
  if (options.yes === true) return;
  io.note(await planText(config, options));
  const answer = await io.ask(`Type ${WORD} to go on: `);
  if (answer?.trim() === WORD) return;
  const found = answer === undefined ? 'no answer from a terminal' : JSON.stringify(answer.trim());
  throw new InputError(`Cannot truncate: found ${found}, expected "${WORD}"; with --yes nothing is asked`);
}

async function planText(config: Config, options: TruncateOptions): Promise<string> {
  const { from = ALL_HOURS.from, to = ALL_HOURS.to, tables = config.feed.tables, purge } = options;
  const server = new ClickHouseServer(config.clickhouse);
  try {
    const facts = await createAuditor(server).storageFacts({ tables, from, to }, AbortSignal.timeout(60_000));
    const range = options.from === undefined && options.to === undefined ? 'all hours' : `${from} to ${to}`;
    const rows = tables.map((table) => [table, range, facts.tables[table]?.rangeRows ?? 0] as const);
    const after =
      purge === true ? 'They are deleted at once.' : `They can be restored for ${config.feed.purgeGraceHours} hours.`;
    return `${textTable(['table', 'hours', 'rows that vanish'], rows)}\n${after}`;
  } finally {
    await server.close();
  }
}

async function truncate(cli: Cli, connected: FeedConnection, options: TruncateOptions): Promise<void> {
  const { tables, from, to, purge, reload, json } = options;
  const { operations } = connected;
  const range = {
    ...(tables === undefined ? {} : { tables }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  const started = await operations.startTruncate({ ...range, ...(purge === undefined ? {} : { purge }) });
  if (reload === true)
    cli.io.note('Its backfill starts when the truncation is done; after a Ctrl-C: clickfeed backfill');
  await followRun(cli, connected, started, { json, isFollowed: true }, TRUNCATE_WORDS);
  if (reload !== true) return;
  const { workflowId } = await operations.startBackfill(range);
  cli.io.note(`Started ${workflowId}; follow it: clickfeed follow ${workflowId}`);
}

/** `truncateTables` in words. */
export const TRUNCATE_WORDS: RunWords<TruncateResult> = { resultText: truncateText };

function truncateText({ loads, rows, sizeBytes, truncationId, purgedAfter, deletedRows }: TruncateResult): string {
  const after =
    purgedAfter === undefined
      ? `Deleted ${grouped(deletedRows ?? 0)} rows`
      : `Bring them back until ${purgedAfter.slice(0, 16)}Z: clickfeed restore ${truncationId}`;
  return `Hid ${grouped(loads)} loads: ${grouped(rows)} rows, from ${grouped(sizeBytes)} bytes of objects\n${after}`;
}

/** Defines `restore`. */
export function defineRestore(command: Command, cli: Cli): void {
  command
    .description('Brings back exactly the rows that a truncation hid, unless they are deleted already.')
    .argument('<truncation>', 'id of the truncation, as "clickfeed truncate" said it')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples([['clickfeed restore truncation-0192f3', 'bring its rows back']]))
    .action(async (truncationId: string, { json }: { readonly json?: boolean }, command: Command) => {
      await cli.withClient(cli.config(command), async (connected) => {
        const started = await connected.operations.startRestore(truncationId);
        await followRun(cli, connected, started, { json, isFollowed: true }, RESTORE_WORDS);
      });
    });
}

/** `restoreTables` in words. */
export const RESTORE_WORDS: RunWords<HiddenLoads> = { resultText: restoreText };

function restoreText({ loads, rows, purgedLoads }: HiddenLoads): string {
  const lost =
    purgedLoads > 0 ? `\nNot brought back: ${grouped(purgedLoads)} loads that another truncation purged` : '';
  return `Visible again: ${grouped(loads)} loads, ${grouped(rows)} rows${lost}`;
}
