/** `clickfeed follow`: shows any run of the service until it ends, whoever started it. */
import type { Command } from 'commander';
import { printable } from '../../domain/printable.ts';
import { WORKFLOWS } from '../../domain/service.ts';
import type { Cli } from '../cli/cli.ts';
import { followRun, type RunWords } from '../cli/follow-run.ts';
import { examples } from '../cli/program.ts';
import { BACKFILL_WORDS } from './backfill-text.ts';
import { LOAD_WORDS } from './load.ts';
import { RESTORE_WORDS, TRUNCATE_WORDS } from './truncate.ts';
import { RECONCILE_WORDS, SWEEP_WORDS } from './upkeep.ts';

/** The words by workflow. Its result and progress have the types that the words want: both are the workflow's. */
const WORDS: Readonly<Record<string, unknown>> = {
  [WORKFLOWS.hourlyLoad]: LOAD_WORDS,
  [WORKFLOWS.backfill]: BACKFILL_WORDS,
  [WORKFLOWS.truncateTables]: TRUNCATE_WORDS,
  [WORKFLOWS.restoreTables]: RESTORE_WORDS,
  [WORKFLOWS.reconcile]: RECONCILE_WORDS,
  [WORKFLOWS.sweep]: SWEEP_WORDS,
};

/** Others have no words of their own. */
const PLAIN_WORDS: RunWords<object> = { resultText: (result) => printable(JSON.stringify(result, null, 2)) };

/** Defines the command. */
export function defineFollow(command: Command, cli: Cli): void {
  command
    .description('Shows a run until it ends, and ends as the command that started it would. Ctrl-C detaches.')
    .argument('<id>', 'workflow id, as the command that started it said')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed follow backfill/first', 'the backfill that the first start began'],
        ['clickfeed follow load/2024-05-01T13 --json', 'a load, result as JSON'],
      ]),
    )
    .action(async (workflowId: string, { json }: { readonly json?: boolean }, command: Command) => {
      await cli.withClient(cli.config(command), async (connected) => {
        const run = await connected.operations.findRun(workflowId);
        const words = (WORDS[run.workflow] ?? PLAIN_WORDS) as RunWords<object>;
        await followRun(cli, connected, run, { json, isFollowed: true }, words);
      });
    });
}
