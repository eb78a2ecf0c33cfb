/**
 * The INSERT of a table's rows. ClickHouse parses, checks and converts; Node only streams.
 * `input()` takes every value as the text that it is (required ones too may be NULL, so that a missing one is noticed),
 * the WHERE refuses the whole INSERT at the first doubt, the SELECT converts.
 * What the fast and the lifted path accept, the exact path accepts with the same stored value; the reverse need not hold.
 */
import type { Field, Table } from '../../domain/catalogue.ts';
import type { LinePath } from '../../domain/loading.ts';
import { TIMESTAMP_YEARS } from '../../domain/field-values.ts';
import { MARK_OBJECT } from '../../domain/line-mark.ts';
import { rawName, twinColumn } from './columns.ts';
import { quoteIdentifier, quoteString } from './sql.ts';
import type { Namer } from './views.ts';

/** Object and line of a mark. */
const OBJECT = `intDiv(_n, ${MARK_OBJECT})`;
const LINE = `(_n % ${MARK_OBJECT})`;

// 14 digits behind the point and 3 before it: such a text and Node's number for it are the same Float64.
const PLAIN_NUMBER = String.raw`^-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,14})?$`;

/**
 * The statement; `loads` and `hours` (seconds since 1970) are its parameters, arrays indexed by the object in the lines' mark `_n`.
 * ClickHouse answers code 395 when a value is in doubt, and the parser's own codes when a line is.
 */
export function insertRowsSql(name: Namer, table: Table, path: LinePath): string {
  const targets = [...targetsOf(table, name), ...serviceTargets(path)];
  const doubts = [
    `${OBJECT} = 0`,
    `${OBJECT} > length({loads:Array(UInt64)})`,
    `${LINE} = 0`,
    ...table.fields.flatMap(doubtsOf(path)),
  ];
  return `INSERT INTO ${name(rawName(table.name))} (${targets.map(([column]) => quoteIdentifier(column)).join(', ')})
SELECT ${targets.map(([, expression]) => expression).join(', ')}
FROM input(${quoteString(inputStructure(table, path))})
WHERE NOT throwIf(${doubts.join(' OR ')}, 'refused')
FORMAT JSONEachRow`;
}

function inputStructure(table: Table, path: LinePath): string {
  const fields = table.fields.map(
    ({ name, kind }) => `${quoteIdentifier(name)} Nullable(${kind === 'boolean' ? 'Bool' : 'String'})`,
  );
  return ['_n UInt64', ...fields, ...(path === 'fast' ? [] : ['_extra String'])].join(', ');
}

/** Column of the raw table and the expression that fills it. */
type Target = readonly [column: string, expression: string];

function serviceTargets(path: LinePath): Target[] {
  return [
    ['_hour', `{hours:Array(DateTime('UTC'))}[${OBJECT}]`],
    ['_load', `{loads:Array(UInt64)}[${OBJECT}]`],
    ['_line', LINE],
    ['_extra', path === 'fast' ? `''` : '_extra'],
  ];
}

function targetsOf(table: Table, name: Namer): Target[] {
  return table.fields.flatMap((field): Target[] => {
    const twin = twinColumn(field);
    const value = field.optional ? converted(field) : `assumeNotNull(${converted(field)})`;
    const own: Target = [field.name, value];
    return twin === undefined ? [own] : [own, [twin.name, twinOf(field, name)]];
  });
}

/** The field's value in its column's type, NULL when the text is none. */
function converted({ name, kind }: Field): string {
  const text = quoteIdentifier(name);
  switch (kind) {
    case 'uuid':
      return `toUUIDOrNull(${text})`;
    case 'timestamp':
      return `toDateTime64OrNull(${text}, 6, 'UTC')`;
    case 'latitude':
    case 'longitude':
      return `toFloat64OrNull(${text})`;
    case 'text':
    case 'category':
    case 'boolean':
      return text;
  }
}

/** What readers get in place of a personal field. The key is read within the statement: it appears in no text, log or URL. */
function twinOf(field: Field, name: Namer): string {
  const text = `assumeNotNull(${quoteIdentifier(field.name)})`;
  if (field.personal === 'hash') {
    const key = `(SELECT key FROM ${name('personal_key')} ORDER BY created_at, key LIMIT 1)`;
    return `hex(SHA256(concat(${key}, ${text})))`;
  }
  const ipv4 = `toString(tupleElement(IPv4CIDRToRange(toIPv4OrDefault(${text}), 24), 1))`;
  const ipv6 = `toString(tupleElement(IPv6CIDRToRange(toIPv6OrDefault(${text}), 48), 1))`;
  return `multiIf(isNotNull(toIPv4OrNull(${text})), ${ipv4}, isNotNull(toIPv6OrNull(${text})), ${ipv6}, '')`;
}

function doubtsOf(path: LinePath): (field: Field) => string[] {
  return (field) => {
    const text = quoteIdentifier(field.name);
    const missing = field.optional ? [] : [`isNull(${text})`];
    const doubt = path === 'exact' ? conversionDoubt(field) : formDoubt(field);
    if (doubt === undefined) return missing;
    // A comparison with NULL is NULL: it counts as doubt where there is a text.
    return [...missing, `(isNotNull(${text}) AND ifNull(${doubt}, 1))`];
  };
}

/** True when the text is not in the one form that needs no thought. */
function formDoubt(field: Field): string | undefined {
  const text = quoteIdentifier(field.name);
  const value = converted(field);
  switch (field.kind) {
    case 'uuid':
      return `toString(${value}) != ${text}`;
    case 'timestamp':
      // The text is the beginning of what ClickHouse would print: so it is of the calendar, and nothing was guessed.
      return `NOT startsWith(toString(${value}), ${text}) OR length(${text}) < 19 OR length(${text}) = 20
        OR ${text} < '${TIMESTAMP_YEARS.first}' OR ${text} >= '${TIMESTAMP_YEARS.last + 1}'`;
    case 'latitude':
      return `NOT match(${text}, ${quoteString(PLAIN_NUMBER)}) OR abs(${value}) > 90`;
    case 'longitude':
      return `NOT match(${text}, ${quoteString(PLAIN_NUMBER)}) OR abs(${value}) > 180`;
    case 'text':
    case 'category':
    case 'boolean':
      return undefined;
  }
}

/** True when a proven text does not convert after all. */
function conversionDoubt(field: Field): string | undefined {
  const value = converted(field);
  return value === quoteIdentifier(field.name) ? undefined : `isNull(${value})`;
}
