/** What the ledger says of truncations and of the loads under them. */
import type { TableName } from '../../../domain/catalogue.ts';
import { hourAt } from '../../../domain/hour.ts';
import type { HiddenLoads, TruncationRecord } from '../../../domain/truncation.ts';
import { hourInRange, rangeParameters } from '../rows.ts';
import type { ClickHouseServer } from '../server.ts';
import { inForceSql } from '../views.ts';

/** A truncation, in force or not. */
export interface KnownTruncation extends TruncationRecord {
  readonly isRestored: boolean;
  /** Whether a purge was announced. */
  readonly isPurging: boolean;
  /** When, by the server's clock, milliseconds since 1970. */
  readonly purgedMs?: number;
  /** Loads that its own purge gave up. */
  readonly purgedLoads: number;
}

interface TruncationRow {
  readonly id: string;
  readonly names: readonly TableName[];
  readonly from_s: number;
  readonly to_s: number;
  readonly truncated_ms: string;
  readonly restored: number;
  readonly purging_ms: string;
  readonly purged_loads: string;
}

/** Every truncation, oldest first, from one snapshot. */
export async function readTruncations(server: ClickHouseServer, signal: AbortSignal): Promise<KnownTruncation[]> {
  const rows = await server.query<TruncationRow>({
    sql: `SELECT truncation_id AS id, anyIf(tables, event = 'truncated') AS names,
        toUnixTimestamp(anyIf(hour_from, event = 'truncated')) AS from_s,
        toUnixTimestamp(anyIf(hour_to, event = 'truncated')) AS to_s,
        toUnixTimestamp64Milli(CAST(minIf(recorded_at, event = 'truncated') AS DateTime64(3))) AS truncated_ms,
        max(event = 'restored') AS restored,
        toUnixTimestamp64Milli(CAST(minIf(recorded_at, event = 'purging') AS DateTime64(3))) AS purging_ms,
        uniqExactIf(load_id, event = 'abandoned') AS purged_loads
      FROM ${server.name('loads')}
      WHERE truncation_id != '' AND event IN ('truncated', 'restored', 'purging', 'abandoned')
      GROUP BY id HAVING max(event = 'truncated') ORDER BY truncated_ms, id`,
    doing: 'read the truncations',
    signal,
  });
  return rows.map((row) => ({
    truncationId: row.id,
    tables: row.names,
    from: hourAt(row.from_s * 1000),
    to: hourAt(row.to_s * 1000),
    truncatedMs: Number(row.truncated_ms),
    isRestored: row.restored > 0,
    isPurging: Number(row.purging_ms) > 0,
    ...(Number(row.purging_ms) > 0 ? { purgedMs: Number(row.purging_ms) } : {}),
    purgedLoads: Number(row.purged_loads),
  }));
}

/**
 * The loads that readers would see without the truncation, whether or not it is still in force: the rule of the current load
 * with this truncation left out.
 */
export async function hiddenBy(
  server: ClickHouseServer,
  { truncationId, tables, from, to }: TruncationRecord,
  signal: AbortSignal,
): Promise<HiddenLoads> {
  const loads = server.name('loads');
  const [row] = await server.query<Record<'loads' | 'row_count' | 'bytes' | 'purged', string>>({
    sql: `WITH in_force AS (
        SELECT groupArray((truncation_id, tables, hour_from, hour_to)) AS truncations FROM ${loads}
        WHERE ${inForceSql(loads)} AND truncation_id != {id:String}
      ), covered AS (
        SELECT table_name, hour, load_id, object_modified, seen, rows, object_size_bytes FROM ${loads}
        WHERE event = 'committed' AND has({tables:Array(String)}, table_name)
          AND ${hourInRange()}
      ), best AS (
        SELECT argMax((load_id, seen, rows, object_size_bytes), (object_modified, load_id)) AS load FROM covered
        CROSS JOIN in_force
        WHERE load_id NOT IN (SELECT load_id FROM ${loads} WHERE event = 'abandoned')
          AND NOT arrayExists(t -> has(t.2, table_name) AND hour >= t.3 AND hour < t.4 AND NOT has(seen, t.1), truncations)
        GROUP BY table_name, hour
      )
      SELECT countIf(NOT has(load.2, {id:String})) AS loads, sumIf(load.3, NOT has(load.2, {id:String})) AS row_count,
        sumIf(load.4, NOT has(load.2, {id:String})) AS bytes,
        (SELECT uniqExact(load_id) FROM ${loads} WHERE event = 'abandoned' AND reason = 'purged' AND load_id IN
          (SELECT load_id FROM covered WHERE NOT has(seen, {id:String}))) AS purged
      FROM best`,
    doing: `read what ${truncationId} hides`,
    parameters: { id: truncationId, tables: [...tables], ...rangeParameters({ from, to }) },
    signal,
  });
  return {
    truncationId,
    tables,
    from,
    to,
    loads: Number(row?.loads ?? 0),
    rows: Number(row?.row_count ?? 0),
    sizeBytes: Number(row?.bytes ?? 0),
    purgedLoads: Number(row?.purged ?? 0),
  };
}
