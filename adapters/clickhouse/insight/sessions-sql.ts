/**
 * Sessions in SQL, put together from `session_parts`: a part that begins within 30 minutes of the end of what came before it
 * goes on with that session. Computed when asked, as a session may cross hours and hours change.
 */
import { VIEW_DIMENSIONS } from '../../../domain/metrics/dimensions.ts';
import { FUNNEL_STEPS, PRODUCT_PREFIX, PURCHASE_PATH, SESSION_GAP_MINUTES } from '../../../domain/metrics/pages.ts';

/** A field of a session: its name and how it comes from the parts. */
export interface SessionField {
  readonly name: string;
  /** Aggregate over the parts of the session. */
  readonly sql: string;
  /**
   * What it reads of `session_parts`: columns, or `expression AS name`, told before parts are put in order. Sorting carries
   * them, so let it be a little text rather than an array.
   */
  readonly columns: readonly string[];
}

function summed(name: string): SessionField {
  return { name, sql: `sum(${name})`, columns: [name] };
}

const NULL_TEXT = '\\x01';

/** argMin() leaves NULL out, so NULL travels as a text that no feed has; in a tuple it would take three times as long. */
function viewField(id: string): SessionField {
  return {
    name: id,
    sql: `nullIf(argMin(ifNull(${id}, '${NULL_TEXT}'), begins_us), '${NULL_TEXT}')`,
    columns: [id],
  };
}

/**
 * Text of the parts in their order. Most sessions have one part, whose text it is: only parts that go on with a session are
 * collected and sorted.
 */
export function textInOrder(column: string, between: string): string {
  const first = `anyIf(${column}, NOT goes_on)`;
  const parts = `arrayPushFront(groupArrayIf((begins_us, first_line, ${column}), goes_on), (session_us, anyIf(first_line, NOT goes_on), ${first}))`;
  const sorted = `arraySort(part -> (part.1, part.2), ${parts})`;
  return `if(count() = 1, ${first}, arrayStringConcat(arrayMap(part -> part.3, ${sorted}), '${between}'))`;
}

/** Between pages: no path holds it. */
const PAGE_END = '\\x02';

const FIELDS: readonly SessionField[] = [
  { name: 'ended_at', sql: "fromUnixTimestamp64Micro(max(ends_us), 'UTC')", columns: [] },
  summed('page_views'),
  summed('purchases'),
  { name: 'hour', sql: 'argMin(_hour, begins_us)', columns: ['_hour'] },
  {
    name: 'pages',
    sql: `splitByChar('${PAGE_END}', ${textInOrder('pages_text', PAGE_END)})`,
    columns: [`arrayStringConcat(CAST(pages, 'Array(String)'), '${PAGE_END}') AS pages_text`, 'first_line'],
  },
  { name: 'entry_page', sql: 'argMin(first_page, begins_us)', columns: ['toString(pages[1]) AS first_page'] },
  { name: 'exit_page', sql: 'argMax(last_page, begins_us)', columns: ['toString(pages[-1]) AS last_page'] },
  ...VIEW_DIMENSIONS.map(({ id }) => viewField(id)),
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
  const columns = [...new Set(fields.flatMap((field) => field.columns))];
  const read = columns.map((column) => `, ${column}`).join('');
  const carried = columns.map((column) => `, ${column.split(' AS ').at(-1)}`).join('');
  // Two levels: an aggregate must not see another one's alias in place of the column of that name.
  const inner = fields.map((field, index) => `, ${field.sql} AS field_${index}`).join('');
  const outer = fields.map((field, index) => `, field_${index} AS ${field.name}`).join('');
  const earlier = 'PARTITION BY visitor ORDER BY begins_us ROWS BETWEEN UNBOUNDED PRECEDING AND';
  // RANGE: of parts that begin at the same instant only one begins the session, and the second sort may put it last.
  // Instants as whole microseconds: windows sort and compare those faster than DateTime64.
  return `SELECT visitor, fromUnixTimestamp64Micro(session_us, 'UTC') AS session_started_at${outer}
FROM (
  SELECT visitor, session_us${inner}
  FROM (
    SELECT visitor, begins_us, ends_us, goes_on${carried},
      max(if(goes_on, 0, begins_us)) OVER (PARTITION BY visitor ORDER BY begins_us RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS session_us
    FROM (
      SELECT *, begins_us <= max(ends_us) OVER (${earlier} 1 PRECEDING) + ${SESSION_GAP_MINUTES * 60_000_000} AS goes_on
      FROM (
        SELECT visitor, toUnixTimestamp64Micro(started_at) AS begins_us, toUnixTimestamp64Micro(ended_at) AS ends_us${read}
        FROM ${from} WHERE visitor != 0 AND (${where})
      )
    )
  )
  GROUP BY visitor, session_us
)`;
}

/** The last product page before each purchase, an array over a session's `pages`; empty text where there was none. */
export const PRODUCTS_BOUGHT = `arrayMap(at -> arrayLast(page -> startsWith(page, '${PRODUCT_PREFIX}'), arraySlice(pages, 1, at)), arrayFilter(at -> pages[at] = '${PURCHASE_PATH}', arrayEnumerate(pages)))`;

/** How many steps of the funnel a session reached, each after the one before it, over a session's `pages`. */
export const STEPS_REACHED = stepsReached();

function stepsReached(): string {
  const tests = FUNNEL_STEPS.map((step, index) => {
    const test = 'prefix' in step ? `startsWith(page, '${step.prefix}')` : `page = '${step.path}'`;
    return `reached = ${index} AND ${test}`;
  });
  return `arrayFold((reached, page) -> toUInt8(reached + (${tests.map((test) => `(${test})`).join(' OR ')})), pages, toUInt8(0))`;
}
