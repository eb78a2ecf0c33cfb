/** The pages' reader over ClickHouse. It runs as the reader: views and what lies beneath them, nothing personal. */
import type {
  Breakdown,
  BreakdownRequest,
  CoverageGrid,
  DashboardReader,
  Extent,
  Funnel,
  Grain,
  HeatCell,
  HourDetails,
  Kpis,
  MapPlace,
  PanelQuery,
  Products,
  ReadOptions,
  Scorecard,
  SeriesPoint,
  ThresholdOverrides,
} from '../../../dashboard/reader.ts';
import { TABLE_NAMES, type TableName } from '../../../domain/catalogue.ts';
import type { CoverageDay } from '../../../domain/coverage.ts';
import { InputError } from '../../../domain/errors.ts';
import { countHours, hourAt, lastCompleteHour, parseHour, type Hour, type HourRange } from '../../../domain/hour.ts';
import type { ClickHouseServer, Statement } from '../server.ts';
import { readCoverage, readCoverageDays } from './coverage.ts';
import { readHour } from './hour-details.ts';
import { LedgerWatch } from './ledger-watch.ts';
import { PanelSql } from './panel-sql.ts';
import { readScorecard } from './scorecard.ts';
import { LIST_SETTINGS } from './seen-loads.ts';
import { heatmapPanel, kpiPanel, seriesPanel, type Family, type Panel } from './time-panels.ts';
import { breakdownPanel, funnelPanel, mapPanel, productsPanel } from './value-panels.ts';
import type { ValueRow } from './values.ts';

/** Settings of the reader. */
export interface InsightReaderOptions {
  /** The configured tables of the feed; coverage shows these. Default: all. */
  readonly tables?: readonly TableName[];
  /** Clock, milliseconds since 1970: which hours have ended. */
  readonly nowMs: () => number;
}

/** A panel is given up after this. */
const PANEL_TIMEOUT_MS = 60_000;
/** Hours of a range at most: twenty years. */
const RANGE_HOURS_MAX = 20 * 366 * 24;
/** Buckets of a time chart, and hours of a coverage grid, at most. */
const POINTS_MAX = 50_000;

const PANEL_SETTINGS: NonNullable<Statement['settings']> = {
  ...LIST_SETTINGS,
  // The backstop when a query that was given up could not be stopped.
  max_execution_time: 2 * (PANEL_TIMEOUT_MS / 1000),
  // Sets of visitors would be sorted to look for them in the index, which begins with the hour.
  use_index_for_in_with_subqueries: 0,
  // NaN and infinity become null.
  output_format_json_quote_denormals: 0,
};

/** Makes the reader over a connection of the reader's user. */
export function createInsightReader(server: ClickHouseServer, options: InsightReaderOptions): DashboardReader {
  return new InsightReader(server, options);
}

class InsightReader implements DashboardReader {
  readonly #server: ClickHouseServer;
  readonly #tables: readonly TableName[];
  readonly #nowMs: () => number;
  readonly #ledger: LedgerWatch;

  constructor(server: ClickHouseServer, { tables = TABLE_NAMES, nowMs }: InsightReaderOptions) {
    this.#server = server;
    this.#tables = tables;
    this.#nowMs = nowMs;
    this.#ledger = new LedgerWatch(server);
  }

  async extent({ signal }: ReadOptions = {}): Promise<Extent> {
    const look = await this.#ledger.look();
    const { firstHour, lastHour } = await this.#ledger.seen(look);
    signal?.throwIfAborted();
    return {
      ...(firstHour === undefined ? {} : { firstHour }),
      ...(lastHour === undefined ? {} : { lastHour }),
      lastCompleteHour: lastCompleteHour(look.nowMs),
    };
  }

  kpis(query: PanelQuery, family: Family, options?: ReadOptions): Promise<Kpis> {
    const panelOf = (sql: PanelSql): Panel<Kpis> => kpiPanel(sql, query, family, this.#endedHour());
    return this.#ask(query, panelOf, 'compute the key figures', options);
  }

  series(query: PanelQuery, grain: Grain, family: Family, options?: ReadOptions): Promise<SeriesPoint[]> {
    if (grain === 'hour') checkPoints(query.range, 1);
    const endedHour = this.#endedHour();
    const panelOf = (sql: PanelSql): Panel<SeriesPoint[]> => seriesPanel(sql, query, { grain, family, endedHour });
    return this.#ask(query, panelOf, 'compute the time chart', options);
  }

  breakdown(query: PanelQuery, request: BreakdownRequest, options?: ReadOptions): Promise<Breakdown> {
    const doing = `break down by ${request.dimension}`;
    return this.#ask(query, (sql) => breakdownPanel(sql, query, request), doing, options);
  }

  funnel(query: PanelQuery, options?: ReadOptions): Promise<Funnel> {
    return this.#ask(query, (sql) => funnelPanel(sql, query), 'compute the funnel', options);
  }

  products(query: PanelQuery, options?: ReadOptions): Promise<Products> {
    return this.#ask(query, (sql) => productsPanel(sql, query), 'compute the products bought', options);
  }

  map(query: PanelQuery, limit: number, options?: ReadOptions): Promise<MapPlace[]> {
    return this.#ask(query, (sql) => mapPanel(sql, query, limit), 'compute the map', options);
  }

  heatmap(query: PanelQuery, options?: ReadOptions): Promise<HeatCell[]> {
    return this.#ask(query, (sql) => heatmapPanel(sql, query), 'compute the heatmap', options);
  }

  coverage(range: HourRange, options?: ReadOptions): Promise<CoverageGrid> {
    checkRange(range);
    checkPoints(range, this.#tables.length);
    return readCoverage(this.#server, this.#tables, range, options);
  }

  coverageDays(range: HourRange, options?: ReadOptions): Promise<CoverageDay[]> {
    checkRange(range);
    return readCoverageDays(this.#server, this.#tables, range, options);
  }

  hour(hour: Hour, options?: ReadOptions): Promise<HourDetails> {
    return readHour(this.#server, this.#tables, parseHour(hour), options);
  }

  scorecard(range: HourRange, thresholds: ThresholdOverrides = {}, options: ReadOptions = {}): Promise<Scorecard> {
    checkRange(range);
    const request = { tables: this.#tables, range, nowMs: this.#nowMs(), thresholds };
    return this.#ledger.answer((seen) => readScorecard(this.#server, request, seen, options), options.signal);
  }

  async #ask<T>(
    query: PanelQuery,
    panelOf: (sql: PanelSql) => Panel<T>,
    doing: string,
    { signal, onProgress }: ReadOptions = {},
  ): Promise<T> {
    checkRange(query.range);
    return this.#ledger.answer(async (seen) => {
      const sql = new PanelSql(this.#server.name.bind(this.#server), seen);
      const panel = panelOf(sql);
      const statement: Statement = {
        sql: sql.statement(panel.statement),
        doing,
        parameters: sql.parameters,
        signal,
        timeoutMs: PANEL_TIMEOUT_MS,
        settings: PANEL_SETTINGS,
        killWhenAborted: true,
      };
      if (onProgress === undefined) return panel.read(await this.#server.query<ValueRow>(statement));
      const rows = await this.#server.watch<ValueRow>(statement, (readRows, totalRows) => {
        onProgress({ readRows, totalRows });
      });
      return panel.read(rows);
    }, signal);
  }

  /** The hour that runs now: all before it have ended. */
  #endedHour(): Hour {
    return hourAt(this.#nowMs());
  }
}

function checkRange(range: HourRange): void {
  const hours = countHours({ from: parseHour(range.from), to: parseHour(range.to) });
  if (hours < 1 || hours > RANGE_HOURS_MAX) {
    throw new InputError(
      `Cannot read from ${range.from} to ${range.to}: found ${hours} hours, expected 1 to ${RANGE_HOURS_MAX}`,
    );
  }
}

function checkPoints(range: HourRange, perHour: number): void {
  const points = countHours(range) * perHour;
  if (points <= POINTS_MAX * perHour) return;
  throw new InputError(
    `Cannot show every hour from ${range.from} to ${range.to}: found ${points} points, expected ${POINTS_MAX * perHour} at most`,
  );
}
