/** `clickfeed up`: everything on this machine, with a demo feed. */
import path from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { readOwnSettings } from '../../config/load.ts';
import { STACK_FOLDER } from '../../config/stack-settings.ts';
import { SetupError } from '../../domain/errors.ts';
import type { DemoWish } from '../../devstack/demo/choice.ts';
import type { Imperfection } from '../../devstack/demo/publications.ts';
import type { Cli } from '../cli/cli.ts';
import { examples } from '../cli/program.ts';

interface UpCommandOptions {
  readonly dir: string;
  readonly hours?: number;
  readonly rowsPerHour?: number;
  readonly seed?: number;
  readonly imperfections?: boolean;
}

/** Defines the command. */
export function defineUp(command: Command, cli: Cli): void {
  command
    .description(
      'Starts ClickHouse, an S3 server and Temporal with its Web UI, publishes a demo feed, and loads it hour by hour until Ctrl-C.\n' +
        'A server that S3_ENDPOINT or S3_BUCKET, CLICKHOUSE_URL or TEMPORAL_ADDRESS names is used instead of one of its own;\n' +
        'a bucket of yours gets no demo feed. Data and keys stay in the folder; a second start goes on with them.\n' +
        'Ports: DASHBOARD_PORT 8090, TEMPORAL_PORT 7233, TEMPORAL_UI_PORT 8233, CLICKHOUSE_HTTP_PORT 8123, CLICKHOUSE_TCP_PORT 9000, S3_PORT 8333.',
    )
    .option('--dir <folder>', 'folder of data, keys and logs', STACK_FOLDER)
    .option(
      '--hours <count>',
      'hours of the past that the demo feed begins with (default: 48)',
      wholeNumber(1, 100_000),
    )
    .option('--rows-per-hour <count>', 'page views of an average hour (default: 1000)', wholeNumber(1, 10_000_000))
    .option('--seed <number>', 'another demo feed for every number', wholeNumber(0, 2 ** 31 - 1))
    .addOption(
      new Option('--no-imperfections', 'a demo feed without late, absent, repeated or flawed objects').default(
        undefined,
      ),
    )
    .addHelpText(
      'after',
      examples([
        ['clickfeed up', 'everything'],
        ['clickfeed up --hours 1440 --rows-per-hour 2000', 'with 60 days of feed'],
        ['CLICKHOUSE_URL=http://db:8123 clickfeed up', 'with a ClickHouse of yours'],
        ['S3_PORT=18333 clickfeed up', 'when port 8333 is taken'],
      ]),
    )
    .action(async (options: UpCommandOptions, command: Command) => {
      await up(cli, command, options);
    });
}

async function up(cli: Cli, command: Command, options: UpCommandOptions): Promise<void> {
  const { io } = cli;
  const { runUp, terminalView, plainView } = await importDevstack();
  const { connectUpService } = await import('./up-service.ts');
  await runUp({
    dir: path.resolve(io.folder, options.dir),
    settings: readOwnSettings(cli.sources(command)),
    demo: demoWish(options),
    view: io.isTerminal
      ? terminalView(process.stderr)
      : plainView((line) => {
          io.note(line);
        }),
    signal: io.signal,
    connect: (settings, dir) =>
      connectUpService(settings, dir, command.parent?.version() ?? 'unknown', (error) => {
        io.note(unexpected(error));
      }),
  });
}

function unexpected(error: unknown): string {
  return `Unexpected error, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function demoWish({ hours, rowsPerHour, seed, imperfections }: UpCommandOptions): DemoWish {
  const none: readonly Imperfection[] = [];
  return {
    ...(hours === undefined ? {} : { hours }),
    ...(rowsPerHour === undefined ? {} : { rowsPerHour }),
    ...(seed === undefined ? {} : { seed }),
    ...(imperfections === false ? { imperfections: none } : {}),
  };
}

/** Loaded only here: the stack's packages are not there in an installation without development dependencies. */
async function importDevstack() {
  try {
    const [{ runUp }, { terminalView, plainView }] = await Promise.all([
      import('../../devstack/up.ts'),
      import('../../devstack/progress.ts'),
    ]);
    return { runUp, terminalView, plainView };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new SetupError(
      'Cannot run up: its servers are development dependencies, which are not installed; run npm ci in a checkout, ' +
        'or point S3_BUCKET, CLICKHOUSE_URL and TEMPORAL_ADDRESS at servers of yours and use setup and worker',
      { cause: error },
    );
  }
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}`);
  };
}
