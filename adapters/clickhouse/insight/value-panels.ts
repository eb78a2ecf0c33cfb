/** Panels over values: breakdowns, the funnel, products bought, the map. */
import type {
  Breakdown,
  BreakdownRequest,
  BreakdownRow,
  Funnel,
  MapPlace,
  PanelQuery,
  ProductRow,
  Products,
} from '../../../dashboard/reader.ts';
import { InputError } from '../../../domain/errors.ts';
import { DIMENSIONS, hasSessionsOnly } from '../../../domain/metrics/dimensions.ts';
import type { MetricId } from '../../../domain/metrics/metrics.ts';
import { FUNNEL_STEPS, funnelStepSql } from '../../../domain/metrics/pages.ts';
import { quoteIdentifier } from '../sql.ts';
import { MONTH_DIMENSIONS } from './month-build.ts';
import { MONTH_VALUE, PLACE_SUMS, placesFromMonths, valuesFromMonths } from './month-source.ts';
import {
  filteredParts,
  filteredSessions,
  needsSessions,
  pagesOf,
  seenBefore,
  timeExpression,
  type PanelSql,
} from './panel-sql.ts';
import { metricsOf, type Panel } from './time-panels.ts';
import { BY_VALUE, expressions, knownIn, readValues, selectValues, type ValueRow } from './values.ts';

/** Rows of a breakdown at most. */
export const BREAKDOWN_ROWS_MAX = 1000;

/** A dimension's values: the largest, and how many there are in all. */
export function breakdownPanel(sql: PanelSql, query: PanelQuery, request: BreakdownRequest): Panel<Breakdown> {
  const { dimension, family, limit } = request;
  const metrics = metricsOf(family);
  const orderBy = metrics.indexOf(request.orderBy ?? (family === 'views' ? 'page_views' : 'sessions'));
  checkRequest(request, orderBy);
  const grouped = valuesOfMonths(sql, query, request, metrics) ?? groupedValues(sql, query, request, metrics);
  // The number of values and the sums over all of them stand behind the metrics, so that one pass answers all.
  const overall = ['count() OVER ()', ...metrics.map((_, index) => `sum(numbers[${index + 1}]) OVER ()`)];
  const extra = overall.map((number) => `toFloat64(${number})`).join(', ');
  const statement = `SELECT kind, key, arrayConcat(numbers, [${extra}]) AS numbers FROM (${grouped})
ORDER BY numbers[${orderBy + 1}] DESC, key LIMIT ${sql.value(limit, 'UInt32')}`;
  return {
    statement,
    read: (rows) => {
      const sorted = [...rows].sort(
        (a, b) => (b.numbers[orderBy] ?? -1) - (a.numbers[orderBy] ?? -1) || compareKeys(a.key, b.key),
      );
      const [distinctValues, ...sums] = sorted[0]?.numbers.slice(metrics.length) ?? [0];
      const isKnown = knownOf(sql, query);
      const total = readValues(metrics, sums, isKnown);
      return {
        dimension,
        rows: sorted.map((row): BreakdownRow => {
          return { value: valueOf(dimension, row.key), values: readValues(metrics, row.numbers, isKnown) };
        }),
        distinctValues: distinctValues ?? 0,
        total: Object.fromEntries(additiveIn(request).flatMap((id) => (isKnown(id) ? [[id, total[id] ?? 0]] : []))),
      };
    },
  };
}

/** The metrics that add up over the values: a visitor may have several, and so may a session of pages and products. */
function additiveIn({ dimension, family }: BreakdownRequest): MetricId[] {
  if (family === 'views') return ['page_views', 'purchases'];
  return dimension === 'page' || dimension === 'product' ? [] : ['sessions'];
}

function checkRequest({ dimension, family, limit, orderBy }: BreakdownRequest, orderIndex: number): void {
  if (orderIndex < 0)
    throw new InputError(`Cannot order ${family} by ${orderBy}: expected one of ${metricsOf(family).join(', ')}`);
  if (!Number.isInteger(limit) || limit < 1 || limit > BREAKDOWN_ROWS_MAX) {
    throw new InputError(`Cannot show ${limit} values: expected 1 to ${BREAKDOWN_ROWS_MAX}`);
  }
  if (family === 'views' && hasSessionsOnly(dimension)) {
    throw new InputError(`Cannot break down page views by ${dimension}: expected family "sessions" for it`);
  }
}

function compareKeys(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : 1;
}

/** Pages that are not known are empty text in ClickHouse. */
function valueOf(dimension: BreakdownRequest['dimension'], key: string | null): string | null {
  const { level } = DIMENSIONS[dimension];
  return key === '' && (level === 'page' || level === 'session') ? null : key;
}

/** The values, where months tell them. */
function valuesOfMonths(
  sql: PanelSql,
  query: PanelQuery,
  { dimension, family }: BreakdownRequest,
  metrics: readonly MetricId[],
): string | undefined {
  if (family !== 'views' || !MONTH_DIMENSIONS.includes(dimension)) return undefined;
  const partColumns = [dimension === 'page' ? 'pages' : dimension];
  const question = { dimension, monthKey: MONTH_VALUE, partKey: dimension, partColumns };
  return valuesFromMonths(sql, query, { ...question, kind: 'value', metrics });
}

function groupedValues(
  sql: PanelSql,
  query: PanelQuery,
  { dimension, family }: BreakdownRequest,
  metrics: readonly MetricId[],
): string {
  if (family === 'views' && dimension === 'page') {
    const from = needsSessions(query) ? filteredSessions(sql, query, ['pages']) : filteredParts(sql, query);
    return `${selectValues('value', 'page', expressions(metrics, 'parts'), pagesOf(from))} GROUP BY page`;
  }
  if (family === 'sessions' || needsSessions(query)) {
    const { key, fields } = sessionKey(sql, query, dimension);
    const from = filteredSessions(sql, query, ['page_views', 'purchases', ...fields]);
    return `${selectValues('value', key, expressions(metrics, 'sessions'), from)} GROUP BY key`;
  }
  const parts = filteredParts(sql, query);
  const key = partKey(sql, query, dimension);
  return `${selectValues('value', key, expressions(metrics, 'parts', BY_VALUE), parts)} GROUP BY ${key}`;
}

/** SQL over parts for the value of a dimension. */
function partKey(sql: PanelSql, query: PanelQuery, dimension: BreakdownRequest['dimension']): string {
  if (dimension === 'weekday' || dimension === 'hour_of_day') return timeExpression(dimension, '_hour');
  if (dimension === 'visitor_kind') {
    return `if(visitor = 0, NULL, if(${seenBefore(sql, query.range)}, 'returning', 'new'))`;
  }
  return quoteIdentifier(dimension);
}

/** SQL over sessions for the value of a dimension, and the fields that it needs. */
function sessionKey(
  sql: PanelSql,
  query: PanelQuery,
  dimension: BreakdownRequest['dimension'],
): { readonly key: string; readonly fields: readonly string[] } {
  switch (dimension) {
    case 'page':
      return { key: 'arrayJoin(arrayDistinct(pages))', fields: ['pages'] };
    case 'product':
      return { key: 'arrayJoin(arrayDistinct(products_bought))', fields: ['products_bought'] };
    case 'weekday':
    case 'hour_of_day':
      return { key: timeExpression(dimension, 'hour'), fields: ['hour'] };
    case 'visitor_kind':
      return { key: `if(${seenBefore(sql, query.range)}, 'returning', 'new')`, fields: [] };
    default:
      return { key: quoteIdentifier(dimension), fields: [dimension] };
  }
}

/** The funnel: how far each session came. */
export function funnelPanel(sql: PanelSql, query: PanelQuery): Panel<Funnel> {
  const from = filteredSessions(sql, query, ['steps_reached']);
  const steps = FUNNEL_STEPS.map(({ id }) => funnelStepSql(id));
  const statement = selectValues('funnel', "''", ['count()', ...steps], from);
  return {
    statement,
    read: (rows) => {
      const [sessions = 0, ...counts] = (rows[0]?.numbers ?? []).map((number) => number ?? 0);
      const isKnown = knownOf(sql, query);
      return {
        sessions: isKnown('sessions') ? sessions : undefined,
        steps: FUNNEL_STEPS.map(({ id }, index) => {
          if (!isKnown('conversion')) return { step: id, sessions: undefined, shareOfPrevious: undefined };
          const [own = 0, before = 0] = [counts[index], index === 0 ? counts[0] : counts[index - 1]];
          return { step: id, sessions: own, shareOfPrevious: before === 0 ? undefined : own / before };
        }),
      };
    },
  };
}

/** Whether any hour of the query's range knows a metric. */
function knownOf(sql: PanelSql, { range, filters }: PanelQuery): ReturnType<typeof knownIn> {
  return knownIn(sql.seen.hoursIn(range), filters);
}

/** Products bought. Purchases of visitors that are not known have no session: their product is not known either. */
export function productsPanel(sql: PanelSql, query: PanelQuery): Panel<Products> {
  const sessions = filteredSessions(sql, query, ['products_bought', 'purchases']);
  const bought = `(SELECT arrayJoin(products_bought) AS product FROM ${sessions} WHERE purchases > 0)`;
  const branches = [`${selectValues('product', 'product', ['count()'], bought)} GROUP BY key`];
  if (!needsSessions(query)) {
    const unknown = `${filteredParts(sql, query)} WHERE visitor = 0`;
    branches.push(selectValues('product', "''", ['sum(purchases)'], unknown));
  }
  return {
    statement: branches.join('\nUNION ALL\n'),
    read: (values) => {
      const rows = readProducts(values);
      const isKnown = knownOf(sql, query)('purchases');
      return { rows, purchases: isKnown ? rows.reduce((sum, { purchases }) => sum + purchases, 0) : undefined };
    },
  };
}

function readProducts(rows: readonly ValueRow[]): ProductRow[] {
  const counts = new Map<string | null, number>();
  for (const { key, numbers } of rows) {
    const product = key === '' ? null : key;
    counts.set(product, (counts.get(product) ?? 0) + (numbers[0] ?? 0));
  }
  return [...counts]
    .filter(([, purchases]) => purchases > 0)
    .map(([product, purchases]) => ({ product, purchases }))
    .sort((a, b) => b.purchases - a.purchases || compareKeys(a.product, b.product));
}

/** Places with the most page views, and the mean of their coordinates. Not their visitors: counting those apart for each takes most of the time. */
export function mapPanel(sql: PanelSql, query: PanelQuery, limit: number): Panel<MapPlace[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > BREAKDOWN_ROWS_MAX) {
    throw new InputError(`Cannot show ${limit} places: expected 1 to ${BREAKDOWN_ROWS_MAX}`);
  }
  const places = placesFromMonths(sql, query) ?? placesFromParts(sql, query);
  const mean = (sum: string): string => `sum(${sum}) / sum(located_views)`;
  const numbers = ['sum(views)', mean('latitude_sum'), mean('longitude_sum')];
  const statement = `${selectValues('place', 'key', numbers, places)}
GROUP BY key ORDER BY numbers[1] DESC, key LIMIT ${sql.value(limit, 'UInt32')}`;
  return { statement, read: (rows) => rows.map(readPlace) };
}

function placesFromParts(sql: PanelSql, query: PanelQuery): string {
  const from = needsSessions(query)
    ? filteredSessions(sql, query, ['page_views', 'country', 'region', 'latitude', 'longitude'])
    : filteredParts(sql, query);
  return `(SELECT toJSONString((any(country), any(region))) AS key, ${PLACE_SUMS} FROM ${from} GROUP BY ${PLACE_HASH})`;
}

/** A place as one number: two texts would be put together for every row, which takes a quarter of the time. The hashes differ, so that two equal names do not cancel out. */
const PLACE_HASH = 'bitXor(ifNull(sipHash64(country), 0), ifNull(cityHash64(region), 0))';

function readPlace({ key, numbers }: ValueRow): MapPlace {
  const [country = null, region = null] = JSON.parse(key ?? '[]') as (string | null)[];
  const [pageViews, latitude, longitude] = numbers;
  return {
    country,
    region,
    pageViews: pageViews ?? 0,
    latitude: latitude ?? undefined,
    longitude: longitude ?? undefined,
  };
}
