/**
 * The port through which the pages read: one method per panel. Implemented by adapters/clickhouse/insight as the reader
 * user. Every method answers from one snapshot of the ledger, so that no answer mixes loads; all take a signal that
 * cancels the query in the server, and throw AccessError, SetupError or UnavailableError.
 *
 * All hours are UTC. A page view belongs to the hour of the object that delivered it.
 */
import type { TableName } from '../domain/catalogue.ts';
import type { CoverageCell, CoverageDay } from '../domain/coverage.ts';
import type { Hour, HourRange } from '../domain/hour.ts';
import type { Receipt } from '../domain/ledger.ts';
import type { Grain } from '../domain/buckets.ts';
import type { DimensionId } from '../domain/metrics/dimensions.ts';
import type { MetricId } from '../domain/metrics/metrics.ts';
import type { FunnelStepId } from '../domain/metrics/pages.ts';
import type { ScorecardId, Threshold, Verdict } from '../domain/metrics/scorecard.ts';
import type { Thresholds } from '../domain/metrics/thresholds.ts';

export { GRAINS, type Grain } from '../domain/buckets.ts';

/** Keeps what has this value; null stands for "not known" (no value in the feed, or no line to join). */
export interface Filter {
  readonly dimension: DimensionId;
  readonly value: string | null;
}

/** What every panel is asked: a range of hours, and filters that all must hold. */
export interface PanelQuery {
  readonly range: HourRange;
  readonly filters: readonly Filter[];
}

/** How far a query has come; sent several times a second while it runs. */
export interface QueryProgress {
  readonly readRows: number;
  /** 0 when the server does not know yet. */
  readonly totalRows: number;
}

/** How a call is watched and cancelled. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: QueryProgress) => void;
}

/**
 * A metric's value; undefined where it is not defined, as the bounce rate of no sessions, and where nothing is known of it: no hour is
 * built with the tables that it and the filters need.
 */
export type MetricValues = Readonly<Partial<Record<MetricId, number>>>;

/** What the figures rest on. "Based on 97.2 % of hours" = hoursBuilt / hours. */
export interface Basis {
  /** Hours of the range that have ended. */
  readonly hours: number;
  /** Hours whose page views are built and visible. */
  readonly hoursBuilt: number;
  /** Hours of these that wait to be built again, as one of their tables changed since. */
  readonly hoursStale: number;
  /** Hours of these in which at least one of the tables is missing. */
  readonly hoursIncomplete: number;
  /** Hours of these with quarantined lines. */
  readonly hoursQuarantined: number;
  /** Hours of these with nothing of that: they show all that happened. */
  readonly hoursComplete: number;
}

/** What there is to look at. */
export interface Extent {
  /** First and last hour that have page views; undefined in an empty database. */
  readonly firstHour?: Hour;
  readonly lastHour?: Hour;
  /** The newest hour that has ended, by the server's clock. */
  readonly lastCompleteHour: Hour;
}

/** The KPI row. */
export interface Kpis {
  readonly current: MetricValues;
  /** The same over the range of equal length before it. */
  readonly previous: MetricValues;
  readonly previousRange: HourRange;
  readonly basis: Basis;
  readonly previousBasis: Basis;
}

/** One bucket of a time chart; buckets without page views are there too, with zeros where the hours are known. */
export interface SeriesPoint {
  /** First hour of the bucket, though it may lie before the range. */
  readonly start: Hour;
  readonly values: MetricValues;
  /** Hatch the bucket unless all its hours are built and complete. */
  readonly basis: Basis;
}

/** One value of a dimension. */
export interface BreakdownRow {
  readonly value: string | null;
  readonly values: MetricValues;
}

/** A dimension's values, the largest first by the metric asked for. */
export interface Breakdown {
  readonly dimension: DimensionId;
  readonly rows: readonly BreakdownRow[];
  /** How many values there are in all. */
  readonly distinctValues: number;
  /** Sums over all values, those left out too; only of metrics that add up. */
  readonly total: MetricValues;
}

/** What to break down, and how much of it. */
export interface BreakdownRequest {
  readonly dimension: DimensionId;
  /**
   * `views`: page views, visitors and purchases, fast; `sessions`: sessions and what is derived from them.
   * The dimensions of the level `session` have sessions only.
   */
  readonly family: 'views' | 'sessions';
  /** At most so many rows, 1 to 1000. */
  readonly limit: number;
  /** Default: page_views or sessions. */
  readonly orderBy?: MetricId;
}

/** One step of the funnel. */
export interface FunnelStep {
  readonly step: FunnelStepId;
  /** Sessions that reached this step through all before it; undefined where nothing is known of it, as of {@link MetricValues}. */
  readonly sessions: number | undefined;
  /** Of those that reached the step before, the share that went on; 1 for the first. */
  readonly shareOfPrevious: number | undefined;
}

/** The funnel and the sessions that it is drawn from. */
export interface Funnel {
  readonly steps: readonly FunnelStep[];
  readonly sessions: number | undefined;
}

/** What was bought: the last product page that a session saw before each purchase; null when it saw none. */
export interface ProductRow {
  readonly product: string | null;
  readonly purchases: number;
}

/** The products bought, and how many purchases there are in all: undefined where nothing is known of them. */
export interface Products {
  readonly rows: readonly ProductRow[];
  readonly purchases: number | undefined;
}

/** A place of the map. */
export interface MapPlace {
  /** ISO 3166-1 alpha-2, upper case as in the feed. */
  readonly country: string | null;
  readonly region: string | null;
  /** Mean of the coordinates of its page views, degrees; undefined when none has any. */
  readonly latitude: number | undefined;
  readonly longitude: number | undefined;
  readonly pageViews: number;
}

/** One cell of the heatmap day x hour. */
export interface HeatCell {
  /** 1 Monday to 7 Sunday, UTC. */
  readonly weekday: number;
  /** 0 to 23, UTC. */
  readonly hourOfDay: number;
  readonly values: MetricValues;
  /** How many such hours of the range are built: divide by it to get an average hour. */
  readonly hoursBuilt: number;
}

/** The coverage of a range. */
export interface CoverageGrid {
  /** Every hour x table of the range, by hour, then in the order of the tables. */
  readonly cells: readonly CoverageCell[];
}

/** A receipt and where it stands. */
export interface ReceiptView extends Receipt {
  readonly committedAtMs: number;
  /** Whether readers see this load's rows. */
  readonly current: boolean;
}

/** Everything known of an hour: of each table the receipts (newest first), and of its page views. */
export interface HourDetails {
  readonly hour: Hour;
  readonly cells: readonly CoverageCell[];
  readonly receipts: readonly ReceiptView[];
  /** Rejected versions and why, in one word; what was found in the object is for the operator only. */
  readonly rejections: readonly { table: TableName; key: string; reason: string; atMs: number }[];
  readonly events: { readonly state: 'built' | 'stale' | 'not-built'; readonly rows: number };
}

/** One judged line of the scorecard. */
export interface JudgedLine {
  readonly id: ScorecardId;
  /** In the unit of the line's definition; undefined when nothing could be measured. */
  readonly value: number | undefined;
  readonly threshold?: Threshold;
  readonly verdict: Verdict;
  /** The figures behind the value, by name, for the sentence of the reason: {hours: 1440, missing: 3}. */
  readonly evidence: Readonly<Record<string, number>>;
  /** The field of the feed that the most of it is about, and how often. */
  readonly mostly?: { readonly field: string; readonly count: number };
}

/** The scorecard of a range. */
export interface Scorecard {
  readonly range: HourRange;
  /** When it was judged, milliseconds since 1970. */
  readonly judgedAtMs: number;
  readonly lines: readonly JudgedLine[];
  /** Totals of the receipts of the current loads, the proof for the vendor. */
  readonly proof: readonly {
    readonly table: TableName;
    readonly objects: number;
    readonly sizeBytes: number;
    readonly lines: number;
    readonly rows: number;
    readonly quarantined: number;
  }[];
}

/** Own thresholds in place of the defaults. */
export type ThresholdOverrides = Thresholds;

/** The reader behind the pages. */
export interface DashboardReader {
  extent(options?: ReadOptions): Promise<Extent>;
  /** `views`: page_views, visitors, purchases, fast; `sessions`: the others; both in the previous range too. */
  kpis(query: PanelQuery, family: 'views' | 'sessions', options?: ReadOptions): Promise<Kpis>;
  series(query: PanelQuery, grain: Grain, family: 'views' | 'sessions', options?: ReadOptions): Promise<SeriesPoint[]>;
  breakdown(query: PanelQuery, request: BreakdownRequest, options?: ReadOptions): Promise<Breakdown>;
  funnel(query: PanelQuery, options?: ReadOptions): Promise<Funnel>;
  products(query: PanelQuery, options?: ReadOptions): Promise<Products>;
  /** The `limit` places with the most page views. */
  map(query: PanelQuery, limit: number, options?: ReadOptions): Promise<MapPlace[]>;
  heatmap(query: PanelQuery, options?: ReadOptions): Promise<HeatCell[]>;
  coverage(range: HourRange, options?: ReadOptions): Promise<CoverageGrid>;
  /** The same counted by UTC day, in their order: a year of cells is too much for a page. */
  coverageDays(range: HourRange, options?: ReadOptions): Promise<CoverageDay[]>;
  hour(hour: Hour, options?: ReadOptions): Promise<HourDetails>;
  scorecard(range: HourRange, thresholds?: ThresholdOverrides, options?: ReadOptions): Promise<Scorecard>;
}
