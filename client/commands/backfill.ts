/** `clickfeed backfill`: loads a range, steers and follows the run that does. */
import { Option, type Command } from 'commander';
import { BACKFILL_ORDERS, type BackfillOrder } from '../../domain/backfill.ts';
import type { TableName } from '../../domain/catalogue.ts';
import type { Hour } from '../../domain/hour.ts';
import { LOAD_MODES, type LoadMode } from '../../domain/loading.ts';
import { hourArgument, numberArgument, tablesArgument } from '../cli/arguments.ts';
import type { Cli } from '../cli/cli.ts';
import { followRun } from '../cli/follow-run.ts';
import { examples } from '../cli/program.ts';
import type { FeedConnection } from '../connect.ts';
import { BACKFILL_WORDS } from './backfill-text.ts';

interface BackfillOptions {
  readonly from?: Hour;
  readonly to?: Hour;
  readonly tables?: readonly TableName[];
  readonly mode?: LoadMode;
  readonly order?: BackfillOrder;
  readonly concurrency?: number;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly follow: boolean;
  readonly json?: boolean;
}

/** As workflows/policy.ts allows. */
const CONCURRENCY_MOST = 64;

/** Defines the command and those that steer a run. */
export function defineBackfill(backfill: Command, cli: Cli): void {
  backfill
    .description(
      'Loads a range by windows of a table and up to a week, and follows it. Ctrl-C detaches; the backfill goes on.\n' +
        'Ends with code 1 when hours could not be loaded; what is wrong with an object itself is only listed.',
    )
    .option('--from <hour>', 'first hour (default: the start of the feed)', hourArgument)
    .option('--to <hour>', 'the hour before which it ends (default: now)', hourArgument)
    .option('--tables <names>', 'tables separated by commas (default: the configured ones)', tablesArgument)
    .addOption(
      new Option('--mode <mode>', 'missing: what is not loaded; changed: also what differs; all: once more').choices(
        LOAD_MODES,
      ),
    )
    .addOption(new Option('--order <order>', 'which window comes first (default: newest)').choices(BACKFILL_ORDERS))
    .option('--concurrency <count>', 'windows loaded at the same time', numberArgument(1, CONCURRENCY_MOST))
    .option('--dry-run', 'say what would be loaded, what it takes, and load nothing')
    .option('--force', 'load in mode all though the disk may not hold it')
    .option('--no-follow', 'start it and return')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed backfill', 'load what is missing, from the start of the feed'],
        ['clickfeed backfill --from 2024-05-01T00 --to 2024-06-01T00 --dry-run', 'what would May take?'],
        ['clickfeed backfill --from 2024-05-01T00 --mode changed', 'also what was published again'],
        ['clickfeed backfill pause', 'begin no further window; "resume" goes on, "cancel" ends it'],
        ['clickfeed backfill follow', 'show the one that runs'],
      ]),
    )
    .action(async (options: BackfillOptions, command: Command) => {
      await cli.withClient(cli.config(command), (connected) => start(cli, connected, options));
    });
  for (const action of ['pause', 'resume', 'cancel'] as const) registerSteering(backfill, cli, action);
  registerFollow(backfill, cli);
}

async function start(cli: Cli, connected: FeedConnection, { follow, json, ...input }: BackfillOptions): Promise<void> {
  const started = await connected.operations.startBackfill(input);
  await followRun(cli, connected, started, { json, isFollowed: follow }, BACKFILL_WORDS);
}

const STEERING = {
  pause: { summary: 'begin no further window', done: 'is paused; windows in flight are finished' },
  resume: { summary: 'go on after a pause', done: 'goes on' },
  cancel: { summary: 'end it; what is loaded stays', done: 'is being cancelled; start it again to go on' },
} as const;

function registerSteering(backfill: Command, cli: Cli, action: keyof typeof STEERING): void {
  const { summary, done } = STEERING[action];
  backfill
    .command(action)
    .summary(summary)
    .argument('[id]', 'id of the backfill (default: the one that runs)')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples([[`clickfeed backfill ${action}`, summary]]))
    .action(async (id: string | undefined, _options: object, command: Command) => {
      await cli.withClient(cli.config(command), async ({ operations }) => {
        const workflowId = await operations.steerBackfill(action, id);
        cli.print(isJson(command), { workflowId, action }, () => `${workflowId} ${done}`);
      });
    });
}

function registerFollow(backfill: Command, cli: Cli): void {
  backfill
    .command('follow')
    .summary('show a backfill until it ends')
    .argument('[id]', 'id of the backfill (default: the one that runs)')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples([['clickfeed backfill follow', 'Ctrl-C detaches']]))
    .action(async (id: string | undefined, _options: object, command: Command) => {
      await cli.withClient(cli.config(command), async (connected) => {
        const found = await connected.operations.findBackfill(id);
        await followRun(cli, connected, found, { json: isJson(command), isFollowed: true }, BACKFILL_WORDS);
      });
    });
}

/** The option stands at the command above, too, and is taken there when both have it. */
function isJson(command: Command): boolean | undefined {
  return command.optsWithGlobals<{ json?: boolean }>().json;
}
