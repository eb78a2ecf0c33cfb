/** Panels over time: the KPI row, the time chart, the heatmap. */
import type { Basis, Grain, HeatCell, Kpis, PanelQuery, SeriesPoint } from '../../../dashboard/reader.ts';
import { addHours, countHours, hourStartMs, type Hour, type HourRange } from '../../../domain/hour.ts';
import { bucketOf, bucketsOf } from '../../../domain/buckets.ts';
import type { MetricId } from '../../../domain/metrics/metrics.ts';
import { ALL_VIEWS, DAY } from './month-build.ts';
import { valuesFromMonths, visitorsFromMonths } from './month-source.ts';
import { filteredParts, filteredSessions, needsSessions, seenBeforeEither, type PanelSql } from './panel-sql.ts';
import {
  basisOf,
  BY_SHORT_TIME,
  expressions,
  knownIn,
  readValues,
  selectValues,
  SESSION_METRICS,
  VIEW_METRICS,
  type MetricSql,
  type ValueRow,
} from './values.ts';

/** Which metrics a panel shows. */
export type Family = 'views' | 'sessions';

/** A question and how its answer is read. */
export interface Panel<T> {
  readonly statement: string;
  readonly read: (rows: readonly ValueRow[]) => T;
}

/** The metrics of a family. */
export function metricsOf(family: Family): readonly MetricId[] {
  return family === 'views' ? VIEW_METRICS : SESSION_METRICS;
}

/** The range of equal length that ends where this one begins. */
export function rangeBefore(range: HourRange): HourRange {
  return { from: addHours(range.from, -countHours(range)), to: range.from };
}

/** The KPI row. `endedHour`: the hour after the last that has ended; later ones are not counted as missing. */
export function kpiPanel(sql: PanelSql, query: PanelQuery, family: Family, endedHour: Hour): Panel<Kpis> {
  const previousRange = rangeBefore(query.range);
  const previous = { ...query, range: previousRange };
  const branches = family === 'views' ? eachRange(sql, query, previous, family) : sessionBranches(sql, query, previous);
  const basis = (range: HourRange): Basis => basisOf(sql.seen.hoursIn(range), endedHours(range, endedHour));
  return {
    statement: branches.join('\nUNION ALL\n'),
    read: (rows) => {
      const numbers = (kind: string, key: string): readonly (number | null)[] | undefined =>
        rows.find((row) => row.kind === kind && row.key === key)?.numbers;
      const metrics = [...metricsOf(family), ...(family === 'sessions' ? VISITOR_KINDS : [])];
      const values = (key: string, range: HourRange): Kpis['current'] => {
        const own = numbers('values', key) ?? zeros(family);
        const isKnown = knownIn(sql.seen.hoursIn(range), query.filters);
        return readValues(metrics, [...own, ...(numbers('visitors', key) ?? [0, 0])], isKnown);
      };
      return {
        current: values('current', query.range),
        previous: values('previous', previousRange),
        previousRange,
        basis: basis(query.range),
        previousBasis: basis(previousRange),
      };
    },
  };
}

const VISITOR_KINDS = ['new_visitors', 'returning_visitors'] as const;

/** Key figures of both ranges, one by one. */
function eachRange(sql: PanelSql, query: PanelQuery, previous: PanelQuery, family: Family): string[] {
  const options = { family, monthDimension: ALL_VIEWS } as const;
  return [selectFamily(sql, "'current'", query, options), selectFamily(sql, "'previous'", previous, options)];
}

/**
 * Key figures of sessions, and their new and returning visitors: in one pass, but for a filter on page views, where visitors are
 * those of the page views that pass it. A range with nothing in it has no row.
 */
function sessionBranches(sql: PanelSql, query: PanelQuery, previous: PanelQuery): string[] {
  const visitors = `if(is_later, ${visitorsOf(sql, query)}, ${visitorsOf(sql, previous)})`;
  const seen = `uniqIf(visitor, visitor != 0 AND ${seenBeforeEither(sql, previous.range, query.range)})`;
  // Of very many, those who return are an estimate.
  const returning = `least(${seen}, ${visitors})`;
  const kinds = [`${visitors} - ${returning}`, returning];
  const ofBoth = (kind: string, numbers: readonly string[], from: (query: PanelQuery) => string): string => {
    const rows = `(SELECT *, 1 AS is_later FROM ${from(query)}\nUNION ALL SELECT *, 0 AS is_later FROM ${from(previous)})`;
    return `${selectValues(kind, `if(is_later, 'current', 'previous')`, numbers, rows)} GROUP BY is_later`;
  };
  if (query.filters.length === 0 || needsSessions(query)) {
    const numbers = [...expressions(SESSION_METRICS, 'sessions'), ...kinds];
    return [ofBoth('values', numbers, (one) => filteredSessions(sql, one, ['page_views', 'purchases']))];
  }
  return [...eachRange(sql, query, previous, 'sessions'), ofBoth('visitors', kinds, (one) => filteredParts(sql, one))];
}

/** Visitors of a range, as the key figures of page views count them: so those who are new and those who return add up to that figure. */
function visitorsOf(sql: PanelSql, query: PanelQuery): string {
  return visitorsFromMonths(sql, query) ?? 'uniqIf(visitor, visitor != 0)';
}

/** A family's metrics, all by default, by `key`, SQL over `hour`; `by` is what it groups by. */
function selectFamily(
  sql: PanelSql,
  key: string,
  query: PanelQuery,
  {
    family,
    metrics = metricsOf(family),
    by,
    monthDimension,
    faster = {},
  }: {
    readonly family: Family;
    readonly metrics?: readonly MetricId[];
    readonly by?: string;
    /** The dimension of `month_values_raw` whose rows add up to the same keys; undefined where none does. */
    readonly monthDimension?: typeof ALL_VIEWS | typeof DAY | undefined;
    readonly faster?: MetricSql;
  },
): string {
  if (family === 'sessions' || needsSessions(query)) {
    const fields = ['page_views', 'purchases', ...(by === undefined ? [] : ['hour'])];
    const from = filteredSessions(sql, query, fields);
    return selectValues('values', key, expressions(metrics, 'sessions'), from) + groupedBy(by);
  }
  const over = (hour: string, text: string): string => text.replaceAll(/\bhour\b/g, hour);
  const ofPart = (text: string): string => over('_hour', text);
  if (monthDimension !== undefined) {
    const monthKey = over(monthDimension === DAY ? "toDateTime(value, 'UTC')" : '_hour', key);
    const question = { dimension: monthDimension, monthKey, partKey: ofPart(key), partColumns: ['_hour'] };
    const values = valuesFromMonths(sql, query, { ...question, kind: 'values', metrics });
    if (values !== undefined) return values;
  }
  const from = filteredParts(sql, query);
  return selectValues('values', ofPart(key), expressions(metrics, 'parts', faster), from) + ofPart(groupedBy(by));
}

/** By numbers, not by the text that is made of them: that would be made for every row. */
function groupedBy(by: string | undefined): string {
  return by === undefined ? '' : ` GROUP BY ${by}`;
}

const BUCKET_SQL: Readonly<Record<Grain, string>> = {
  hour: 'hour',
  day: "toStartOfDay(hour, 'UTC')",
  week: "toStartOfWeek(hour, 1, 'UTC')",
  month: "toStartOfMonth(hour, 'UTC')",
};

/** The dimension of `month_values_raw` whose rows add up to buckets. */
const MONTH_DIMENSION_OF_GRAIN = { hour: undefined, day: DAY, week: DAY, month: ALL_VIEWS } as const;

/** The time chart: every bucket of the range, those without page views too. */
export function seriesPanel(
  sql: PanelSql,
  query: PanelQuery,
  { grain, family, endedHour }: { readonly grain: Grain; readonly family: Family; readonly endedHour: Hour },
): Panel<SeriesPoint[]> {
  const key = `toString(toUnixTimestamp(toDateTime(${BUCKET_SQL[grain]}, 'UTC')))`;
  return {
    statement: selectFamily(sql, key, query, {
      family,
      by: BUCKET_SQL[grain],
      monthDimension: MONTH_DIMENSION_OF_GRAIN[grain],
      faster: grain === 'hour' || grain === 'day' ? BY_SHORT_TIME : {},
    }),
    read: (rows) => {
      const values = new Map(rows.map((row) => [row.key, row.numbers]));
      const seen = groupBy(sql.seen.hoursIn(query.range), ({ hour }) => bucketOf(hour, grain));
      return bucketsOf(query.range, grain).map(({ start, within }): SeriesPoint => {
        const hours = seen.get(start) ?? [];
        const numbers = values.get(String(hourStartMs(start) / 1000)) ?? zeros(family);
        return {
          start,
          values: readValues(metricsOf(family), numbers, knownIn(hours, query.filters)),
          basis: basisOf(hours, endedHours(within, endedHour)),
        };
      });
    },
  };
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Counts are zero where nothing is; shares of nothing are not defined. */
function zeros(family: Family): (number | null)[] {
  return family === 'views' ? [0, 0, 0] : [0, null, null, null];
}

/** What adds up to an average hour: visitors do not, and counting them apart for each cell takes nine tenths of the time. */
const HEAT_METRICS = ['page_views', 'purchases'] as const satisfies readonly MetricId[];

/** The heatmap: 168 cells. */
export function heatmapPanel(sql: PanelSql, query: PanelQuery): Panel<HeatCell[]> {
  const key = `concat(toString(toDayOfWeek(hour)), ' ', toString(toHour(hour)))`;
  return {
    statement: selectFamily(sql, key, query, {
      family: 'views',
      metrics: HEAT_METRICS,
      by: 'toDayOfWeek(hour), toHour(hour)',
    }),
    read: (rows) => {
      const values = new Map(rows.map((row) => [row.key, row.numbers]));
      const seen = groupBy(sql.seen.hoursIn(query.range), ({ hour }) => placeInWeek(hour));
      return Array.from({ length: 7 * 24 }, (_, index) => {
        const [weekday, hourOfDay] = [Math.floor(index / 24) + 1, index % 24];
        const hours = seen.get(`${weekday} ${hourOfDay}`) ?? [];
        const numbers = values.get(`${weekday} ${hourOfDay}`) ?? zeros('views');
        return {
          weekday,
          hourOfDay,
          values: readValues(HEAT_METRICS, numbers, knownIn(hours, query.filters)),
          hoursBuilt: hours.length,
        };
      });
    },
  };
}

/** "1 0" for the first hour of a Monday. */
function placeInWeek(hour: Hour): string {
  const at = new Date(hourStartMs(hour));
  return `${((at.getUTCDay() + 6) % 7) + 1} ${at.getUTCHours()}`;
}

/** Hours of the range that had ended before `endedHour`. */
export function endedHours(range: HourRange, endedHour: Hour): number {
  return countHours({ from: range.from, to: range.to < endedHour ? range.to : endedHour });
}
