/** The panels that the server answers for: each with its parameters, its call of the reader, and its table as CSV. */
import type { z } from 'zod';
import { COVERAGE_STATES } from '../../domain/coverage.ts';
import { METRIC_IDS, type MetricId } from '../../domain/metrics/metrics.ts';
import { CONVERSION_DIMENSIONS, CONVERSION_ROWS } from '../conversions.ts';
import type { Basis, DashboardReader, Kpis, MetricValues, ReadOptions, ThresholdOverrides } from '../reader.ts';
import type { CsvCell, CsvTable } from './csv.ts';
import { PARAMS, panelQuery, range, readParams } from './params.ts';
import type { ScorecardFacts } from './scorecard-file.ts';

/** What a panel reads from. */
export interface PanelSource {
  readonly reader: DashboardReader;
  readonly thresholds: ThresholdOverrides;
}

/** A panel, its parameters still unread. */
export interface Panel {
  /** Reads parameters first, so that a wrong address fails before anything is asked. */
  ask(search: URLSearchParams): (source: PanelSource, options: ReadOptions) => Promise<unknown>;
  /** The answer as a table; undefined: the panel has no CSV. */
  readonly csv?: (data: unknown) => CsvTable;
}

/** Hours of one month and a few days: what one coverage calendar shows. */
const GRID_HOURS_MOST = 40 * 24;
const QUERY = { from: PARAMS.from, to: PARAMS.to, f: PARAMS.f };
const RANGE = { from: PARAMS.from, to: PARAMS.to };

function panel<S extends z.ZodRawShape, T>(
  shape: S,
  read: (params: z.infer<z.ZodObject<S>>, source: PanelSource, options: ReadOptions) => Promise<T>,
  csv?: (data: T) => CsvTable,
): Panel {
  return {
    ask(search) {
      const params = readParams(shape, search);
      return (source, options) => read(params, source, options);
    },
    ...(csv ? { csv: (data) => csv(data as T) } : {}),
  };
}

/** All panels, by the name that they have under /api/. */
export const PANELS: Readonly<Record<string, Panel>> = {
  extent: panel({}, (_, { reader }, options) => reader.extent(options)),
  kpis: panel(
    { ...QUERY, family: PARAMS.family },
    (params, { reader }, options) => reader.kpis(panelQuery(params), params.family, options),
    ({ current, previous }) => kpiTable(current, previous),
  ),
  /** The row of key figures whole, for its CSV. */
  'key-figures': panel(
    QUERY,
    (params, { reader }, options) =>
      Promise.all((['views', 'sessions'] as const).map((family) => reader.kpis(panelQuery(params), family, options))),
    (families) => kpiTable(mergeValues(families, 'current'), mergeValues(families, 'previous')),
  ),
  series: panel(
    { ...QUERY, family: PARAMS.family, grain: PARAMS.grain },
    (params, { reader }, options) => reader.series(panelQuery(params), params.grain, params.family, options),
    (points) => {
      const metrics = presentMetrics(points.map((point) => point.values));
      return {
        header: ['start', ...metrics, ...BASIS_HEADER],
        rows: points.map(({ start, values, basis }) => [start, ...pick(metrics, values), ...basisCells(basis)]),
      };
    },
  ),
  breakdown: panel(
    { ...QUERY, dimension: PARAMS.dimension, family: PARAMS.family, limit: PARAMS.limit, orderBy: PARAMS.orderBy },
    (params, { reader }, options) => {
      const { dimension, family, limit, orderBy } = params;
      const request = { dimension, family, limit, ...(orderBy === undefined ? {} : { orderBy }) };
      return reader.breakdown(panelQuery(params), request, options);
    },
    ({ dimension, rows }) => {
      const metrics = presentMetrics(rows.map((row) => row.values));
      return { header: [dimension, ...metrics], rows: rows.map((row) => [row.value, ...pick(metrics, row.values)]) };
    },
  ),
  funnel: panel(
    QUERY,
    (params, { reader }, options) => reader.funnel(panelQuery(params), options),
    ({ steps }) => ({
      header: ['step', 'sessions', 'share_of_previous'],
      rows: steps.map(({ step, sessions, shareOfPrevious }) => [step, sessions, shareOfPrevious]),
    }),
  ),
  products: panel(
    QUERY,
    (params, { reader }, options) => reader.products(panelQuery(params), options),
    ({ rows }) => ({
      header: ['product', 'purchases'],
      rows: rows.map(({ product, purchases }) => [product, purchases]),
    }),
  ),
  map: panel(
    { ...QUERY, limit: PARAMS.limit },
    (params, { reader }, options) => reader.map(panelQuery(params), params.limit, options),
    (places) => ({
      header: ['country', 'region', 'latitude', 'longitude', 'page_views'],
      rows: places.map((place) => [place.country, place.region, place.latitude, place.longitude, place.pageViews]),
    }),
  ),
  heatmap: panel(
    QUERY,
    (params, { reader }, options) => reader.heatmap(panelQuery(params), options),
    (cells) => {
      const metrics = presentMetrics(cells.map((cell) => cell.values));
      return {
        header: ['weekday', 'hour_of_day', 'hours_built', ...metrics],
        rows: cells.map((cell) => [cell.weekday, cell.hourOfDay, cell.hoursBuilt, ...pick(metrics, cell.values)]),
      };
    },
  ),
  coverage: panel(
    RANGE,
    (params, { reader }, options) => reader.coverage(range(params, GRID_HOURS_MOST), options),
    ({ cells }) => ({
      header: ['hour', 'table', 'state', 'rows', 'quarantined'],
      rows: cells.map(({ hour, table, state, rows, quarantined }) => [hour, table, state, rows, quarantined]),
    }),
  ),
  'coverage-days': panel(
    RANGE,
    (params, { reader }, options) => reader.coverageDays(range(params), options),
    (days) => ({
      header: ['day', ...COVERAGE_STATES.map((state) => state.replaceAll('-', '_')), 'quarantined'],
      rows: days.map(({ day, states, quarantined }) => [
        day,
        ...COVERAGE_STATES.map((state) => states[state] ?? 0),
        quarantined,
      ]),
    }),
  ),
  hour: panel({ hour: PARAMS.hour }, (params, { reader }, options) => reader.hour(params.hour, options)),
  scorecard: panel(
    RANGE,
    (params, { reader, thresholds }, options) => reader.scorecard(range(params), thresholds, options),
    ({ lines }) => ({
      header: ['line', 'value', 'verdict', 'good', 'watch', 'evidence'],
      rows: lines.map(({ id, value, verdict, threshold, evidence }) => [
        id,
        value,
        verdict,
        threshold?.good,
        threshold?.watch,
        JSON.stringify(evidence),
      ]),
    }),
  ),
};

/** What the scorecard's file is made of. */
export const SCORECARD_FACTS: Panel = panel(
  RANGE,
  async (params, { reader, thresholds }, options): Promise<ScorecardFacts> => {
    const query = panelQuery({ ...params, f: [] });
    const [scorecard, ...visitors] = await Promise.all([
      reader.scorecard(range(params), thresholds, options),
      ...CONVERSION_DIMENSIONS.map((dimension) =>
        reader.breakdown(query, { dimension, family: 'sessions', limit: CONVERSION_ROWS }, options),
      ),
    ]);
    return { scorecard, visitors };
  },
);

function kpiTable(current: MetricValues, previous: MetricValues): CsvTable {
  return {
    header: ['metric', 'value', 'previous'],
    rows: presentMetrics([current, previous]).map((id) => [id, current[id], previous[id]]),
  };
}

function mergeValues(families: readonly Kpis[], which: 'current' | 'previous'): MetricValues {
  return Object.assign({}, ...families.map((kpis) => kpis[which])) as MetricValues;
}

const BASIS_HEADER = ['hours', 'hours_built', 'hours_stale', 'hours_incomplete', 'hours_quarantined', 'hours_complete'];

function basisCells(basis: Basis): CsvCell[] {
  const { hours, hoursBuilt, hoursStale, hoursIncomplete, hoursQuarantined, hoursComplete } = basis;
  return [hours, hoursBuilt, hoursStale, hoursIncomplete, hoursQuarantined, hoursComplete];
}

/** The metrics that any of the rows has, in their order. */
function presentMetrics(rows: readonly MetricValues[]): MetricId[] {
  return METRIC_IDS.filter((id) => rows.some((values) => values[id] !== undefined));
}

function pick(metrics: readonly MetricId[], values: MetricValues): CsvCell[] {
  return metrics.map((id) => values[id]);
}
