/** `clickfeed status`: what is loaded, per table. */
import type { Command } from 'commander';
import { ClickHouseServer, createStatusReader } from '../../adapters/clickhouse/index.ts';
import type { Config } from '../../config/config.ts';
import { addHours, lastCompleteHour, type HourRange } from '../../domain/hour.ts';
import type { TableStatus } from '../../domain/status.ts';
import type { Cli } from '../cli/cli.ts';
import { examples } from '../cli/program.ts';
import { textTable } from '../cli/text.ts';

/** Defines the command. */
export function defineStatus(command: Command, cli: Cli): void {
  command
    .description(
      "Counts hours, rows and quarantined lines of each table, from the feed's start to the last complete hour.",
    )
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed status', 'a table for people'],
        ['clickfeed status --json', 'for scripts'],
      ]),
    )
    .action(async (options: { readonly json?: boolean }, command: Command) => {
      const config = cli.config(command);
      const range = { from: config.feed.start, to: addHours(lastCompleteHour(Date.now()), 1) };
      const tables = await readStatus(config, range, cli.io.signal);
      cli.print(options.json, { ...range, tables }, () => statusText(tables));
    });
}

/** The status of every configured table over the range. */
export async function readStatus(config: Config, range: HourRange, signal: AbortSignal): Promise<TableStatus[]> {
  const server = new ClickHouseServer(config.clickhouse);
  try {
    return await createStatusReader(server).status(config.feed.tables, range, signal);
  } finally {
    await server.close();
  }
}

function statusText(tables: readonly TableStatus[]): string {
  return textTable(
    ['table', 'loaded', 'pending', 'absent', 'rejected', 'cleared', 'rows', 'quarantined', 'first hour', 'last hour'],
    tables.map((status) => [
      status.table,
      status.loadedHours,
      status.pendingHours,
      status.absentHours,
      status.rejectedHours,
      status.clearedHours,
      status.rows,
      status.quarantinedLines,
      status.firstHour ?? '-',
      status.lastHour ?? '-',
    ]),
  );
}
