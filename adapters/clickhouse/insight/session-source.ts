/**
 * Sessions of a range from two sources: `session_days` holds those of each day that is over; `session_parts` is read for the
 * other hours. A session of a day that can go on into no other day (closed) is taken as it is; only what lies at the borders of
 * days is put together when asked.
 *
 * A page view whose time lies outside the day of its hour (a stray) may go on with anything. So visitors with a stray are put
 * together from their parts alone, which gives the same sessions as if there were no days.
 */
import { quoteIdentifier, quoteList, quoteString } from '../sql.ts';
import type { Namer } from '../views.ts';
import { sessionsSql, type SessionField } from './sessions-sql.ts';
import { SESSION_DAYS, SESSION_PARTS, type DerivedTable } from './tables.ts';

/** Which rows are read: conditions on `_load` and `_hour`. */
export interface SessionSource {
  /** Rows of `session_days_raw`. */
  readonly days: string;
  /** Rows of `session_parts_raw` of the hours that no day holds. */
  readonly otherParts: string;
  /** Rows of `session_parts_raw` of the hours that the days hold. */
  readonly partsOfDays: string;
}

/** What a session is asked for: the fields, and conditions on the visitor and on the fields. */
export interface SessionQuery {
  readonly fields: readonly SessionField[];
  readonly whereVisitor?: string;
  readonly where?: string;
}

/** The SELECT of the sessions: `visitor`, `session_started_at` and the fields. */
export function sessionsFrom(name: Namer, source: SessionSource, query: SessionQuery): string {
  const { fields, whereVisitor = '1', where = '1' } = query;
  const strays = `SELECT visitor FROM ${name(SESSION_DAYS.raw)} WHERE NOT closed AND stray AND (${source.days})
    UNION ALL SELECT visitor FROM ${name(SESSION_PARTS.raw)} WHERE (${source.otherParts}) AND ${IS_STRAY}`;
  const stored = fields.map((field, index) => `, ${field.stored} AS field_${index}`).join('');
  const named = fields.map((field, index) => `, field_${index} AS ${field.name}`).join('');
  const whole = `SELECT visitor, started_at AS session_started_at${named} FROM (SELECT visitor, started_at${stored}
    FROM ${pinnedRows(name, SESSION_DAYS, `closed AND (${source.days})`)} WHERE visitor NOT IN (${strays}) AND (${whereVisitor}))`;
  const fromDays = [...PART_LIST, '`hour` AS `_hour`'].join(', ');
  const pieces = `(SELECT ${PART_LIST.join(', ')}, \`_hour\` FROM ${pinnedRows(name, SESSION_PARTS, source.otherParts)}
    UNION ALL SELECT ${fromDays} FROM ${pinnedRows(name, SESSION_DAYS, `NOT closed AND (${source.days})`)} WHERE visitor NOT IN (${strays})
    UNION ALL SELECT ${PART_LIST.join(', ')}, \`_hour\` FROM ${pinnedRows(name, SESSION_PARTS, source.partsOfDays)} WHERE visitor IN (${strays}))`;
  const names = fields.map((field) => `, ${field.name}`).join('');
  return `SELECT visitor, session_started_at${names} FROM (${whole}
UNION ALL ${sessionsSql(pieces, fields, whereVisitor)}) WHERE ${where}`;
}

/** Whether a part lies outside the day of its hour by its time. */
export const IS_STRAY = `(started_at < toStartOfDay(_hour, 'UTC') OR ended_at >= toStartOfDay(_hour, 'UTC') + toIntervalDay(1))`;

/** Rows of a derived table. An empty branch pins the ledger's snapshot before that of the rows; see ../views.ts. */
export function pinnedRows(
  name: Namer,
  table: DerivedTable,
  where: string,
  columns: readonly string[] = table.columns.map((column) => column.name),
): string {
  const types = new Map(table.columns.map((column) => [column.name, column.type]));
  const empty = columns.map(
    (column) => `defaultValueOfTypeName(${quoteString(types.get(column) ?? 'UInt8')}) AS ${quoteIdentifier(column)}`,
  );
  return `(SELECT ${empty.join(', ')} FROM ${name('loads')} WHERE 0
UNION ALL SELECT ${quoteList(columns)} FROM ${name(table.raw)} WHERE ${where})`;
}

/** What parts and sessions of days have in common, but for the hour. */
const PART_LIST = SESSION_PARTS.columns
  .map(({ name }) => name)
  .filter((name) => name !== '_load' && name !== '_hour')
  .map(quoteIdentifier);
