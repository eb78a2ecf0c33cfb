/**
 * Sessions in SQL, put together from `session_parts`: a part that begins within 30 minutes of the end of what came before it
 * goes on with that session. Computed when asked, as a session may cross hours and hours change.
 */
import { VIEW_DIMENSIONS } from '../../../domain/metrics/dimensions.ts';
import { PRODUCT_PREFIX, PURCHASE_PATH, SESSION_GAP_MINUTES } from '../../../domain/metrics/pages.ts';

/** A field of a session: its name and how it comes from the parts. */
export interface SessionField {
  readonly name: string;
  /** Aggregate over the parts of the session. */
  readonly sql: string;
  /** Columns of `session_parts` that it reads. */
  readonly columns: readonly string[];
}

function summed(name: string, sql = `sum(${name})`): SessionField {
  return { name, sql, columns: [name] };
}

/** What the part that began first (or last) says. Tuples carry NULL, which argMin would leave out. */
function ofPart(name: string, which: 'argMin' | 'argMax', value: string, column: string): SessionField {
  return { name, sql: `${which}(tuple(${value}), (started_at, first_line)).1`, columns: [column, 'first_line'] };
}

const PAGES_IN_ORDER =
  'arrayFlatten(arrayMap(part -> part.3, arraySort(part -> (part.1, part.2), groupArray((started_at, first_line, pages)))))';

const FIELDS: readonly SessionField[] = [
  summed('ended_at', 'max(ended_at)'),
  summed('page_views'),
  summed('purchases'),
  ofPart('hour', 'argMin', '_hour', '_hour'),
  { name: 'pages', sql: PAGES_IN_ORDER, columns: ['pages', 'first_line'] },
  ofPart('entry_page', 'argMin', 'pages[1]', 'pages'),
  ofPart('exit_page', 'argMax', 'pages[-1]', 'pages'),
  ...VIEW_DIMENSIONS.map(({ id }) => ofPart(id, 'argMin', id, id)),
];

/** The field of that name: of {@link VIEW_DIMENSIONS}, or ended_at, page_views, purchases, hour, pages, entry_page, exit_page. */
export function sessionField(name: string): SessionField {
  const field = FIELDS.find((candidate) => candidate.name === name);
  if (field === undefined) throw new RangeError(`Cannot take ${name} of a session: expected a field of it`);
  return field;
}

/**
 * A SELECT with one row per session: `visitor`, `session_started_at` and the fields asked for.
 * @param from a table expression with the columns of `session_parts`
 * @param where a condition on parts, such as a range of `_hour`
 */
export function sessionsSql(from: string, fields: readonly SessionField[], where = '1'): string {
  const columns = [...new Set(['visitor', 'started_at', 'ended_at', ...fields.flatMap((field) => field.columns)])];
  const carried = columns.filter((column) => column !== 'visitor').join(', ');
  // Two levels: an aggregate must not see another one's alias in place of the column of that name.
  const inner = fields.map((field, index) => `, ${field.sql} AS field_${index}`).join('');
  const outer = fields.map((field, index) => `, field_${index} AS ${field.name}`).join('');
  const earlier = 'PARTITION BY visitor ORDER BY started_at ROWS BETWEEN UNBOUNDED PRECEDING AND';
  return `SELECT visitor, session_started_at${outer}
FROM (
  SELECT visitor, session_started_at${inner}
  FROM (
    SELECT visitor, ${carried}, max(if(goes_on, toDateTime64(0, 6, 'UTC'), started_at)) OVER (${earlier} CURRENT ROW) AS session_started_at
    FROM (
      SELECT ${columns.join(', ')},
        started_at <= addMinutes(max(ended_at) OVER (${earlier} 1 PRECEDING), ${SESSION_GAP_MINUTES}) AS goes_on
      FROM ${from} WHERE visitor != 0 AND (${where})
    )
  )
  GROUP BY visitor, session_started_at
)`;
}

/** The last product page before each purchase, an array over a session's `pages`; empty text where there was none. */
export const PRODUCTS_BOUGHT = `arrayMap(at -> arrayLast(page -> startsWith(page, '${PRODUCT_PREFIX}'), arraySlice(pages, 1, at)), arrayFilter(at -> pages[at] = '${PURCHASE_PATH}', arrayEnumerate(pages)))`;
