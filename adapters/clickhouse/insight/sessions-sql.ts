/**
 * Sessions in SQL, put together from `session_parts`: a part that begins within 30 minutes of the end of what came before it
 * goes on with that session. Those that lie within one day are put together when the day is over (`session_days`), the others when
 * asked, as a session may cross hours and hours change; see session-source.ts.
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
  /** The same of a session that `session_days` holds whole, over its columns. */
  readonly stored: string;
}

function summed(name: string): SessionField {
  return { name, sql: `sum(${name})`, columns: [name], stored: name };
}

const NULL_TEXT = '\\x01';

/** argMin() leaves NULL out, so NULL travels as a text that no feed has; in a tuple it would take three times as long. */
function viewField(id: string): SessionField {
  return {
    name: id,
    // Of the type that it is stored with: grouping by LowCardinality is faster.
    sql: `CAST(nullIf(argMin(ifNull(${id}, '${NULL_TEXT}'), begins_us), '${NULL_TEXT}'), 'LowCardinality(Nullable(String))')`,
    columns: [id],
    stored: id,
  };
}

/**
 * Text of the parts in their order. Most sessions have one part, whose text it is: only parts that go on with a session are
 * collected and sorted.
 */
function textInOrder(column: string, between: string): string {
  const first = `anyIf(${column}, NOT goes_on)`;
  const parts = `arrayPushFront(groupArrayIf((begins_us, first_line, ${column}), goes_on), (session_us, anyIf(first_line, NOT goes_on), ${first}))`;
  const sorted = `arraySort(part -> (part.1, part.2), ${parts})`;
  return `if(count() = 1, ${first}, arrayStringConcat(arrayMap(part -> part.3, ${sorted}), '${between}'))`;
}

/** Between pages: no path holds it. */
const PAGE_END = '\\x02';

/** Pages as an array, out of their text in order. */
const PAGES_IN_ORDER = `splitByChar('${PAGE_END}', ${textInOrder('pages_text', PAGE_END)})`;
const PAGES_READ = [`arrayStringConcat(CAST(pages, 'Array(String)'), '${PAGE_END}') AS pages_text`, 'first_line'];

/** Of the first part: the place of a session is that of its first page view. */
function coordinate(name: string): SessionField {
  return { name, sql: `argMin(tuple(${name}), begins_us).1`, columns: [name], stored: name };
}

const FIELDS: readonly SessionField[] = [
  { name: 'ended_at', sql: "fromUnixTimestamp64Micro(max(ends_us), 'UTC')", columns: [], stored: 'ended_at' },
  { name: 'first_line', sql: 'argMin(first_line, begins_us)', columns: ['first_line'], stored: 'first_line' },
  summed('page_views'),
  summed('purchases'),
  { name: 'hour', sql: 'argMin(_hour, begins_us)', columns: ['_hour'], stored: 'hour' },
  { name: 'pages', sql: PAGES_IN_ORDER, columns: PAGES_READ, stored: `CAST(pages, 'Array(String)')` },
  {
    name: 'entry_page',
    sql: `toLowCardinality(argMin(first_page, begins_us))`,
    columns: ['toString(pages[1]) AS first_page'],
    stored: 'entry_page',
  },
  {
    name: 'exit_page',
    sql: `toLowCardinality(argMax(last_page, begins_us))`,
    columns: ['toString(pages[-1]) AS last_page'],
    stored: 'exit_page',
  },
  { name: 'steps_reached', sql: stepsReached(), columns: [stepsText(), 'first_line'], stored: 'steps_reached' },
  {
    name: 'products_bought',
    sql: productsBought(),
    columns: PAGES_READ,
    stored: `CAST(products_bought, 'Array(String)')`,
  },
  ...VIEW_DIMENSIONS.map(({ id }) => viewField(id)),
  coordinate('latitude'),
  coordinate('longitude'),
];

/**
 * The field of that name: of {@link VIEW_DIMENSIONS}, or ended_at, first_line, page_views, purchases, hour, pages, entry_page,
 * exit_page, steps_reached, products_bought, latitude, longitude.
 */
export function sessionField(name: string): SessionField {
  const field = FIELDS.find((candidate) => candidate.name === name);
  if (field === undefined) throw new RangeError(`Cannot take ${name} of a session: expected a field of it`);
  return field;
}

/**
 * A SELECT with one row per session: `visitor`, `session_started_at` and the fields asked for.
 * @param from a table expression with the columns of `session_parts`
 * @param where a condition on parts, such as a range of `_hour`
 * @param within an expression over parts: sessions end where it changes, and the answer has it as `within`
 */
export function sessionsSql(from: string, fields: readonly SessionField[], where = '1', within?: string): string {
  const columns = [...new Set(fields.flatMap((field) => field.columns))];
  const read = columns.map((column) => `, ${column}`).join('');
  const carried = columns.map((column) => `, ${column.split(' AS ').at(-1)}`).join('');
  // Two levels: an aggregate must not see another one's alias in place of the column of that name.
  const inner = fields.map((field, index) => `, ${field.sql} AS field_${index}`).join('');
  const outer = fields.map((field, index) => `, field_${index} AS ${field.name}`).join('');
  const [readWithin, carriedWithin] = within === undefined ? ['', ''] : [`, ${within} AS within`, ', within'];
  const visitor = `PARTITION BY visitor${carriedWithin} ORDER BY begins_us`;
  // RANGE: of parts that begin at the same instant only one begins the session, and the second sort may put it last.
  // Instants as whole microseconds: windows sort and compare those faster than DateTime64.
  return `SELECT visitor${carriedWithin}, fromUnixTimestamp64Micro(session_us, 'UTC') AS session_started_at${outer}
FROM (
  SELECT visitor${carriedWithin}, session_us${inner}
  FROM (
    SELECT visitor${carriedWithin}, begins_us, ends_us, goes_on${carried},
      max(if(goes_on, 0, begins_us)) OVER (${visitor} RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS session_us
    FROM (
      SELECT *, begins_us <= max(ends_us) OVER (${visitor} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + ${SESSION_GAP_MINUTES * 60_000_000} AS goes_on
      FROM (
        SELECT visitor${readWithin}, toUnixTimestamp64Micro(started_at) AS begins_us, toUnixTimestamp64Micro(ended_at) AS ends_us${read}
        FROM ${from} WHERE visitor != 0 AND (${where})
      )
    )
  )
  GROUP BY visitor${carriedWithin}, session_us
)`;
}

/** The last product page before each purchase, an array; empty text where there was none. */
function productsBought(): string {
  const product = `arrayLast(page -> startsWith(page, '${PRODUCT_PREFIX}'), arraySlice(all_pages, 1, at))`;
  return `arrayMap(at -> ${product}, arrayFilter(at -> all_pages[at] = '${PURCHASE_PATH}', arrayEnumerate(${PAGES_IN_ORDER} AS all_pages)))`;
}

/** The pages of a part as text, a letter each: that of its step, or a dash. Searching it is ten times as fast as a fold over pages. */
function stepsText(): string {
  const cases = FUNNEL_STEPS.map((step, index) => {
    const test = 'prefix' in step ? `startsWith(page, '${step.prefix}')` : `page = '${step.path}'`;
    return `${test}, '${stepLetter(index)}'`;
  });
  return `arrayStringConcat(arrayMap(page -> multiIf(${cases.join(', ')}, '-'), pages)) AS steps_text`;
}

/** How many steps of the funnel a session reached, each after the one before it. */
function stepsReached(): string {
  const found = FUNNEL_STEPS.map((_, index) => {
    const [letter, before] = [stepLetter(index), `step_${index}`];
    const at =
      index === 0
        ? `position(${textInOrder('steps_text', '')} AS all_steps, '${letter}')`
        : `if(${before} = 0, 0, position(all_steps, '${letter}', ${before} + 1))`;
    return `((${at} AS step_${index + 1}) > 0)`;
  });
  return `toUInt8(${found.join(' + ')})`;
}

function stepLetter(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index);
}
