/** `clickfeed metrics`: the figures of the dashboard on the command line, by the same definitions and the same reader. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { ClickHouseServer } from '../../adapters/clickhouse/index.ts';
import { createInsightReader } from '../../adapters/clickhouse/insight/index.ts';
import type { Config } from '../../config/config.ts';
import { readFilter } from '../../dashboard/address.ts';
import type {
  Basis,
  Breakdown,
  BreakdownRow,
  DashboardReader,
  Filter,
  MetricValues,
  PanelQuery,
  ReadOptions,
} from '../../dashboard/reader.ts';
import { InputError } from '../../domain/errors.ts';
import { addHours, type Hour, type HourRange } from '../../domain/hour.ts';
import {
  DIMENSION_IDS,
  DIMENSIONS,
  hasSessionsOnly,
  isDimensionId,
  type DimensionId,
} from '../../domain/metrics/dimensions.ts';
import { isMetricId, METRIC_IDS, METRICS, type MetricId, type MetricUnit } from '../../domain/metrics/metrics.ts';
import { FUNNEL, FUNNEL_STEPS } from '../../domain/metrics/pages.ts';
import { hourArgument, numberArgument } from '../cli/arguments.ts';
import type { Cli } from '../cli/cli.ts';
import { examples } from '../cli/program.ts';
import {
  breakdownText,
  definitionText,
  funnelText,
  listText,
  metricsText,
  productsText,
  rangeText,
} from './metrics-text.ts';

interface MetricsOptions {
  readonly from?: Hour;
  readonly to?: Hour;
  readonly by?: DimensionId;
  readonly limit: number;
  readonly funnel?: boolean;
  readonly products?: boolean;
  readonly filter?: readonly Filter[];
  readonly list?: boolean;
  readonly define?: MetricId | DimensionId;
  readonly json?: boolean;
}

const ROWS_SHOWN = 20;
/** What the reader gives at most. */
const ROWS_MAX = 1000;

/** Defines the command. */
export function defineMetrics(command: Command, cli: Cli): void {
  const modes = ['by', 'funnel', 'products', 'list', 'define'];
  const mode = (option: Option): Option => option.conflicts(modes.filter((name) => name !== option.attributeName()));
  command
    .description(
      'Computes every metric over a range of UTC hours, as CLICKHOUSE_READER_USER. A page view belongs to the hour of the object that delivered it.',
    )
    .option('--from <hour>', 'first hour (default: the first with page views)', hourArgument)
    .option('--to <hour>', 'the hour before which it ends (default: after the last with page views)', hourArgument)
    .addOption(
      mode(
        new Option('--by <dimension>', `one row per value of a dimension: ${DIMENSION_IDS.join(', ')}`).argParser(
          dimensionArgument,
        ),
      ),
    )
    .option(
      '--limit <rows>',
      'rows at most, the most page views (or sessions) first',
      numberArgument(1, ROWS_MAX),
      ROWS_SHOWN,
    )
    .addOption(mode(new Option('--funnel', 'the steps to a purchase')))
    .addOption(mode(new Option('--products', 'the products bought')))
    .option(
      '--filter <dimension:value>',
      'keep only this value; without :value what is not known; may be repeated',
      filterArgument,
    )
    .addOption(mode(new Option('--list', 'list metrics and dimensions; needs no server')))
    .addOption(
      mode(new Option('--define <name>', 'define a metric or dimension; needs no server').argParser(definedArgument)),
    )
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed metrics', 'the whole feed'],
        ['clickfeed metrics --from 2024-05-01T00 --to 2024-06-01T00', 'May, with April for comparison'],
        ['clickfeed metrics --by source --limit 5', 'the five largest sources'],
        ['clickfeed metrics --funnel --filter device:Mobile', 'the way to a purchase on phones'],
        ['clickfeed metrics --define bounce_rate', 'what it means and how it is computed'],
      ]),
    )
    .action(async (options: MetricsOptions, command: Command) => {
      if (options.list === true) cli.print(options.json, definitions(), listText);
      else if (options.define !== undefined) printDefinition(cli, options.define, options.json);
      else await compute(cli, cli.config(command), options);
    });
}

function dimensionArgument(text: string): DimensionId {
  if (isDimensionId(text)) return text;
  throw new InvalidArgumentError(`Expected one of ${DIMENSION_IDS.join(', ')}`);
}

function definedArgument(text: string): MetricId | DimensionId {
  if (isMetricId(text) || isDimensionId(text)) return text;
  throw new InvalidArgumentError(`Expected one of ${[...METRIC_IDS, ...DIMENSION_IDS].join(', ')}`);
}

function filterArgument(text: string, before: readonly Filter[] = []): readonly Filter[] {
  return [...before, readFilter(text)];
}

function printDefinition(cli: Cli, id: MetricId | DimensionId, json: boolean | undefined): void {
  cli.print(json, isMetricId(id) ? METRICS[id] : DIMENSIONS[id], () => definitionText(id));
}

function definitions(): object {
  return {
    metrics: METRIC_IDS.map((id) => METRICS[id]),
    dimensions: DIMENSION_IDS.map((id) => DIMENSIONS[id]),
    funnel: { ...FUNNEL, steps: FUNNEL_STEPS },
  };
}

async function compute(cli: Cli, config: Config, options: MetricsOptions): Promise<void> {
  const reading: ReadOptions = { signal: cli.io.signal };
  const server = new ClickHouseServer({ ...config.clickhouse, ...config.dashboard.reader });
  try {
    const reader = createInsightReader(server, { tables: config.feed.tables, nowMs: Date.now });
    const query = { range: await rangeOf(reader, options, reading), filters: options.filter ?? [] };
    const views = await reader.kpis(query, 'views', reading);
    const head = { ...query.range, filters: query.filters, basis: views.basis };
    const print = (found: object, text: () => string): void => {
      cli.print(options.json, { ...head, ...found }, () => `${rangeText(query, views.basis)}\n\n${text()}`);
    };
    if (options.by !== undefined) {
      const sessions = await reader.kpis(query, 'sessions', reading);
      const values = await breakDown(reader, query, options.by, options.limit, reading);
      // Of the whole: most metrics do not add up over the values.
      const breakdown = { ...values, total: { ...views.current, ...sessions.current } };
      print(breakdown, () => breakdownText(breakdown));
    } else if (options.funnel === true) {
      const funnel = await reader.funnel(query, reading);
      print(funnel, () => funnelText(funnel));
    } else if (options.products === true) {
      const { rows, purchases } = await reader.products(query, reading);
      const found = { products: rows.slice(0, options.limit), distinctValues: rows.length, purchases };
      print(found, () => productsText(found));
    } else {
      const sessions = await reader.kpis(query, 'sessions', reading);
      const metrics = all({ ...views.current, ...sessions.current }, { ...views.previous, ...sessions.previous });
      const previous = { previousRange: views.previousRange, previousBasis: views.previousBasis };
      print({ ...previous, metrics }, () => metricsText(metrics, previous));
    }
  } finally {
    await server.close();
  }
}

async function rangeOf(
  reader: DashboardReader,
  { from, to }: MetricsOptions,
  reading: ReadOptions,
): Promise<HourRange> {
  if (from !== undefined && to !== undefined) return { from, to };
  const { firstHour, lastHour, lastCompleteHour } = await reader.extent(reading);
  const end = to ?? addHours(lastHour ?? lastCompleteHour, 1);
  const start = from ?? firstHour ?? addHours(end, -24);
  if (start < end) return { from: start, to: end };
  throw new InputError(
    `Cannot read from ${start} to ${end}: expected a range; page views are there from ${firstHour ?? 'no hour'} to ${lastHour ?? 'no hour'}`,
  );
}

/** A metric's definition with its values; undefined where it is not defined, as a share of nothing. */
export interface MetricFigure {
  readonly id: MetricId;
  readonly name: string;
  readonly unit: MetricUnit;
  readonly meaning: string;
  readonly caveat: string;
  readonly value: number | undefined;
  readonly previous: number | undefined;
}

function all(values: MetricValues, previous: MetricValues): MetricFigure[] {
  return METRIC_IDS.map((id) => {
    const { name, unit, meaning, caveat } = METRICS[id];
    return {
      id,
      name: name.en,
      unit,
      meaning: meaning.en,
      caveat: caveat.en,
      value: values[id],
      previous: previous[id],
    };
  });
}

/** What the range before rests on. */
export interface PreviousRange {
  readonly previousRange: HourRange;
  readonly previousBasis: Basis;
}

/** The figures of page views and of sessions by value, in one. */
async function breakDown(
  reader: DashboardReader,
  query: PanelQuery,
  dimension: DimensionId,
  limit: number,
  reading: ReadOptions,
): Promise<Breakdown> {
  const ofSessions = hasSessionsOnly(dimension);
  const sessions = await reader.breakdown(
    query,
    { dimension, family: 'sessions', limit: ofSessions ? limit : ROWS_MAX },
    reading,
  );
  if (ofSessions) return sessions;
  const views = await reader.breakdown(query, { dimension, family: 'views', limit }, reading);
  const byValue = new Map(sessions.rows.map((row) => [row.value, row.values]));
  // When all values that have sessions are here, one that is missing has none.
  const none: MetricValues = sessions.distinctValues <= ROWS_MAX ? { sessions: 0 } : {};
  const rows = views.rows.map(({ value, values }): BreakdownRow => ({
    value,
    values: { ...values, ...(byValue.get(value) ?? none) },
  }));
  return { ...views, rows };
}
