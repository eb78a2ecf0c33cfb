/** The table `loads`: read in one query, so that one snapshot decides; written in one block, so that a commit is one part. */
import type { ClickHouseSettings } from '@clickhouse/client';
import type { Commit } from '../../activities/ports.ts';
import type { TableName } from '../../domain/catalogue.ts';
import type { HourRange } from '../../domain/hour.ts';
import type { WindowEvent } from '../../domain/window-state.ts';
import {
  EVENT_COLUMNS,
  LEDGER_COLUMN_NAMES,
  LEDGER_CONVERSIONS,
  LEDGER_INPUT,
  ledgerRow,
  readEvent,
  type EventRow,
  type LedgerEvent,
} from './ledger-rows.ts';
import { hourInRange, jsonLines, rangeParameters } from './rows.ts';
import type { ClickHouseServer } from './server.ts';
import { quoteList, quoteString } from './sql.ts';
import { inForceSql } from './views.ts';

/** One thread reads and writes: all rows are one block, and the block one part. */
const ONE_BLOCK: ClickHouseSettings = { max_threads: 1, max_insert_threads: '1', input_format_parallel_parsing: 0 };

/** A window's events and the server's clock when they were read. */
export interface LedgerReading {
  readonly serverNowMs: number;
  readonly events: readonly WindowEvent[];
}

/** Reads and writes `loads`. */
export class LedgerTable {
  readonly #server: ClickHouseServer;

  constructor(server: ClickHouseServer) {
    this.#server = server;
  }

  /** The events of a table's window and every truncation and restoration. */
  async read(table: TableName, range: HourRange, signal: AbortSignal): Promise<LedgerReading> {
    const rows = await this.#server.query<EventRow>({
      // The clock row is there when the ledger is empty, too.
      sql: `SELECT ${EVENT_COLUMNS} FROM ${this.#server.name('loads')}
        WHERE event IN ('truncated', 'restored') OR (event IN ('committed', 'abandoned', 'rejected')
          AND table_name = {table:String} AND ${hourInRange()})
        UNION ALL SELECT 'clock', '', 0, 0, '', '', 0, toUnixTimestamp64Milli(now64(3)), [], '', '', '', [], 0, 0`,
      doing: `read the ledger of ${table}`,
      parameters: { table, ...rangeParameters(range) },
      signal,
    });
    const clock = rows.find((row) => row.event === 'clock');
    return {
      serverNowMs: Number(clock?.modified_ms),
      events: rows.filter((row) => row.event !== 'clock').map(readEvent),
    };
  }

  async truncationsInForce(signal: AbortSignal): Promise<string[]> {
    const loads = this.#server.name('loads');
    const rows = await this.#server.query<{ truncation_id: string }>({
      sql: `SELECT DISTINCT truncation_id FROM ${loads} WHERE ${inForceSql(loads)} ORDER BY truncation_id`,
      doing: 'read the truncations in force',
      signal,
    });
    return rows.map((row) => row.truncation_id);
  }

  /** Adds events, in one block. */
  async append(events: readonly LedgerEvent[], signal?: AbortSignal): Promise<void> {
    await this.#insert({ events, doing: 'write to the ledger', where: '', parameters: {}, signal });
  }

  /**
   * Adds receipts and withdrawals unless the deadline has passed when the block is there. An hour whose load was abandoned
   * meanwhile is left out, with its withdrawals.
   */
  async commit({ table, receipts, withdraw, deadlineMs }: Commit, signal: AbortSignal): Promise<void> {
    const events: LedgerEvent[] = [
      ...receipts.map((receipt) => ({ event: 'committed', ...receipt }) as const),
      ...withdraw.map((load) => ({ event: 'abandoned', table, ...load, reason: 'withdrawn' }) as const),
    ];
    await this.#insert({
      events,
      doing: `commit loads of ${table}`,
      where: `WHERE nowInBlock64(6) < fromUnixTimestamp64Milli({deadline:Int64})
        AND hour NOT IN (SELECT toUnixTimestamp(hour) FROM ${this.#server.name('loads')}
          WHERE event = 'abandoned' AND table_name = {table:String} AND load_id IN {loads:Array(UInt64)})`,
      parameters: { table, loads: receipts.map(({ loadId }) => BigInt(loadId)), deadline: Math.trunc(deadlineMs) },
      signal,
    });
  }

  async #insert(request: {
    readonly events: readonly LedgerEvent[];
    readonly doing: string;
    readonly where: string;
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly signal: AbortSignal | undefined;
  }): Promise<void> {
    await this.#server.insert(
      {
        sql: `INSERT INTO ${this.#server.name('loads')} (${quoteList(LEDGER_COLUMN_NAMES)})
          SELECT ${LEDGER_CONVERSIONS.join(', ')} FROM input(${quoteString(LEDGER_INPUT)}) ${request.where}
          FORMAT JSONEachRow`,
        doing: request.doing,
        parameters: request.parameters,
        signal: request.signal,
        settings: ONE_BLOCK,
      },
      'insert-facts',
      jsonLines(request.events.map(ledgerRow)),
    );
  }
}
