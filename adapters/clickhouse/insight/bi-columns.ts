/** What the BI views are described in, and the SQL that several of them share. */
import { DIMENSIONS, VIEW_DIMENSIONS, type DimensionId } from '../../../domain/metrics/dimensions.ts';
import { quoteIdentifier, quoteString } from '../sql.ts';
import type { Namer } from '../views.ts';

/** Types that every BI tool takes. (Power BI reads UInt64 as binary.) */
export type BiType = 'String' | 'Int32' | 'Date' | "DateTime('UTC')" | 'Nullable(Float64)';

/** A column of a BI view. */
export interface BiColumn {
  readonly name: string;
  readonly type: BiType;
  readonly comment: string;
  readonly sql: string;
  /** The dimension that it leads to, by the column of the same name. */
  readonly joins?: string;
}

/** A BI view. */
export interface BiView {
  readonly name: string;
  readonly kind: 'fact' | 'dimension';
  readonly comment: string;
  /** A dimension's key is its first column. */
  readonly columns: readonly BiColumn[];
  /** What follows FROM, given the names of views. */
  readonly from: (name: Namer) => string;
}

/** What stands where the feed knows no value: BI tools join keys, and NULL joins nothing. */
export const UNKNOWN = '(not known)';

/** The dimensions of each dimension table; the key is a hash of their values. */
export const SOURCE: readonly DimensionId[] = ['source', 'medium', 'campaign', 'content', 'referer', 'referer_medium'];
export const DEVICE: readonly DimensionId[] = ['device', 'os', 'browser', 'language'];
export const PLACE: readonly DimensionId[] = ['country', 'region'];

/** A column of its own. */
export function column(name: string, type: BiType, sql: string, comment: string): BiColumn {
  return { name, type, sql, comment };
}

/** A column that leads to a dimension. */
export function keyColumn(name: string, type: BiType, sql: string, joins: string, meaning?: string): BiColumn {
  const comment = meaning === undefined ? `Joins ${joins}` : `Joins ${joins}: ${meaning}`;
  return { name, type, sql, comment, joins };
}

/** Text, never NULL nor empty. */
export function known(sql: string): string {
  return `if(ifNull(toString(${sql}), '') = '', ${quoteString(UNKNOWN)}, assumeNotNull(toString(${sql})))`;
}

/** The key of values that are {@link known}. A hash, as BI tools take texts that differ in case alone, or in a space at the end, for one. */
export function hashKey(values: readonly string[]): string {
  return `lower(hex(sipHash128(${values.join(', ')})))`;
}

/** The key of the visitor, from its hash; the same in every view. */
export const VISITOR_ID = `if(visitor = 0, ${quoteString(UNKNOWN)}, lower(hex(visitor)))`;

/** Keys of the dimensions of a page view or session. `columnOf` names the column that holds a dimension in what the view reads. */
export function dimensionKeys(columnOf: (id: DimensionId) => string): BiColumn[] {
  const key = (ids: readonly DimensionId[]): string => hashKey(ids.map((id) => known(columnOf(id))));
  return [
    keyColumn('source_key', 'String', key(SOURCE), 'bi_sources'),
    keyColumn('device_key', 'String', key(DEVICE), 'bi_devices'),
    keyColumn('place_key', 'String', key(PLACE), 'bi_places'),
  ];
}

/** The column of `events` that holds a dimension. */
export function eventColumn(id: DimensionId): string {
  return quoteIdentifier(VIEW_DIMENSIONS.find((dimension) => dimension.id === id)?.column ?? id);
}

/** The column of `sessions` and `session_parts` that holds a dimension. */
export const ownColumn = (id: DimensionId): string => quoteIdentifier(id);

/** The meaning of a dimension as a comment. */
export function meaningOf(id: DimensionId): string {
  return DIMENSIONS[id].meaning.en.replace(/\.$/, '');
}
