/** The columns of the feed's tables in ClickHouse, from the catalogue: DDL, views, grants and checks all take them from here. */
import {
  CATALOGUE,
  type Disguise,
  type Field,
  type FieldKind,
  type Table,
  type TableName,
} from '../../domain/catalogue.ts';
import { quoteIdentifier, quoteString } from './sql.ts';

/** One column as `system.columns` shows it. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
  /** What stands inside CODEC(...). */
  readonly codec?: string;
}

const TYPES: Readonly<Record<FieldKind, string>> = {
  uuid: 'UUID',
  timestamp: "DateTime64(6, 'UTC')",
  text: 'String',
  category: 'String',
  latitude: 'Float64',
  longitude: 'Float64',
  boolean: 'Bool',
};

/**
 * Codecs, chosen by bench/codecs.ts on 744,000 generated rows (bytes per row, time of a full read on one thread):
 * event_timestamp LZ4 6.22 B 10 ms, Delta + ZSTD(1) 3.21 B 14 ms, T64 + ZSTD(1) 3.50 B 7.5 ms; sorted UUIDs LZ4 4.20 B 4.8 ms,
 * ZSTD(1) 3.31 B 5.5 ms (unsorted: 16 B with any); user agents LZ4 14.7 B 23 ms, ZSTD(1) 7.43 B 50 ms, ZSTD(3) 7.70 B 39 ms;
 * coordinates Gorilla + ZSTD(1) 1.67 B, ZSTD(1) 1.44 B; categories LZ4 2.01 B, ZSTD(1) 1.32 B; `_line` in another order than the
 * file's ZSTD(1) 1.61 B 19 ms, T64 + ZSTD(1) 1.26 B 4.7 ms; `_load`, `_hour` ZSTD(1) 0.02 B.
 */
const CODECS: Readonly<Record<FieldKind, string>> = {
  uuid: 'ZSTD(1)',
  timestamp: 'T64, ZSTD(1)',
  text: 'ZSTD(3)',
  category: 'ZSTD(1)',
  latitude: 'ZSTD(1)',
  longitude: 'ZSTD(1)',
  boolean: 'T64, ZSTD(1)',
};

const TWIN_SUFFIX: Readonly<Record<Disguise, string>> = { hash: '_hash', 'truncate-ip': '_network' };
const TWIN_COMMENT: Readonly<Record<Disguise, string>> = {
  hash: 'SHA-256 of the key in personal_key and the value, in hex: the same for the same value',
  'truncate-ip': 'Network of the address: /24 of IPv4, /48 of IPv6, empty when it is neither',
};

/** Columns that every raw table has beside the feed's. */
export const SERVICE_COLUMNS = [
  {
    name: '_hour',
    type: "DateTime('UTC')",
    comment: 'Hour of the object that the row came in',
    codec: 'ZSTD(1)',
  },
  { name: '_load', type: 'UInt64', comment: 'Load that stored the row; see loads', codec: 'ZSTD(1)' },
  { name: '_line', type: 'UInt64', comment: 'Number of the line in the object, from 1', codec: 'T64, ZSTD(1)' },
  {
    name: '_extra',
    type: 'String',
    comment: 'Fields that the catalogue does not know, as a JSON object; empty when none',
    codec: 'ZSTD(1)',
  },
] as const satisfies readonly Column[];

/** The name of the table with every row of every load. */
export function rawName(table: TableName): string {
  return `${table}_raw`;
}

/** The name of the view that also shows the originals of personal fields. */
export function personalName(table: TableName): string {
  return `${table}_personal`;
}

/** The type of a field's column. */
export function fieldType(field: Field): string {
  const type = field.optional ? `Nullable(${TYPES[field.kind]})` : TYPES[field.kind];
  return field.kind === 'category' ? `LowCardinality(${type})` : type;
}

/** The column that stands in for a personal field, or undefined when the field is not personal. */
export function twinColumn(field: Field): Column | undefined {
  if (field.personal === undefined) return undefined;
  const type = field.personal === 'hash' ? 'String' : 'LowCardinality(String)';
  return {
    name: field.name + TWIN_SUFFIX[field.personal],
    type,
    comment: `For readers in place of ${field.name}. ${TWIN_COMMENT[field.personal]}`,
    codec: field.personal === 'hash' ? CODECS.text : CODECS.category,
  };
}

/** All columns of the raw table, in their order. */
export function rawColumns(table: Table): Column[] {
  const twins = table.fields.flatMap((field) => twinColumn(field) ?? []);
  return [...table.fields.map(fieldColumn), ...twins, ...SERVICE_COLUMNS];
}

/** Columns of the raw table that the view `<table>` stands on: no original of a personal field, no `_extra`. */
export function readableColumns(table: TableName): string[] {
  const fields = CATALOGUE[table].fields.map((field) => twinColumn(field)?.name ?? field.name);
  return [...fields, '_hour', '_load', '_line'];
}

/** One column of a CREATE TABLE. */
export function columnDdl({ name, type, comment, codec }: Column): string {
  const withCodec = codec === undefined ? '' : ` CODEC(${codec})`;
  return `${quoteIdentifier(name)} ${type} COMMENT ${quoteString(comment)}${withCodec}`;
}

function fieldColumn(field: Field): Column {
  return { name: field.name, type: fieldType(field), comment: field.comment, codec: CODECS[field.kind] };
}
