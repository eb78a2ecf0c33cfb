/**
 * The sweep of one table. First it gives up what can never be seen again (`abandoned(swept)`), then it deletes rows of loads that
 * are given up, by literal ids: never by a subquery, whose answer may change while the DELETE runs. Orphans are found from the rows
 * themselves, as an INSERT that timed out may store rows late.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sweeper, SweepRules } from '../../../activities/operations/ports.ts';
import { EVENTS_TABLE } from '../../../domain/events.ts';
import { hourAt, type Hour } from '../../../domain/hour.ts';
import { asLoadId, type LoadId } from '../../../domain/load-id.ts';
import { settledSql } from '../load-ids.ts';
import { doomedLoads } from '../../../domain/sweep.ts';
import { MONTHS_TABLE } from '../../../domain/months.ts';
import { SESSIONS_TABLE } from '../../../domain/session-days.ts';
import type { SweepReport, SweptTable } from '../../../domain/truncation.ts';
import { rawName } from '../columns.ts';
import { HOURLY_TABLES, MONTHLY_TABLES, SESSION_DAYS } from '../insight/tables.ts';
import { hourSeconds } from '../rows.ts';
import type { ClickHouseServer } from '../server.ts';
import { doomedDerived, doomedMonthLoads } from './events-sweep.ts';
import { readSweepView } from './sweep-view.ts';

/** A mutation rewrites the parts that hold the rows; it is over when the statement is. */
const WAIT_FOR_DELETE = { mutations_sync: '1', lightweight_deletes_sync: '1' } as const;
/** Looking for orphans reads one column of the whole table. */
const SCAN_TIMEOUT_MS = 10 * 60_000;
const SETTLED = settledSql('load_id');

/** Makes the port. The database must be set up. */
export function createSweeper(server: ClickHouseServer): Sweeper {
  return new ClickHouseSweeper(server);
}

/** What the ledger calls a table whose loads are swept. */
type SweptLoads = SweptTable | typeof SESSIONS_TABLE | typeof MONTHS_TABLE;

/** A table that holds rows under load ids. */
interface Store {
  readonly name: string;
  readonly loadColumn: string;
  readonly hourColumn: string;
  /** SQL that is true for the rows of the swept table. */
  readonly where: string;
  readonly isQuarantine: boolean;
}

/** What was deleted of one store. */
interface Deletion {
  readonly store: Store;
  readonly loadIds: readonly string[];
  readonly rows: number;
  readonly more: boolean;
}

interface StoredLoad {
  readonly load_id: string;
  readonly hour_s: number;
  readonly row_count: string;
}

/** A load that is to be given up. */
interface GivenUp {
  readonly loadId: LoadId;
  readonly hour: Hour;
}

class ClickHouseSweeper implements Sweeper {
  readonly #server: ClickHouseServer;

  constructor(server: ClickHouseServer) {
    this.#server = server;
  }

  async sweep(table: SweptTable, rules: SweepRules, signal: AbortSignal): Promise<SweepReport> {
    const report = await this.#sweepLoads(table, rules, signal);
    if (table !== EVENTS_TABLE) return { table, ...report };
    // Days and months rest on page views: what these give up shows there at once.
    const reports = [report];
    for (const derived of [SESSIONS_TABLE, MONTHS_TABLE] as const) {
      reports.push(await this.#sweepLoads(derived, rules, signal));
    }
    const sum = (key: 'abandonedLoads' | 'deletedLoads' | 'deletedRows' | 'deletedQuarantined'): number =>
      reports.reduce((total, one) => total + one[key], 0);
    return {
      table,
      abandonedLoads: sum('abandonedLoads'),
      deletedLoads: sum('deletedLoads'),
      deletedRows: sum('deletedRows'),
      deletedQuarantined: sum('deletedQuarantined'),
      more: reports.some(({ more }) => more),
    };
  }

  async #sweepLoads(table: SweptLoads, rules: SweepRules, signal: AbortSignal): Promise<Omit<SweepReport, 'table'>> {
    const stores = storesOf(table);
    const found = await this.#doomed(table, rules, signal);
    for (const store of stores) found.push(...(await this.#orphans(store, table, rules, signal)));
    const given = distinct(found).slice(0, rules.loadsMax);
    if (given.length > 0) await this.#abandon(table, given, signal);
    await this.#letQueriesTakeHold(table, rules, signal);
    const deletions: Deletion[] = [];
    for (const store of stores) deletions.push(await this.#deleteDead(store, table, rules, signal));
    const rowsOf = (wanted: boolean): number =>
      deletions.reduce((total, { store, rows }) => total + (store.isQuarantine === wanted ? rows : 0), 0);
    return {
      abandonedLoads: given.length,
      deletedLoads: new Set(deletions.flatMap(({ loadIds }) => loadIds)).size,
      deletedRows: rowsOf(false),
      deletedQuarantined: rowsOf(true),
      more: found.length > given.length || deletions.some(({ more }) => more),
    };
  }

  async #doomed(table: SweptLoads, rules: SweepRules, signal: AbortSignal): Promise<GivenUp[]> {
    if (table === MONTHS_TABLE) return doomedMonthLoads(this.#server, rules, signal);
    if (table === EVENTS_TABLE || table === SESSIONS_TABLE) {
      return doomedDerived(this.#server, table, rules, signal);
    }
    const { view, nowMs } = await readSweepView(this.#server, table, rules, signal);
    return doomedLoads(view, { ...rules, nowMs });
  }

  /** Loads with rows that no event speaks of, though their attempt is long over. */
  async #orphans(store: Store, table: SweptLoads, rules: SweepRules, signal: AbortSignal): Promise<GivenUp[]> {
    const loads = this.#server.name('loads');
    const found = await this.#stored(
      store,
      table,
      `load_id NOT IN (SELECT load_id FROM ${loads} WHERE event IN ('committed', 'abandoned') AND table_name = {table:String})
        AND ${SETTLED}`,
      rules,
      signal,
    );
    return found.map(({ load_id, hour_s }) => ({ hour: hourAt(hour_s * 1000), loadId: asLoadId(load_id) }));
  }

  async #abandon(table: SweptLoads, given: readonly GivenUp[], signal: AbortSignal): Promise<void> {
    await this.#server.insert(
      {
        sql: `INSERT INTO ${this.#server.name('loads')} (event, table_name, hour, load_id, reason)
          SELECT 'abandoned', {table:String}, toDateTime(place.2, 'UTC'), place.1, 'swept'
          FROM (SELECT arrayJoin(arrayZip({loads:Array(UInt64)}, {hours:Array(UInt32)})) AS place)`,
        doing: `give up dead loads of ${table}`,
        parameters: {
          table,
          loads: given.map(({ loadId }) => BigInt(loadId)),
          hours: given.map(({ hour }) => hourSeconds(hour)),
        },
        signal,
      },
      'insert-facts',
      [],
    );
  }

  /**
   * Waits until the last purge is so long ago that a query begun before it has its snapshot of the rows. Here, and not in workflows,
   * as a sweep may come from elsewhere right behind a purge, or behind a truncation when there is no grace.
   */
  async #letQueriesTakeHold(table: SweptLoads, { purgeSettleMs }: SweepRules, signal: AbortSignal): Promise<void> {
    const [found] = await this.#server.query<{ readonly wait_ms: string }>({
      sql: `SELECT {settle:Int64} - dateDiff('millisecond', max(recorded_at), now64(6)) AS wait_ms
        FROM ${this.#server.name('loads')} WHERE event = 'abandoned' AND reason = 'purged' AND table_name = {table:String}
        HAVING wait_ms > 0`,
      doing: `look for a purge of ${table}`,
      parameters: { table, settle: purgeSettleMs },
      signal,
    });
    // Never longer, should the server's clock have been put back.
    if (found !== undefined) await sleep(Math.min(Number(found.wait_ms), purgeSettleMs), undefined, { signal });
  }

  /** Deletes the rows of loads that are given up since long enough; of purged ones now, as the operator asked for it. */
  async #deleteDead(store: Store, table: SweptLoads, rules: SweepRules, signal: AbortSignal): Promise<Deletion> {
    const loads = this.#server.name('loads');
    const abandoned = (which: string): string =>
      `load_id IN (SELECT load_id FROM ${loads} WHERE event = 'abandoned' AND table_name = {table:String} AND ${which})`;
    const found = await this.#stored(
      store,
      table,
      `${abandoned(`reason = 'purged'`)} OR
        (${abandoned(`(reason = 'swept' OR recorded_at < now64(6) - toIntervalMillisecond({settle:UInt64}))`)} AND ${SETTLED})`,
      rules,
      signal,
    );
    const dead = found.slice(0, rules.loadsMax);
    if (dead.length > 0) await this.#delete(store, table, dead, signal);
    return {
      store,
      loadIds: dead.map((load) => load.load_id),
      rows: dead.reduce((total, load) => total + Number(load.row_count), 0),
      more: found.length > dead.length,
    };
  }

  async #stored(
    store: Store,
    table: SweptLoads,
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

  async #delete(store: Store, table: SweptLoads, dead: readonly StoredLoad[], signal: AbortSignal): Promise<void> {
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

/** Where a load of the table has rows. */
function storesOf(table: SweptLoads): Store[] {
  const store = (name: string): Store => ({
    name,
    loadColumn: '_load',
    hourColumn: '_hour',
    where: '1',
    isQuarantine: false,
  });
  if (table === EVENTS_TABLE) return HOURLY_TABLES.map(({ raw }) => store(raw));
  if (table === SESSIONS_TABLE) return [store(SESSION_DAYS.raw)];
  if (table === MONTHS_TABLE) return MONTHLY_TABLES.map(({ raw }) => store(raw));
  const quarantine: Store = {
    name: 'quarantine',
    loadColumn: 'load_id',
    hourColumn: 'hour',
    where: 'table_name = {table:String}',
    isQuarantine: true,
  };
  return [store(rawName(table)), quarantine];
}

function distinct(loads: readonly GivenUp[]): GivenUp[] {
  return [...new Map(loads.map((load) => [load.loadId, load])).values()];
}
