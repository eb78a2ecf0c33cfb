/** `clickfeed coverage` and `clickfeed receipts`: what became of each hour, and the proof. */
import type { Command } from 'commander';
import { ClickHouseServer } from '../../adapters/clickhouse/index.ts';
import { createInsightReader } from '../../adapters/clickhouse/insight/index.ts';
import type { Config } from '../../config/config.ts';
import type { DashboardReader, ReceiptView } from '../../dashboard/reader.ts';
import type { TableName } from '../../domain/catalogue.ts';
import { COVERAGE_STATES, type CoverageCell, type CoverageState } from '../../domain/coverage.ts';
import { addHours, lastCompleteHour, type Hour, type HourRange } from '../../domain/hour.ts';
import { hourArgument, tablesArgument } from '../cli/arguments.ts';
import type { Cli } from '../cli/cli.ts';
import type { CliIo, Colors } from '../cli/io.ts';
import { examples } from '../cli/program.ts';
import { textTable } from '../cli/text.ts';

interface RangeOptions {
  readonly from?: Hour;
  readonly to?: Hour;
  readonly tables?: readonly TableName[];
  readonly json?: boolean;
}

/** Days that the grid shows when nothing is asked. */
const DAYS_SHOWN = 14;

/** One character per hour: readable without colours, too. */
const MARKS: Readonly<Record<CoverageState, string>> = {
  loaded: '█',
  empty: '▁',
  changed: '~',
  withdrawn: 'w',
  rejected: 'X',
  cleared: 'c',
  absent: '·',
  'not-loaded': '?',
};

/** Defines `coverage`. */
export function defineCoverage(command: Command, cli: Cli): void {
  command
    .description(
      `Shows a character per hour, a line per day and table; the last ${DAYS_SHOWN} days unless asked otherwise.`,
    )
    .option('--from <hour>', 'first hour', hourArgument)
    .option('--to <hour>', 'the hour before which it ends (default: now)', hourArgument)
    .option('--tables <names>', 'tables separated by commas (default: the configured ones)', tablesArgument)
    .option('--json', 'print every hour as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed coverage', 'the last two weeks'],
        ['clickfeed coverage --from 2024-05-01T00 --to 2024-06-01T00 --tables geo_events', 'May, one table'],
      ]),
    )
    .action(async (options: RangeOptions, command: Command) => {
      const config = cli.config(command);
      const range = rangeOf(config, options);
      const { cells } = await withReader(config, options.tables, (reader) =>
        reader.coverage(range, { signal: cli.io.signal }),
      );
      cli.print(options.json, { ...range, cells }, () => gridText(cells, cli.io));
    });
}

function rangeOf({ feed }: Config, { from, to }: RangeOptions): HourRange {
  const end = to ?? addHours(lastCompleteHour(Date.now()), 1);
  const start = from ?? addHours(end, -24 * DAYS_SHOWN);
  return { from: from === undefined && start < feed.start ? feed.start : start, to: end };
}

async function withReader<T>(
  config: Config,
  tables: readonly TableName[] | undefined,
  read: (reader: DashboardReader) => Promise<T>,
): Promise<T> {
  const server = new ClickHouseServer(config.clickhouse);
  try {
    return await read(createInsightReader(server, { tables: tables ?? config.feed.tables, nowMs: Date.now }));
  } finally {
    await server.close();
  }
}

function gridText(cells: readonly CoverageCell[], { colors }: CliIo): string {
  const lines = new Map<string, Map<number, CoverageState>>();
  for (const { table, hour, state } of cells) {
    const line = `${table} ${hour.slice(0, 10)}`;
    const hours = lines.get(line) ?? new Map<number, CoverageState>();
    lines.set(line, hours.set(Number(hour.slice(11, 13)), state));
  }
  const width = Math.max(0, ...[...lines.keys()].map((line) => line.length));
  const grid = [...lines]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([line, hours]) => {
      const marks = Array.from({ length: 24 }, (_, hour) => markOf(hours.get(hour), colors));
      return `${line.padEnd(width)}  ${marks.join('')}`;
    });
  const counts = COVERAGE_STATES.map((state) => [state, cells.filter((cell) => cell.state === state).length] as const);
  const legend = counts.filter(([, count]) => count > 0).map(([state, count]) => `${MARKS[state]} ${state} ${count}`);
  return [`${' '.repeat(width)}  0     6     12    18`, ...grid, '', legend.join('   ')].join('\n');
}

function markOf(state: CoverageState | undefined, colors: Colors): string {
  if (state === undefined) return ' ';
  const mark = MARKS[state];
  if (state === 'loaded' || state === 'empty') return colors.green(mark);
  if (state === 'rejected' || state === 'withdrawn') return colors.red(mark);
  return state === 'absent' ? colors.dim(mark) : colors.yellow(mark);
}

interface ReceiptOptions {
  readonly hour: Hour;
  readonly tables?: readonly TableName[];
  readonly json?: boolean;
}

/** Defines `receipts`. */
export function defineReceipts(command: Command, cli: Cli): void {
  command
    .description('Shows key, ETag, CRC-32, lines, rows of each load of an hour, who loaded it, and in which run.')
    .requiredOption('--hour <hour>', 'UTC hour such as 2024-05-01T13', hourArgument)
    .option('--table <names>', 'tables separated by commas (default: the configured ones)', tablesArgument)
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed receipts --hour 2024-05-01T13', 'all tables'],
        ['clickfeed receipts --hour 2024-05-01T13 --table geo_events --json', 'one table, for scripts'],
      ]),
    )
    .action(
      async ({ hour, table, json }: ReceiptOptions & { readonly table?: readonly TableName[] }, command: Command) => {
        const config = cli.config(command);
        const details = await withReader(config, table, (reader) => reader.hour(hour, { signal: cli.io.signal }));
        const receipts = details.receipts.filter((receipt) => table === undefined || table.includes(receipt.table));
        cli.print(
          json,
          { hour, receipts: receipts.map((receipt) => ({ ...receipt, runUrl: runUrl(config, receipt) })) },
          () =>
            receipts.length === 0
              ? `No load of ${hour}`
              : receipts.map((receipt) => receiptText(config, receipt)).join('\n\n'),
        );
      },
    );
}

function receiptText(config: Config, receipt: ReceiptView): string {
  const { object, crc32, entrySizeBytes, lines, rows, quarantined } = receipt;
  const url = runUrl(config, receipt);
  return textTable(
    [receipt.table, receipt.current ? 'current' : 'not current'],
    [
      ['object', object.key],
      ['ETag', object.etag],
      ['modified', new Date(object.modifiedMs).toISOString()],
      ['bytes', `${object.sizeBytes} packed, ${entrySizeBytes} unpacked`],
      ['CRC-32', crc32.toString(16).padStart(8, '0')],
      ['lines', `${lines} = ${rows} rows + ${quarantined} quarantined`],
      ['load', receipt.loadId],
      ['committed', `${new Date(receipt.committedAtMs).toISOString()} by ${receipt.worker}`],
      ['run', `${receipt.workflowId} (${receipt.runId}), attempt ${receipt.attempt}`],
      ...(url === undefined ? [] : [['link', url]]),
    ],
  );
}

/** The run in Temporal's Web UI, when it is configured where that is. */
function runUrl({ dashboard, temporal }: Config, { workflowId, runId }: ReceiptView): string | undefined {
  if (dashboard.temporalUiUrl === undefined || workflowId === '') return undefined;
  const path = ['namespaces', temporal.namespace, 'workflows', workflowId, runId].map(encodeURIComponent).join('/');
  return new URL(`/${path}/history`, dashboard.temporalUiUrl).href;
}
