/** The tables: what is stored. All of them are only ever added to; every insert is on disk before it is acknowledged. */
import type { Table } from '../../domain/catalogue.ts';
import { ABANDON_REASONS, LEDGER_EVENTS } from '../../domain/ledger.ts';
import { columnDdl, rawColumns, rawName, type Column } from './columns.ts';
import { quoteIdentifier, quoteString } from './sql.ts';
import type { Namer } from './views.ts';

/**
 * Settings of every table. Without the first two an acknowledged insert can vanish on power loss. Statistics of columns, which
 * ClickHouse makes at each merge since 26.4, are of no use to our queries: they held each part against the loads that readers see.
 */
const TABLE_SETTINGS = `fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''`;

/** Months of `_hour`: 23,000 partitions of an hour each cost 100 times the time of a scan. */
export const BY_MONTH = 'toYYYYMM(`_hour`)';

const LEDGER_EVENT_TYPE = `Enum8(${LEDGER_EVENTS.map((event, index) => `${quoteString(event)} = ${index + 1}`).join(', ')})`;

/** Columns of the ledger, but for `recorded_at`. */
export const LEDGER_COLUMNS: readonly Column[] = [
  { name: 'event', type: LEDGER_EVENT_TYPE, comment: 'What happened' },
  { name: 'table_name', type: 'LowCardinality(String)', comment: 'Table of the feed' },
  { name: 'hour', type: "DateTime('UTC')", comment: 'Hour of the object' },
  { name: 'load_id', type: 'UInt64', comment: 'The load: unique per attempt and object, growing per table and hour' },
  { name: 'object_key', type: 'String', comment: 'Key of the object' },
  { name: 'object_etag', type: 'String', comment: 'ETag of the version read' },
  { name: 'object_size_bytes', type: 'UInt64', comment: 'Size of the object in the bucket' },
  {
    name: 'object_modified',
    type: "DateTime64(3, 'UTC')",
    comment: 'When the object was last modified, by the bucket; ranks loads',
  },
  { name: 'crc32', type: 'UInt32', comment: 'CRC-32 of the unpacked lines' },
  { name: 'entry_size_bytes', type: 'UInt64', comment: 'Size of the unpacked lines' },
  { name: 'lines', type: 'UInt64', comment: 'Lines that are not blank: rows + quarantined' },
  { name: 'rows', type: 'UInt64', comment: 'Rows stored' },
  { name: 'quarantined', type: 'UInt64', comment: 'Lines that could not become rows' },
  { name: 'drift', type: 'Map(String, UInt64)', comment: 'Unknown field -> lines that carry it' },
  { name: 'nulls', type: 'Map(String, UInt64)', comment: 'Optional field -> rows where it is NULL' },
  { name: 'seen', type: 'Array(String)', comment: 'Truncations that the run had seen: they do not hide this load' },
  { name: 'workflow_id', type: 'String', comment: 'Workflow that loaded' },
  { name: 'run_id', type: 'String', comment: 'Run of that workflow' },
  { name: 'attempt', type: 'UInt32', comment: 'Attempt of the activity, from 1' },
  { name: 'worker', type: 'String', comment: 'Worker that loaded' },
  {
    name: 'reason',
    type: 'LowCardinality(String)',
    comment: `Why abandoned (${ABANDON_REASONS.join(', ')}) or rejected`,
  },
  { name: 'detail', type: 'String', comment: 'Why, in words' },
  { name: 'truncation_id', type: 'String', comment: 'Names a truncation' },
  { name: 'tables', type: 'Array(LowCardinality(String))', comment: 'Tables that a truncation covers' },
  { name: 'hour_from', type: "DateTime('UTC')", comment: 'First hour that a truncation covers' },
  { name: 'hour_to', type: "DateTime('UTC')", comment: 'Hour before which a truncation ends' },
];

/** When the server recorded the row; for people and for the sweep, no rule depends on it. */
const RECORDED_AT = `\`recorded_at\` DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When the server recorded it'`;

/** Columns of the quarantine, but for `recorded_at`. */
export const QUARANTINE_COLUMNS: readonly Column[] = [
  { name: 'table_name', type: 'LowCardinality(String)', comment: 'Table of the feed' },
  { name: 'hour', type: "DateTime('UTC')", comment: 'Hour of the object' },
  { name: 'load_id', type: 'UInt64', comment: 'Load that met the line; shown and swept with it' },
  { name: 'line_number', type: 'UInt64', comment: 'Number of the line in the object, from 1' },
  { name: 'object_key', type: 'String', comment: 'Key of the object' },
  { name: 'object_etag', type: 'String', comment: 'ETag of the version read' },
  { name: 'text', type: 'String', comment: 'The line as it came, cut at a limit', codec: 'ZSTD(1)' },
  { name: 'encoding', type: 'LowCardinality(String)', comment: 'utf8, or base64 when the line is not UTF-8' },
  { name: 'reason', type: 'String', comment: 'Why it could not become a row', codec: 'ZSTD(1)' },
];

/** Columns of the sightings, but for `seen_at`. */
export const SIGHTING_COLUMNS: readonly Column[] = [
  { name: 'table_name', type: 'LowCardinality(String)', comment: 'Table of the feed' },
  { name: 'hour', type: "DateTime('UTC')", comment: 'Hour looked for' },
  { name: 'present', type: 'Bool', comment: 'Whether the bucket held an object' },
  { name: 'object_key', type: 'String', comment: 'Its key' },
  { name: 'object_etag', type: 'String', comment: 'Its ETag' },
  { name: 'object_size_bytes', type: 'UInt64', comment: 'Its size in the bucket' },
  { name: 'object_modified', type: "DateTime64(3, 'UTC')", comment: 'When it was last modified, by the bucket' },
];

/** `<table>_raw`: every row of every load, visible or not. */
export function rawTableDdl(name: Namer, table: Table): string {
  const index = table.fields.some((field) => field.kind === 'timestamp')
    ? [`INDEX \`event_timestamp_minmax\` \`event_timestamp\` TYPE minmax GRANULARITY 1`]
    : [];
  return createTable(name(rawName(table.name)), [...rawColumns(table).map(columnDdl), ...index], {
    engine: 'MergeTree',
    partitionBy: BY_MONTH,
    orderBy: ['_hour', ...table.sortKey],
    comment: `${table.comment}. Every load, visible or not: query the view ${table.name}`,
  });
}

/** `loads`: the ledger. Unpartitioned, so that one commit is one part. */
export function ledgerDdl(name: Namer): string {
  return createTable(name('loads'), [...LEDGER_COLUMNS.map(columnDdl), RECORDED_AT], {
    engine: 'MergeTree',
    orderBy: ['event', 'table_name', 'hour', 'load_id'],
    comment: 'The ledger: what became of every load; append-only',
  });
}

/** `quarantine`: lines that could not become rows. */
export function quarantineDdl(name: Namer): string {
  return createTable(name('quarantine'), [...QUARANTINE_COLUMNS.map(columnDdl), RECORDED_AT], {
    engine: 'MergeTree',
    partitionBy: 'toYYYYMM(`hour`)',
    orderBy: ['table_name', 'hour', 'load_id', 'line_number'],
    comment: 'Lines that could not become rows, as they came',
  });
}

/** `sightings`: what the last listing saw; the newest row per (table, hour) counts. */
export function sightingsDdl(name: Namer): string {
  const seenAt = `\`seen_at\` DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When the server recorded it'`;
  return createTable(name('sightings'), [...SIGHTING_COLUMNS.map(columnDdl), seenAt], {
    engine: 'ReplacingMergeTree(`seen_at`)',
    orderBy: ['table_name', 'hour'],
    comment: 'What the last listing of the bucket saw of each table and hour',
  });
}

/** `personal_key`: the secret behind hashed columns. The row with the least (created_at, key) is the one that counts. */
export function personalKeyDdl(name: Namer): string {
  const columns = [
    `\`created_at\` DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When it was made'`,
    `\`key\` String COMMENT '32 random bytes in hex'`,
  ];
  return createTable(name('personal_key'), columns, {
    engine: 'MergeTree',
    orderBy: ['created_at', 'key'],
    comment:
      'Key of the hashes of personal fields; the least row counts. Never to be changed: hashes would no longer match',
  });
}

/** What {@link createTable} makes of the columns. */
export interface TableOptions {
  readonly engine: string;
  readonly partitionBy?: string;
  readonly orderBy: readonly string[];
  /** Rows that ClickHouse reads at once, where its own 8,192 are too many. */
  readonly granuleRows?: number | undefined;
  readonly comment: string;
}

/** DDL of a table, as all of ours are made. @param parts columns and indexes as they stand in the statement */
export function createTable(name: string, parts: readonly string[], options: TableOptions): string {
  const partition = options.partitionBy === undefined ? '' : `PARTITION BY ${options.partitionBy}\n`;
  const granule = options.granuleRows === undefined ? '' : `, index_granularity = ${options.granuleRows}`;
  return `CREATE TABLE IF NOT EXISTS ${name} (
    ${parts.join(',\n    ')}
) ENGINE = ${options.engine}
${partition}ORDER BY (${options.orderBy.map(quoteIdentifier).join(', ')})
SETTINGS ${TABLE_SETTINGS}${granule}
COMMENT ${quoteString(options.comment)}`;
}
