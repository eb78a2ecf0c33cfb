/**
 * Sessions in SQL, put together from `session_parts`: a part that begins within 30 minutes of the end of what came before it
 * goes on with that session. Computed when asked, as a session may cross hours and hours change.
 */
import { PURCHASE_PATH, SESSION_GAP_MINUTES } from '../../../domain/metrics/pages.ts';
import { VIEW_DIMENSIONS } from '../../../domain/metrics/dimensions.ts';

/** What can be asked of a session beside `visitor` and `started_at`, and how it comes from its parts. */
export const SESSION_FIELDS = {
  ended_at: 'max(ended_at)',
  hour: 'argMin(_hour, (started_at, first_line))',
  page_views: 'sum(page_views)',
  purchases: 'sum(purchases)',
  pages:
    'arrayFlatten(arrayMap(part -> part.2, arraySort(part -> (part.1, part.3), groupArray((started_at, pages, first_line)))))',
  ...Object.fromEntries(VIEW_DIMENSIONS.map(({ id }) => [id, `argMin(tuple(${id}), (started_at, first_line)).1`])),
} as const satisfies Record<string, string>;

const SUMMED: readonly string[] = ['ended_at', 'page_views', 'purchases'];

/** Names of the columns of `session_parts` that a session's field is made from. */
function partColumns(field: string): string[] {
  if (field === 'hour') return ['_hour', 'first_line'];
  return SUMMED.includes(field) ? [field] : [field, 'first_line'];
}

/**
 * A SELECT with one row per session: `visitor`, `session_started_at` and the fields asked for.
 * @param from the quoted name of `session_parts`
 * @param fields of {@link SESSION_FIELDS}
 * @param where a condition on parts, such as a range of `_hour`; all parts of a session in it must pass
 */
export function sessionsSql(from: string, fields: readonly string[], where = '1'): string {
  const columns = [...new Set(['visitor', 'started_at', 'ended_at', ...fields.flatMap(partColumns)])];
  const expressions = fields.map((field) => `${(SESSION_FIELDS as Record<string, string>)[field]} AS s_${field}`);
  const carried = columns.filter((column) => column !== 'visitor');
  return `SELECT visitor, session_started_at${fields.map((field) => `, s_${field} AS ${field}`).join('')}
FROM (
  SELECT visitor, session_started_at${expressions.map((expression) => `, ${expression}`).join('')}
  FROM (
    SELECT visitor, ${carried.join(', ')},
      max(if(goes_on, toDateTime64(0, 6, 'UTC'), started_at)) OVER (PARTITION BY visitor ORDER BY started_at ROWS UNBOUNDED PRECEDING) AS session_started_at
    FROM (
      SELECT ${columns.join(', ')},
        started_at <= addMinutes(max(ended_at) OVER (PARTITION BY visitor ORDER BY started_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), ${SESSION_GAP_MINUTES}) AS goes_on
      FROM ${from} WHERE visitor != 0 AND (${where})
    )
  )
  GROUP BY visitor, session_started_at
)`;
}

/** The last product page before each purchase of a session, in SQL over its `pages`; empty text where there was none. */
export const PRODUCTS_BOUGHT = `arrayMap(at -> arrayLast(page -> startsWith(page, '/product'), arraySlice(pages, 1, at)), arrayFilter(at -> pages[at] = '${PURCHASE_PATH}', arrayEnumerate(pages)))`;
