/** The warehouse port over ClickHouse: row inserts, quarantine, and the counts of what is stored. */
import type { ClickHouseSettings } from '@clickhouse/client';
import type { InsertLoad, StoredCounts, Warehouse } from '../../activities/ports.ts';
import { CATALOGUE, type Table, type TableName } from '../../domain/catalogue.ts';
import type { FeedObject } from '../../domain/feed-object.ts';
import type { QuarantinedLine } from '../../domain/lines.ts';
import type { LoadId } from '../../domain/load-id.ts';
import type { LinePath } from '../../domain/loading.ts';
import { rawName } from './columns.ts';
import { insertRowsSql } from './insert-statement.ts';
import { hourSeconds, jsonLines } from './rows.ts';
import type { ClickHouseServer } from './server.ts';
import { quoteIdentifier } from './sql.ts';

/**
 * One parser, and blocks that stay in a core's cache until they are written: together a fifth less CPU. Cutting the body into pieces
 * for several parsers costs more than they gain, as one of them keeps up with a worker. Parts are as large as ever.
 */
const ROW_SETTINGS: ClickHouseSettings = { input_format_parallel_parsing: 0, max_insert_block_size: '65536' };

/**
 * Rows of large objects are written by two threads: while one waits for the disk to have a part, the other takes in lines. Small
 * ones by one thread, else each INSERT would leave twice as many parts to merge.
 */
const LARGE_SETTINGS: ClickHouseSettings = { ...ROW_SETTINGS, max_insert_threads: '2' };
/** Packed, as the bucket lists them: some hundred thousand lines. */
const LARGE_BYTES = 64 * 2 ** 20;

/** Makes the port. The database must be set up. */
export function createWarehouse(server: ClickHouseServer): Warehouse {
  return new ClickHouseWarehouse(server);
}

class ClickHouseWarehouse implements Warehouse {
  readonly #server: ClickHouseServer;

  constructor(server: ClickHouseServer) {
    this.#server = server;
  }

  async insertRows(
    table: TableName,
    loads: readonly InsertLoad[],
    path: LinePath,
    lines: AsyncIterable<Buffer>,
    signal: AbortSignal,
  ): Promise<void> {
    const byIndex = indexed(loads);
    await this.#server.insert(
      {
        sql: insertRowsSql(this.#server.name.bind(this.#server), CATALOGUE[table], path),
        doing: `insert rows of ${table}`,
        parameters: {
          loads: byIndex.map(({ loadId }) => BigInt(loadId)),
          hours: byIndex.map(({ hour }) => hourSeconds(hour)),
        },
        signal,
        timeoutMs: Infinity,
        settings: isLarge(loads) ? LARGE_SETTINGS : ROW_SETTINGS,
      },
      'insert-rows',
      lines,
    );
  }

  async insertQuarantine(
    object: FeedObject,
    loadId: LoadId,
    lines: readonly QuarantinedLine[],
    signal: AbortSignal,
  ): Promise<void> {
    const place = {
      table_name: object.table,
      hour: hourSeconds(object.hour),
      load_id: loadId,
      object_key: object.key,
      object_etag: object.etag,
    };
    const rows = lines.map(({ lineNumber, text, encoding, reason }) => {
      return { ...place, line_number: lineNumber, text, encoding, reason };
    });
    await this.#server.insert(
      {
        sql: `INSERT INTO ${this.#server.name('quarantine')}
          (table_name, hour, load_id, object_key, object_etag, line_number, text, encoding, reason) FORMAT JSONEachRow`,
        doing: `quarantine lines of ${object.key}`,
        signal,
      },
      'insert-facts',
      jsonLines(rows),
    );
  }

  async countStored(
    table: TableName,
    loads: readonly InsertLoad[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<LoadId, StoredCounts>> {
    if (loads.length === 0) return new Map();
    const statement = {
      doing: `count rows of ${table}`,
      parameters: {
        table,
        loads: loads.map(({ loadId }) => BigInt(loadId)),
        hours: [...new Set(loads.map(({ hour }) => hourSeconds(hour)))],
      },
      signal,
      timeoutMs: COUNT_TIMEOUT_MS,
    };
    const [stored, quarantined] = await Promise.all([
      this.#server.query<StoredRow>({ ...statement, sql: countRowsSql(this.#server, CATALOGUE[table]) }),
      this.#server.query<QuarantinedRow>({ ...statement, sql: countQuarantinedSql(this.#server) }),
    ]);
    return new Map(loads.map(({ loadId }) => [loadId, countsOf(loadId, stored, quarantined)]));
  }
}

function isLarge(loads: readonly InsertLoad[]): boolean {
  return loads.reduce((bytes, { object }) => bytes + (object?.sizeBytes ?? 0), 0) >= LARGE_BYTES;
}

/** Counting reads one load's rows, some of 100 million at most. */
const COUNT_TIMEOUT_MS = 10 * 60_000;

interface StoredRow {
  readonly load_id: string;
  readonly stored: string;
  readonly distinct_lines: string;
  readonly nulls: Readonly<Record<string, string>>;
}

interface QuarantinedRow {
  readonly load_id: string;
  readonly stored: string;
}

function countRowsSql(server: ClickHouseServer, table: Table): string {
  const nulls = table.fields
    .filter((field) => field.optional)
    .map(({ name }) => `'${name}', countIf(isNull(${quoteIdentifier(name)}))`);
  return `SELECT _load AS load_id, count() AS stored, groupBitmap(_line) AS distinct_lines,
      ${nulls.length === 0 ? 'map()' : `mapFilter((field, number) -> number > 0, map(${nulls.join(', ')}))`} AS nulls
    FROM ${server.name(rawName(table.name))}
    WHERE ${hourIn('_hour')} AND _load IN {loads:Array(UInt64)} GROUP BY _load`;
}

function countQuarantinedSql(server: ClickHouseServer): string {
  return `SELECT load_id, count() AS stored FROM ${server.name('quarantine')}
    WHERE table_name = {table:String} AND ${hourIn('hour')} AND load_id IN {loads:Array(UInt64)} GROUP BY load_id`;
}

function hourIn(column: string): string {
  return `${column} IN {hours:Array(DateTime('UTC'))}`;
}

function countsOf(loadId: LoadId, stored: readonly StoredRow[], quarantined: readonly QuarantinedRow[]): StoredCounts {
  const row = stored.find((candidate) => candidate.load_id === loadId);
  const bad = quarantined.find((candidate) => candidate.load_id === loadId);
  return {
    rows: Number(row?.stored ?? 0),
    distinctLines: Number(row?.distinct_lines ?? 0),
    quarantined: Number(bad?.stored ?? 0),
    nulls: Object.fromEntries(Object.entries(row?.nulls ?? {}).map(([field, count]) => [field, Number(count)])),
  };
}

/** Loads in the order of their 1-based index, as the arrays in the statement are read. */
function indexed(loads: readonly InsertLoad[]): InsertLoad[] {
  const sorted = [...loads].sort((a, b) => a.index - b.index);
  if (sorted.some((load, position) => load.index !== position + 1)) {
    throw new RangeError(
      `Cannot insert rows: found load indexes ${sorted.map(({ index }) => index).join(', ')}, expected 1, 2, 3, ...`,
    );
  }
  return sorted;
}
