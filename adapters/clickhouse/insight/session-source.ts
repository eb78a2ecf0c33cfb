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

/** Which rows are read: conditions on `_load` and `_hour`; undefined where there are none. */
export interface SessionSource {
  /** Rows of `session_days_raw`. */
  readonly days?: string | undefined;
  /** Rows of `session_parts_raw` of the hours that no day holds. Here when there are no days, even if it keeps nothing. */
  readonly otherParts?: string | undefined;
  /** Rows of `session_parts_raw` of the hours that the days hold; read for visitors with a stray, so undefined when there is none. */
  readonly partsOfDays?: string | undefined;
  /** Whether the conditions read the ledger, so that its snapshot must be pinned before that of the rows. */
  readonly readsLedger: boolean;
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
  const branches = [
    ...wholeSessions(name, source, query),
    sessionsSql(pieces(name, source, fields), fields, whereVisitor),
  ];
  const names = fields.map((field) => `, ${field.name}`).join('');
  return `SELECT visitor, session_started_at${names} FROM (${branches.join('\nUNION ALL ')}) WHERE ${where}`;
}

/** Sessions that are taken as they are. */
function wholeSessions(name: Namer, source: SessionSource, { fields, whereVisitor = '1' }: SessionQuery): string[] {
  const { days } = source;
  if (days === undefined) return [];
  const stored = fields.map((field, index) => `, ${field.stored} AS field_${index}`).join('');
  const named = fields.map((field, index) => `, field_${index} AS ${field.name}`).join('');
  const rows = rowsOf(name, source, SESSION_DAYS, `closed AND (${days})`);
  return [
    `SELECT visitor, started_at AS session_started_at${named} FROM (SELECT visitor, started_at${stored}
    FROM ${rows} WHERE ${notStray(name, source)} AND (${whereVisitor}))`,
  ];
}

/** What sessions are put together from. */
function pieces(name: Namer, source: SessionSource, fields: readonly SessionField[]): string {
  const { days, otherParts, partsOfDays } = source;
  const read = fields.flatMap(({ columns }) => columns).join(' ');
  const list = (source.readsLedger ? PART_LIST : PART_LIST.filter((column) => isRead(column, read))).map(
    quoteIdentifier,
  );
  const branches: string[] = [];
  if (otherParts !== undefined) {
    branches.push(`SELECT ${[...list, '`_hour`'].join(', ')} FROM ${rowsOf(name, source, SESSION_PARTS, otherParts)}`);
  }
  if (days !== undefined) {
    const rows = rowsOf(name, source, SESSION_DAYS, `NOT closed AND (${days})`);
    branches.push(`SELECT ${[...list, '`hour` AS `_hour`'].join(', ')} FROM ${rows} WHERE ${notStray(name, source)}`);
  }
  if (partsOfDays !== undefined) {
    const rows = rowsOf(name, source, SESSION_PARTS, partsOfDays);
    branches.push(`SELECT ${[...list, '`_hour`'].join(', ')} FROM ${rows} WHERE visitor IN (${strays(name, source)})`);
  }
  return `(${branches.join('\n    UNION ALL ')})`;
}

/** What every piece has, and what the fields read. */
function isRead(column: string, read: string): boolean {
  return ['visitor', 'started_at', 'ended_at'].includes(column) || new RegExp(`\\b${column}\\b`).test(read);
}

function notStray(name: Namer, source: SessionSource): string {
  return source.partsOfDays !== undefined ? `visitor NOT IN (${strays(name, source)})` : '1';
}

/** Visitors with a stray. */
function strays(name: Namer, { days, otherParts }: SessionSource): string {
  const ofDays = `SELECT visitor FROM ${name(SESSION_DAYS.raw)} WHERE NOT closed AND stray AND (${days ?? '0'})`;
  const ofParts = `SELECT visitor FROM ${name(SESSION_PARTS.raw)} WHERE (${otherParts ?? '0'}) AND ${IS_STRAY}`;
  return `${ofDays}\n    UNION ALL ${ofParts}`;
}

function rowsOf(name: Namer, { readsLedger }: SessionSource, table: DerivedTable, where: string): string {
  return readsLedger ? pinnedRows(name, table, where) : `(SELECT * FROM ${name(table.raw)} WHERE ${where})`;
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
const PART_LIST = SESSION_PARTS.columns.map(({ name }) => name).filter((name) => name !== '_load' && name !== '_hour');
