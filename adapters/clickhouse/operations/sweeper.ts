/**
 * The sweep of one table. First it gives up what can never be seen again (`abandoned(swept)`), then it deletes rows of loads that
 * are given up, by literal ids: never by a subquery, whose answer may change while the DELETE runs. Orphans are found from the rows
 * themselves, as an INSERT that timed out may store rows late.
 */
import type { Sweeper, SweepRules } from '../../../activities/operations/ports.ts';
import type { TableName } from '../../../domain/catalogue.ts';
import { hourAt } from '../../../domain/hour.ts';
import { asLoadId } from '../../../domain/load-id.ts';
import { doomedLoads, type PlacedLoad } from '../../../domain/sweep.ts';
import type { SweepReport } from '../../../domain/truncation.ts';
import { rawName } from '../columns.ts';
import { LedgerTable } from '../ledger-table.ts';
import type { ClickHouseServer } from '../server.ts';
import { readSweepView } from './sweep-view.ts';

/** A mutation rewrites the parts that hold the rows; it is over when the statement is. */
const WAIT_FOR_DELETE = { mutations_sync: '1', lightweight_deletes_sync: '1' } as const;
/** Looking for orphans reads one column of the whole table. */
const SCAN_TIMEOUT_MS = 10 * 60_000;
/** The random bits below the clock in a load id: domain/load-id.ts. */
const CLOCK_OF_LOAD = 'bitShiftRight(load_id, 22)';

/** Makes the port. The database must be set up. */
export function createSweeper(server: ClickHouseServer): Sweeper {
  return new ClickHouseSweeper(server);
}

/** A table that holds rows under load ids. */
interface Store {
  readonly name: string;
  readonly loadColumn: string;
  readonly hourColumn: string;
  /** SQL that is true for the rows of the swept table. */
  readonly where: string;
}

interface StoredLoad {
  readonly load_id: string;
  readonly hour_s: number;
  readonly row_count: string;
}

class ClickHouseSweeper implements Sweeper {
  readonly #server: ClickHouseServer;
  readonly #ledger: LedgerTable;

  constructor(server: ClickHouseServer) {
    this.#server = server;
    this.#ledger = new LedgerTable(server);
  }

  async sweep(table: TableName, rules: SweepRules, signal: AbortSignal): Promise<SweepReport> {
    const rows: Store = { name: rawName(table), loadColumn: '_load', hourColumn: '_hour', where: '1' };
    const lines: Store = {
      name: 'quarantine',
      loadColumn: 'load_id',
      hourColumn: 'hour',
      where: 'table_name = {table:String}',
    };
    const { view, nowMs } = await readSweepView(this.#server, table, rules, signal);
    const doomed = doomedLoads(view, { ...rules, nowMs });
    const orphans = [
      ...(await this.#orphans(rows, table, rules, signal)),
      ...(await this.#orphans(lines, table, rules, signal)),
    ];
    const given = distinct([...doomed, ...orphans]).slice(0, rules.loadsMax);
    if (given.length > 0) {
      await this.#ledger.append(
        given.map((load) => ({ event: 'abandoned', ...load, reason: 'swept' }) as const),
        signal,
      );
    }
    const deleted = await this.#deleteDead(rows, table, rules, signal);
    const deletedLines = await this.#deleteDead(lines, table, rules, signal);
    return {
      table,
      abandonedLoads: given.length,
      deletedLoads: new Set([...deleted.loadIds, ...deletedLines.loadIds]).size,
      deletedRows: deleted.rows,
      deletedQuarantined: deletedLines.rows,
      more: doomed.length + orphans.length > given.length || deleted.more || deletedLines.more,
    };
  }

  /** Loads with rows that no event speaks of, though their attempt is long over. */
  async #orphans(store: Store, table: TableName, rules: SweepRules, signal: AbortSignal): Promise<PlacedLoad[]> {
    const loads = this.#server.name('loads');
    const found = await this.#stored(
      store,
      table,
      `load_id NOT IN (SELECT load_id FROM ${loads} WHERE event IN ('committed', 'abandoned') AND table_name = {table:String})
        AND ${CLOCK_OF_LOAD} + {attempt:UInt64} + {settle:UInt64} < toUnixTimestamp64Milli(now64(3))`,
      rules,
      signal,
    );
    return found.map(({ load_id, hour_s }) => ({ table, hour: hourAt(hour_s * 1000), loadId: asLoadId(load_id) }));
  }

  /** Deletes the rows of loads that are given up since long enough; of purged ones at once, as the operator asked for it. */
  async #deleteDead(
    store: Store,
    table: TableName,
    rules: SweepRules,
    signal: AbortSignal,
  ): Promise<{ loadIds: readonly string[]; rows: number; more: boolean }> {
    const loads = this.#server.name('loads');
    const abandoned = (which: string): string =>
      `load_id IN (SELECT load_id FROM ${loads} WHERE event = 'abandoned' AND table_name = {table:String} AND ${which})`;
    const found = await this.#stored(
      store,
      table,
      `${abandoned(`reason = 'purged'`)} OR
        (${abandoned(`(reason = 'swept' OR recorded_at < now64(6) - toIntervalMillisecond({settle:UInt64}))`)}
        AND ${CLOCK_OF_LOAD} + {attempt:UInt64} + {settle:UInt64} < toUnixTimestamp64Milli(now64(3)))`,
      rules,
      signal,
    );
    const dead = found.slice(0, rules.loadsMax);
    if (dead.length > 0) await this.#delete(store, table, dead, signal);
    return {
      loadIds: dead.map((load) => load.load_id),
      rows: dead.reduce((total, load) => total + Number(load.row_count), 0),
      more: found.length > dead.length,
    };
  }

  async #stored(
    store: Store,
    table: TableName,
    condition: string,
    { attemptMs, settleMs, loadsMax }: SweepRules,
    signal: AbortSignal,
  ): Promise<StoredLoad[]> {
    return this.#server.query<StoredLoad>({
      sql: `SELECT load_id, toUnixTimestamp(any_hour) AS hour_s, row_count FROM (
          SELECT ${store.loadColumn} AS load_id, any(${store.hourColumn}) AS any_hour, count() AS row_count
          FROM ${this.#server.name(store.name)} WHERE ${store.where} GROUP BY load_id
        ) WHERE ${condition} ORDER BY load_id LIMIT {limit:UInt64}`,
      doing: `look for dead loads of ${table}`,
      parameters: { table, attempt: attemptMs, settle: settleMs, limit: loadsMax + 1 },
      signal,
      timeoutMs: SCAN_TIMEOUT_MS,
    });
  }

  async #delete(store: Store, table: TableName, dead: readonly StoredLoad[], signal: AbortSignal): Promise<void> {
    const hours = dead.map(({ hour_s }) => hour_s);
    await this.#server.command({
      // The hours let ClickHouse skip the parts that hold none of the loads.
      sql: `ALTER TABLE ${this.#server.name(store.name)} DELETE WHERE ${store.where}
        AND ${store.hourColumn} >= toDateTime({from:UInt32}, 'UTC') AND ${store.hourColumn} <= toDateTime({to:UInt32}, 'UTC')
        AND ${store.loadColumn} IN {loads:Array(UInt64)}`,
      doing: `delete dead loads of ${table}`,
      parameters: {
        table,
        from: hours.reduce((a, b) => Math.min(a, b)),
        to: hours.reduce((a, b) => Math.max(a, b)),
        loads: dead.map(({ load_id }) => BigInt(load_id)),
      },
      settings: WAIT_FOR_DELETE,
      signal,
      timeoutMs: Infinity,
    });
  }
}

function distinct(loads: readonly PlacedLoad[]): PlacedLoad[] {
  return [...new Map(loads.map((load) => [load.loadId, load])).values()];
}
