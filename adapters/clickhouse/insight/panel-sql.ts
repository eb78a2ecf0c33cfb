/**
 * What the pages' questions are put together from: values as parameters, current rows of a range, filters as conditions.
 * Rows are taken by the loads that readers saw when the question came; see ledger-watch.ts. To work these out in every part of every
 * statement, as the views must, took half of the CPU of a page.
 */
import type { Filter, PanelQuery } from '../../../dashboard/reader.ts';
import { InputError } from '../../../domain/errors.ts';
import type { HourRange } from '../../../domain/hour.ts';
import type { LoadId } from '../../../domain/load-id.ts';
import { DIMENSIONS, hasSessionsOnly } from '../../../domain/metrics/dimensions.ts';
import { PURCHASE_PATH } from '../../../domain/metrics/pages.ts';
import { hourSeconds } from '../rows.ts';
import { quoteIdentifier, quoteList, quoteString } from '../sql.ts';
import type { Namer } from '../views.ts';
import type { SeenLoads } from './seen-loads.ts';
import { sessionsFrom, type SessionSource } from './session-source.ts';
import { sessionField, type SessionField } from './sessions-sql.ts';
import { SESSION_PARTS, VISITOR_NUMBERS, type DerivedTable } from './tables.ts';

/** ClickHouse takes numbers of few digits for years, and no instant before 1970: what lies before this means "from the begin". */
const EARLIEST_SECONDS = 100_000;

const WITH = 'WITH ';

/** Rows of loads. */
export interface NamedRows {
  readonly loads: readonly LoadId[];
  /** Where they lie, if that helps to find them. */
  readonly ranges?: readonly HourRange[];
  /** Default: all. */
  readonly columns?: readonly string[] | undefined;
  /** A condition that few rows meet: the others are not looked up among the loads. */
  readonly first?: string | undefined;
  /** Of ClickHouse, for reading these rows. */
  readonly settings?: string;
}

/** A statement in the making: names quoted, values collected as parameters. */
export class PanelSql {
  readonly name: Namer;
  readonly parameters: Record<string, unknown> = {};
  /** What readers see. */
  readonly seen: SeenLoads;
  readonly #lists = new Map<string, string>();

  constructor(name: Namer, seen: SeenLoads) {
    this.name = name;
    this.seen = seen;
  }

  /** Passes a value as a parameter. @returns its placeholder */
  value(value: unknown, type: string): string {
    const key = `v${Object.keys(this.parameters).length}`;
    this.parameters[key] = value;
    return `{${key}:${type}}`;
  }

  /** A condition that keeps a column of hours within the range. */
  within(range: HourRange, column = '_hour'): string {
    const [from, to] = [range.from, range.to].map((hour) => {
      return this.value(Math.max(hourSeconds(hour), EARLIEST_SECONDS), "DateTime('UTC')");
    });
    return `${column} >= ${from} AND ${column} < ${to}`;
  }

  /**
   * Leads ClickHouse to the rows of a range by partition and index, and leaves the hour of each row unread: to name the loads, of an
   * hour or a day each, is to name the rows.
   */
  #near(...ranges: readonly HourRange[]): string {
    return `indexHint(${ranges.map((range) => `(${this.within(range)})`).join(' OR ')})`;
  }

  /**
   * The rows of a derived table that readers see, of a range.
   * @param first a condition that few rows meet: the others are not looked up among the loads
   */
  rows(table: DerivedTable, range: HourRange, columns?: readonly string[], first?: string): string {
    const loads = this.seen.hoursIn(range).map(({ loadId }) => loadId);
    return this.rowsOf(table, { loads, ranges: [range], columns, first });
  }

  /** The rows of loads that are named. */
  rowsOf(table: DerivedTable, { loads, ranges = [], columns, first, settings }: NamedRows): string {
    const list = quoteList(columns ?? table.columns.map(({ name }) => name));
    const sought = first === undefined ? '' : `PREWHERE ${first} `;
    const near = ranges.length === 0 ? '' : `${this.#near(...ranges)} AND `;
    const how = settings === undefined ? '' : ` SETTINGS ${settings}`;
    return `(SELECT ${list} FROM ${this.name(table.raw)} ${sought}WHERE ${near}_load IN ${this.#loads(loads)}${how})`;
  }

  /** Where the sessions of a range come from. */
  sessionSource(range: HourRange): SessionSource {
    const { days, hoursOfDays, otherHours, otherDays, hasStrays } = this.seen.sessionsIn(range);
    const near = this.#near(range);
    const onDays = `toStartOfDay(_hour, 'UTC') IN ${this.#list(`[${otherDays.map(hourSeconds).join()}]`, "DateTime('UTC')")}`;
    const hasDays = days.length > 0;
    return {
      days: hasDays ? `${near} AND _load IN ${this.#loads(days)}` : undefined,
      otherParts:
        hasDays && otherHours.length === 0
          ? undefined
          : `${near} AND ${onDays} AND _load IN ${this.#loads(otherHours)}`,
      partsOfDays: hasDays && hasStrays ? `${near} AND _load IN ${this.#loads(hoursOfDays)}` : undefined,
      readsLedger: false,
    };
  }

  /** The whole statement: lists stand in front of it once, however often they are used. */
  statement(body: string): string {
    if (this.#lists.size === 0) return body;
    const lists = [...this.#lists].map(([list, name]) => `${list} AS ${name}`).join(',\n');
    return body.startsWith(WITH) ? `${WITH}${lists},\n${body.slice(WITH.length)}` : `${WITH}${lists}\n${body}`;
  }

  /** As text, which is one token: ClickHouse takes four times as long to parse 23,000 literals. */
  #loads(loads: readonly LoadId[]): string {
    return this.#list(quoteString(`[${loads.join()}]`), 'UInt64');
  }

  /** @returns the name of the list in the statement */
  #list(items: string, type: string): string {
    const list = `CAST(${items}, ${quoteString(`Array(${type})`)})`;
    const name = this.#lists.get(list) ?? `list_${this.#lists.size}`;
    this.#lists.set(list, name);
    return name;
  }
}

/** Whether a filter can only be told of a whole session. */
export function needsSessions(query: PanelQuery): boolean {
  return query.filters.some(({ dimension }) => hasSessionsOnly(dimension));
}

/** Parts of the range that hold page views passing the filters; pages, page_views and purchases count only those. */
export function filteredParts(sql: PanelSql, query: PanelQuery): string {
  const rows = sql.rows(SESSION_PARTS, query.range);
  const conditions = query.filters
    .filter(({ dimension }) => DIMENSIONS[dimension].level !== 'page')
    .map((filter) => partCondition(sql, query.range, filter));
  const pages = query.filters.filter(({ dimension }) => dimension === 'page').map((filter) => pageValue(sql, filter));
  const where = [...conditions, ...pages.map((page) => sawPage('part.pages', page))].join(' AND ') || '1';
  if (pages.length === 0) return conditions.length === 0 ? rows : `(SELECT * FROM ${rows} AS part WHERE ${where})`;
  return `(SELECT * EXCEPT (pages, page_views, purchases),
  arrayFilter(page -> ${pages.map((page) => `page = ${page}`).join(' AND ')}, part.pages) AS pages,
  toUInt32(length(pages)) AS page_views, toUInt32(countEqual(pages, '${PURCHASE_PATH}')) AS purchases
FROM ${rows} AS part WHERE ${where})`;
}

/** Parts cut into page views: `visitor`, `page`, `page_views` (1), `purchases` (0 or 1), and `more` of their columns. */
export function pagesOf(parts: string, more: readonly string[] = []): string {
  const columns = ['visitor', ...more].join(', ');
  return `(SELECT ${columns}, arrayJoin(pages) AS page, 1 AS page_views, page = '${PURCHASE_PATH}' AS purchases FROM ${parts})`;
}

/** Sessions of the range that pass the filters, with the fields asked for. */
export function filteredSessions(sql: PanelSql, query: PanelQuery, fields: readonly (string | SessionField)[]): string {
  const needed = new Map<string, SessionField>();
  const need = (field: SessionField): string => {
    needed.set(field.name, field);
    return field.name;
  };
  for (const field of fields) need(typeof field === 'string' ? sessionField(field) : field);
  const ofVisitor: string[] = [];
  const ofSession: string[] = [];
  for (const filter of query.filters) {
    if (filter.dimension === 'visitor_kind') ofVisitor.push(visitorCondition(sql, query.range, filter));
    else ofSession.push(sessionCondition(sql, filter, need));
  }
  return `(${sessionsFrom(sql.name, sql.sessionSource(query.range), {
    fields: [...needed.values()],
    whereVisitor: ofVisitor.join(' AND ') || '1',
    where: ofSession.join(' AND ') || '1',
  })})`;
}

/** Whether a visitor of the range was seen before it. */
export function seenBefore(sql: PanelSql, range: HourRange): string {
  return `visitor IN (${visitorsBefore(sql, range)})`;
}

/**
 * The same of visitors of two ranges, one right before the other; `is_later` tells which. What was before both is looked through
 * once: it is most of the feed.
 */
export function seenBeforeEither(sql: PanelSql, earlier: HourRange, later: HourRange): string {
  const between = sql.rows(SESSION_PARTS, earlier, ['visitor']);
  const both = { from: earlier.from, to: later.to };
  return `(visitor IN (${visitorsBefore(sql, both)}) OR (is_later AND visitor IN (SELECT visitor FROM ${between})))`;
}

/** Visitors before a range. Only those of the range are kept: the set of all who ever came is many times as large. */
function visitorsBefore(sql: PanelSql, range: HourRange): string {
  const before = { from: FIRST_HOUR, to: range.from };
  const isFirst = sql.seen.hoursIn(before).length === 0;
  const own = isFirst ? undefined : `visitor IN (SELECT visitor FROM ${sql.rows(SESSION_PARTS, range, ['visitor'])})`;
  // Whoever came in one of the months before has a number of one of them.
  const months = sql.seen.monthsIn(before, 1);
  if (months === undefined) return `SELECT visitor FROM ${sql.rows(SESSION_PARTS, before, ['visitor'], own)}`;
  const { otherHours, otherRanges } = months;
  const only = { columns: ['visitor'], first: own };
  return `SELECT visitor FROM ${sql.rowsOf(VISITOR_NUMBERS, { loads: months.months, ...only })}
UNION ALL SELECT visitor FROM ${sql.rowsOf(SESSION_PARTS, { loads: otherHours, ranges: otherRanges, ...only })}`;
}

/** Weekday or hour of the day of a column of hours, as text. */
export function timeExpression(dimension: 'weekday' | 'hour_of_day', column: string): string {
  return `toString(${dimension === 'weekday' ? 'toDayOfWeek' : 'toHour'}(${column}))`;
}

const FIRST_HOUR = '1971-01-01T00' as HourRange['from'];

function partCondition(sql: PanelSql, range: HourRange, filter: Filter): string {
  const { dimension } = filter;
  switch (DIMENSIONS[dimension].level) {
    case 'view':
      return equals(sql, quoteIdentifier(dimension), filter);
    case 'time':
      return equals(sql, timeExpression(dimension as 'weekday' | 'hour_of_day', '_hour'), filter);
    case 'visitor':
      return visitorCondition(sql, range, filter);
    case 'page':
    case 'session':
      throw new InputError(`Cannot filter page views by ${dimension}: expected a property of a page view`);
  }
}

function visitorCondition(sql: PanelSql, range: HourRange, { value }: Filter): string {
  if (value === null) return 'visitor = 0';
  if (value !== 'new' && value !== 'returning') {
    throw new InputError(`Cannot filter visitors by ${JSON.stringify(value)}: expected new or returning`);
  }
  return `visitor != 0 AND ${value === 'new' ? 'NOT ' : ''}${seenBefore(sql, range)}`;
}

function sessionCondition(sql: PanelSql, filter: Filter, need: (field: SessionField) => string): string {
  const { dimension } = filter;
  switch (dimension) {
    case 'page': {
      const page = pageValue(sql, filter);
      const name = `saw_${Object.keys(sql.parameters).length}`;
      const test = sawPage('pages', page);
      const saw = need({ name, sql: `max(${name}_part)`, columns: [`${test} AS ${name}_part`], stored: test });
      return `${saw} = 1`;
    }
    case 'product':
      return `has(${need(sessionField('products_bought'))}, ${pageValue(sql, filter)})`;
    case 'entry_page':
    case 'exit_page':
      return `${need(sessionField(dimension))} = ${pageValue(sql, filter)}`;
    case 'weekday':
    case 'hour_of_day':
      return equals(sql, timeExpression(dimension, need(sessionField('hour'))), filter);
    default:
      return equals(sql, need(sessionField(dimension)), filter);
  }
}

function equals(sql: PanelSql, expression: string, { value }: Filter): string {
  return value === null ? `isNull(${expression})` : `${expression} = ${sql.value(value, 'String')}`;
}

/** Whether a page is among those seen. Not has(): on LowCardinality it does not find empty text (26.7), which is what unknown pages are. */
function sawPage(pages: string, page: string): string {
  return `arrayExists(seen -> seen = ${page}, ${pages})`;
}

/** Pages that are not known are empty text. */
function pageValue(sql: PanelSql, { value }: Filter): string {
  return sql.value(value ?? '', 'String');
}
