/** `clickfeed load`: loads one hour now and follows it. */
import { Option, type Command } from 'commander';
import type { TableName } from '../../domain/catalogue.ts';
import type { Hour } from '../../domain/hour.ts';
import { LOAD_MODES, type LoadMode } from '../../domain/loading.ts';
import type { HourlyLoadProgress } from '../../workflows/messages.ts';
import type { FeedConnection } from '../connect.ts';
import { hourArgument, tablesArgument } from '../cli/arguments.ts';
import type { Cli } from '../cli/cli.ts';
import { followRun, plainLines, type RunWords } from '../cli/follow-run.ts';
import { examples } from '../cli/program.ts';
import { textTable } from '../cli/text.ts';

interface LoadOptions {
  readonly tables?: readonly TableName[];
  readonly mode?: LoadMode;
  readonly follow: boolean;
  readonly json?: boolean;
}

/** Defines the command. */
export function defineLoad(command: Command, cli: Cli): void {
  command
    .description('Loads one hour and follows it. Ctrl-C detaches; the load goes on.')
    .argument('<hour>', 'UTC hour such as 2024-05-01T13', hourArgument)
    .option('--tables <names>', 'tables separated by commas (default: the configured ones)', tablesArgument)
    .addOption(
      new Option('--mode <mode>', 'missing: what is not loaded; changed: also what differs; all: once more').choices(
        LOAD_MODES,
      ),
    )
    .option('--no-follow', 'start it and return')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed load 2024-05-01T13', 'load what is missing of that hour'],
        ['clickfeed load 2024-05-01T13 --mode all', 'load it once more, whatever is there'],
        ['clickfeed load 2024-05-01T13 --tables geo_events --json', 'one table, result as JSON'],
      ]),
    )
    .action(async (hour: Hour, options: LoadOptions, command: Command) => {
      await cli.withClient(cli.config(command), (connected) => load(cli, connected, hour, options));
    });
}

async function load(
  cli: Cli,
  connected: FeedConnection,
  hour: Hour,
  { tables, mode, json, follow: isFollowed }: LoadOptions,
): Promise<void> {
  const run = await connected.feed.startLoad({
    hour,
    ...(tables === undefined ? {} : { tables }),
    ...(mode === undefined ? {} : { mode }),
  });
  await followRun(cli, connected, run, { json, isFollowed }, LOAD_WORDS);
}

/** `hourlyLoad` in words. */
export const LOAD_WORDS: RunWords<HourlyLoadProgress, HourlyLoadProgress> = {
  progress: plainLines(progressLine),
  resultText,
};

function progressLine({ hour, tables }: HourlyLoadProgress): string {
  const states = Object.entries(tables).map(
    ([table, { state, detail }]) => `${table} ${state}${detail === undefined ? '' : ` (${detail})`}`,
  );
  return `${hour}: ${states.join(', ')}`;
}

function resultText({ tables }: HourlyLoadProgress): string {
  return textTable(
    ['table', 'state', 'rows', 'lines', 'quarantined', ''],
    Object.entries(tables).map(([table, { state, rows, lines, quarantined, detail }]) => [
      table,
      state,
      rows,
      lines,
      quarantined,
      detail ?? '',
    ]),
  );
}
