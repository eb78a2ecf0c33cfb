/** Holds receipts against counted rows, and says how much is stored and how fast it came. */
import type { Auditor } from '../../../activities/operations/ports.ts';
import type { Mismatch, TableRange } from '../../../activities/operations/api.ts';
import type { TableName } from '../../../domain/catalogue.ts';
import type { StorageFacts, TableStorage } from '../../../domain/estimate.ts';
import { hourAt, type HourRange } from '../../../domain/hour.ts';
import { asLoadId, type LoadId } from '../../../domain/load-id.ts';
import { loadIdClockMsSql } from '../load-ids.ts';
import { rawName } from '../columns.ts';
import { hourInRange, hourSeconds, rangeParameters } from '../rows.ts';
import type { ClickHouseServer } from '../server.ts';

const COUNT_TIMEOUT_MS = 10 * 60_000;

/** Makes the port. The database must be set up. */
export function createAuditor(server: ClickHouseServer): Auditor {
  return new ClickHouseAuditor(server);
}

interface ReceiptRow {
  readonly load_id: string;
  readonly hour_s: number;
  readonly row_count: string;
  readonly quarantined_count: string;
}

type Counts = Mismatch['found'];

class ClickHouseAuditor implements Auditor {
  readonly #server: ClickHouseServer;

  constructor(server: ClickHouseServer) {
    this.#server = server;
  }

  async mismatches(table: TableName, range: HourRange, signal: AbortSignal): Promise<Mismatch[]> {
    const receipts = await this.#receipts(table, range, signal);
    const counts = await this.#counts(table, range, receipts, signal);
    const suspects = receipts.flatMap((receipt) => mismatch(table, receipt, counts.get(receipt.load_id)));
    if (suspects.length === 0) return [];
    // Rows of a load that ceased to be current meanwhile may rightly be gone.
    const still = new Set((await this.#receipts(table, range, signal)).map(({ load_id }) => load_id));
    return suspects.filter(({ loadId }) => still.has(loadId));
  }

  async replaced(
    loads: readonly Pick<Mismatch, 'table' | 'hour' | 'loadId'>[],
    signal: AbortSignal,
  ): Promise<LoadId[]> {
    const rows = await this.#server.query<{ id: string }>({
      sql: `SELECT bad.2 AS id FROM (
          SELECT arrayJoin(arrayZip({tables:Array(String)}, {loads:Array(UInt64)}, {hours:Array(DateTime('UTC'))})) AS bad
        ) AS given INNER JOIN ${this.#server.name('current_loads')} AS c
          ON c.table_name = given.bad.1 AND c.hour = given.bad.3
        WHERE c.load_id != given.bad.2`,
      doing: 'read what replaced loads',
      parameters: {
        tables: loads.map(({ table }) => table),
        loads: loads.map(({ loadId }) => BigInt(loadId)),
        hours: loads.map(({ hour }) => hourSeconds(hour)),
      },
      signal,
    });
    return rows.map(({ id }) => asLoadId(id));
  }

  async storageFacts({ tables, from, to }: TableRange, signal: AbortSignal): Promise<StorageFacts> {
    const facts: [TableName, TableStorage][] = [];
    for (const table of tables) facts.push([table, await this.#tableStorage(table, { from, to }, signal)]);
    const [disk] = await this.#server.query<{ free: string }>({
      sql: 'SELECT min(unreserved_space) AS free FROM system.disks',
      doing: 'read the free disk space',
      signal,
    });
    const [recent] = await this.#server.query<{ load_count: string; minute_count: string }>({
      // The clock in a load id is when the load began. Minutes with loads, so that idle time does not count.
      sql: `SELECT uniqExact(load_id) AS load_count, uniqExact(intDiv(begun_ms, 60000)) AS minute_count FROM (
          SELECT load_id, ${loadIdClockMsSql('load_id')} AS begun_ms FROM ${this.#server.name('loads')}
          WHERE event = 'committed' AND has({tables:Array(String)}, table_name)
        ) WHERE begun_ms > (SELECT max(${loadIdClockMsSql('load_id')}) FROM ${this.#server.name('loads')}
          WHERE event = 'committed' AND has({tables:Array(String)}, table_name)) - 86400000`,
      doing: 'read the recent rate',
      parameters: { tables: [...tables] },
      signal,
    });
    return {
      tables: Object.fromEntries(facts),
      freeDiskBytes: Number(disk?.free ?? 0),
      recentLoads: Number(recent?.load_count ?? 0),
      recentMinutes: Number(recent?.minute_count ?? 0),
    };
  }

  async #tableStorage(table: TableName, range: HourRange, signal: AbortSignal): Promise<TableStorage> {
    const loads = this.#server.name('loads');
    const [receipts] = await this.#server.query<Record<'row_count' | 'bytes' | 'range_rows', string>>({
      sql: `SELECT sum(row_total) AS row_count, sum(size) AS bytes,
          sumIf(row_total, ${hourInRange('place')}) AS range_rows FROM (
            SELECT load_id, any(rows) AS row_total, any(object_size_bytes) AS size, any(hour) AS place FROM ${loads}
            WHERE event = 'committed' AND table_name = {table:String}
              AND load_id IN (SELECT load_id FROM ${this.#server.name('current_loads')} WHERE table_name = {table:String})
            GROUP BY load_id)`,
      doing: `read the receipts of ${table}`,
      parameters: { table, ...rangeParameters(range) },
      signal,
    });
    const [stored] = await this.#server.query<{ bytes: string | null; row_count: string | null }>({
      sql: `SELECT sum(bytes_on_disk) AS bytes, sum(rows) AS row_count FROM system.parts
        WHERE active AND database = {database:String} AND table = {raw:String}`,
      doing: `read the size of ${table}`,
      parameters: { database: this.#server.database, raw: rawName(table) },
      signal,
    });
    return {
      rows: Number(receipts?.row_count ?? 0),
      objectBytes: Number(receipts?.bytes ?? 0),
      rangeRows: Number(receipts?.range_rows ?? 0),
      storedBytes: Number(stored?.bytes ?? 0),
      storedRows: Number(stored?.row_count ?? 0),
    };
  }

  async #receipts(table: TableName, range: HourRange, signal: AbortSignal): Promise<ReceiptRow[]> {
    return this.#server.query<ReceiptRow>({
      sql: `SELECT load_id, toUnixTimestamp(any(l.hour)) AS hour_s, any(l.rows) AS row_count,
          any(l.quarantined) AS quarantined_count FROM ${this.#server.name('loads')} AS l
        WHERE event = 'committed' AND table_name = {table:String}
          AND ${hourInRange('l.hour')}
          AND load_id IN (SELECT load_id FROM ${this.#server.name('current_loads')} WHERE table_name = {table:String})
        GROUP BY load_id ORDER BY hour_s`,
      doing: `read the receipts of ${table}`,
      parameters: { table, ...rangeParameters(range) },
      signal,
    });
  }

  async #counts(
    table: TableName,
    range: HourRange,
    receipts: readonly ReceiptRow[],
    signal: AbortSignal,
  ): Promise<Map<string, Counts>> {
    // By literal ids, as the receipts are read before the rows: see views.ts on the order of two snapshots.
    const statement = {
      doing: `count rows of ${table}`,
      parameters: {
        table,
        ...rangeParameters(range),
        loads: receipts.map(({ load_id }) => BigInt(load_id)),
      },
      signal,
      timeoutMs: COUNT_TIMEOUT_MS,
    };
    const stored = await this.#server.query<{ load_id: string; row_count: string; line_count: string }>({
      ...statement,
      sql: `SELECT _load AS load_id, count() AS row_count, groupBitmap(_line) AS line_count
        FROM ${this.#server.name(rawName(table))}
        WHERE ${hourInRange('_hour')} AND _load IN {loads:Array(UInt64)}
        GROUP BY load_id`,
    });
    const quarantined = await this.#server.query<{ load_id: string; row_count: string }>({
      ...statement,
      sql: `SELECT load_id, count() AS row_count FROM ${this.#server.name('quarantine')}
        WHERE table_name = {table:String} AND ${hourInRange()}
          AND load_id IN {loads:Array(UInt64)} GROUP BY load_id`,
    });
    const lines = new Map(quarantined.map(({ load_id, row_count }) => [load_id, Number(row_count)]));
    const rows = new Map(stored.map((row) => [row.load_id, row]));
    return new Map(
      receipts.map(({ load_id }) => {
        const row = rows.get(load_id);
        return [
          load_id,
          {
            rows: Number(row?.row_count ?? 0),
            distinctLines: Number(row?.line_count ?? 0),
            quarantined: lines.get(load_id) ?? 0,
          },
        ];
      }),
    );
  }
}

function mismatch(table: TableName, receipt: ReceiptRow, found: Counts | undefined): Mismatch[] {
  const expected = { rows: Number(receipt.row_count), quarantined: Number(receipt.quarantined_count) };
  const isRight =
    found?.rows === expected.rows &&
    found.distinctLines === expected.rows &&
    found.quarantined === expected.quarantined;
  if (isRight) return [];
  return [
    {
      table,
      hour: hourAt(receipt.hour_s * 1000),
      loadId: asLoadId(receipt.load_id),
      expected,
      found: found ?? { rows: 0, distinctLines: 0, quarantined: 0 },
    },
  ];
}
