/** `clickfeed sweep` and `clickfeed reconcile`: what the daily schedule does, by hand. */
import type { Command } from 'commander';
import type { TableName } from '../../domain/catalogue.ts';
import { grouped } from '../../domain/digits.ts';
import type { Hour } from '../../domain/hour.ts';
import { printable } from '../../domain/printable.ts';
import type { ReconcileProgress } from '../../workflows/reconcile-run.ts';
import type { SweepResult } from '../../workflows/sweep.ts';
import { hourArgument, tablesArgument } from '../cli/arguments.ts';
import type { Cli } from '../cli/cli.ts';
import { followRun, plainLines, type RunWords } from '../cli/follow-run.ts';
import { examples } from '../cli/program.ts';
import { textTable } from '../cli/text.ts';

interface UpkeepOptions {
  readonly tables?: readonly TableName[];
  readonly follow: boolean;
  readonly json?: boolean;
}

/** Defines `sweep`. */
export function defineSweep(command: Command, cli: Cli): void {
  command
    .description(
      'Purges truncations older than the grace period, and deletes rows of dead loads. Runs every night too.',
    )
    .option('--tables <names>', 'tables separated by commas (default: the configured ones)', tablesArgument)
    .option('--no-follow', 'start it and return')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples([['clickfeed sweep', 'now, rather than tonight']]))
    .action(async ({ tables, follow, json }: UpkeepOptions, command: Command) => {
      await cli.withClient(cli.config(command), async (connected) => {
        const started = await connected.operations.startSweep(tables === undefined ? {} : { tables });
        await followRun(cli, connected, started, { json, isFollowed: follow }, SWEEP_WORDS);
      });
    });
}

/** `sweep` in words. */
export const SWEEP_WORDS: RunWords<SweepResult> = { resultText: sweepText };

function sweepText({ purged, tables }: SweepResult): string {
  const done = purged.filter(({ outcome }) => outcome === 'purged').map(({ truncationId }) => truncationId);
  const table = textTable(
    ['table', 'loads given up', 'loads deleted', 'rows deleted', 'quarantined deleted', ''],
    tables.map((report) => [
      report.table,
      report.abandonedLoads,
      report.deletedLoads,
      report.deletedRows,
      report.deletedQuarantined,
      report.more ? 'more is left' : '',
    ]),
  );
  return [...(done.length === 0 ? [] : [`Purged: ${done.join(', ')}`]), table].join('\n');
}

/** Defines `reconcile`. */
export function defineReconcile(command: Command, cli: Cli): void {
  command
    .description(
      'Lists every hour, loads what is missing or changed, counts the rows of every load, and mends what differs. ' +
        'Ends with code 1 when rows differed from a receipt.',
    )
    .option('--from <hour>', 'first hour (default: the start of the feed)', hourArgument)
    .option('--to <hour>', 'the hour before which it ends (default: now)', hourArgument)
    .option('--tables <names>', 'tables separated by commas (default: the configured ones)', tablesArgument)
    .option('--no-follow', 'start it and return')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed reconcile', 'the whole feed'],
        ['clickfeed reconcile --from 2024-05-01T00 --to 2024-06-01T00 --json', 'May, for scripts'],
      ]),
    )
    .action(async (options: UpkeepOptions & { readonly from?: Hour; readonly to?: Hour }, command: Command) => {
      const { follow, json, ...input } = options;
      await cli.withClient(cli.config(command), async (connected) => {
        const started = await connected.operations.startReconcile(input);
        await followRun(cli, connected, started, { json, isFollowed: follow }, RECONCILE_WORDS);
      });
    });
}

/** `reconcile` in words. */
export const RECONCILE_WORDS: RunWords<ReconcileProgress, ReconcileProgress> = {
  progress: plainLines(reconcileLine),
  resultText: reconcileText,
  hasFailed: ({ alarmCount }) => alarmCount > 0,
};

function reconcileLine({ reconciledTo, to, loadedHours, alarmCount }: ReconcileProgress): string {
  return `Reconciled up to ${reconciledTo} of ${to}: ${grouped(loadedHours)} hours loaded, ${alarmCount} alarms`;
}

function reconcileText(progress: ReconcileProgress): string {
  const alarms = progress.alarms.map(
    ({ table, hour, expected, found, repaired }) =>
      `  ${table} ${hour}: expected ${expected.rows} rows, found ${found.rows}; ${repaired ? 'loaded again' : 'NOT repaired'}`,
  );
  const troubles = progress.troubles.map(
    ({ table, from, to, kind, detail }) => `  ${kind}: ${table} ${from} to ${to}: ${printable(detail)}`,
  );
  return [
    reconcileLine(progress),
    `Objects: ${grouped(progress.presentObjects)} present, ${grouped(progress.absentObjects)} absent`,
    ...(alarms.length === 0 ? [] : ['Rows that differed from their receipt:', ...alarms]),
    ...(troubles.length === 0 ? [] : ['Needs attention:', ...troubles]),
  ].join('\n');
}
