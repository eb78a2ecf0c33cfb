/** Reads what the sweep decides on: the hours where something may be given up. */
import type { SweepRules } from '../../../activities/operations/ports.ts';
import type { TableName } from '../../../domain/catalogue.ts';
import { hourAt } from '../../../domain/hour.ts';
import type { RuleEvent } from '../../../domain/ledger.ts';
import { asLoadId } from '../../../domain/load-id.ts';
import type { SweepView } from '../../../domain/sweep.ts';
import type { ClickHouseServer } from '../server.ts';
import { sourcesInUse } from './events-sweep.ts';

interface SweepRow {
  readonly event: 'committed' | 'abandoned' | 'truncated' | 'restored' | 'purging' | 'clock';
  readonly hour_s: number;
  readonly load_id: string;
  readonly modified_ms: string;
  readonly seen_ids: readonly string[];
  readonly id: string;
  readonly names: readonly TableName[];
  readonly from_s: number;
  readonly to_s: number;
  readonly recorded_ms: string;
}

/** The view of one table and the server's clock, from one snapshot. */
export async function readSweepView(
  server: ClickHouseServer,
  table: TableName,
  { settleMs }: SweepRules,
  signal: AbortSignal,
): Promise<{ readonly view: SweepView; readonly nowMs: number }> {
  const inUse = await sourcesInUse(server, signal);
  const rows = await server.query<SweepRow>({
    sql: sweepViewSql(server),
    doing: `read the loads of ${table} that may be swept`,
    parameters: { table },
    signal,
    timeoutMs: SWEEP_VIEW_TIMEOUT_MS,
  });
  const nowMs = Number(rows.find(({ event }) => event === 'clock')?.modified_ms);
  const named = (event: SweepRow['event']): SweepRow[] => rows.filter((row) => row.event === event);
  // A restoration may still meet a purge that has only just begun, and win.
  const purgedForGood = named('purging').filter(({ recorded_ms }) => Number(recorded_ms) + settleMs <= nowMs);
  const restoredLately = named('restored').filter(({ recorded_ms }) => Number(recorded_ms) + settleMs > nowMs);
  const view: SweepView = {
    events: rows.flatMap((row) => ruleEvent(table, row)),
    purged: new Set(purgedForGood.map(({ id }) => id)),
    restoredLately: new Set(restoredLately.map(({ id }) => id)),
    inUse,
  };
  return { view, nowMs };
}

const SWEEP_VIEW_TIMEOUT_MS = 5 * 60_000;

/** Hours with more than one standing load, or with one under a purged truncation; nearly none, most of the time. */
function sweepViewSql(server: ClickHouseServer): string {
  const loads = server.name('loads');
  return `WITH purged AS (
      SELECT groupArray((truncation_id, tables, hour_from, hour_to)) AS truncations FROM ${loads}
      WHERE event = 'truncated' AND truncation_id IN (SELECT truncation_id FROM ${loads} WHERE event = 'purging')
    ), places AS (
      SELECT hour FROM ${loads} CROSS JOIN purged
      WHERE event = 'committed' AND table_name = {table:String}
        AND load_id NOT IN (SELECT load_id FROM ${loads} WHERE event = 'abandoned')
      GROUP BY hour
      HAVING uniqExact(load_id) > 1 OR
        max(arrayExists(t -> has(t.2, table_name) AND hour >= t.3 AND hour < t.4 AND NOT has(seen, t.1), truncations))
    )
    SELECT toString(event) AS event, toUnixTimestamp(hour) AS hour_s, load_id,
      toUnixTimestamp64Milli(object_modified) AS modified_ms, seen AS seen_ids, truncation_id AS id, tables AS names,
      toUnixTimestamp(hour_from) AS from_s, toUnixTimestamp(hour_to) AS to_s,
      toUnixTimestamp64Milli(CAST(recorded_at AS DateTime64(3))) AS recorded_ms
    FROM ${loads} AS l
    WHERE l.event IN ('truncated', 'restored', 'purging')
      OR (l.event IN ('committed', 'abandoned') AND table_name = {table:String} AND hour IN (SELECT hour FROM places))
    UNION ALL SELECT 'clock', 0, 0, toUnixTimestamp64Milli(now64(3)), [], '', [], 0, 0, 0`;
}

function ruleEvent(table: TableName, row: SweepRow): RuleEvent[] {
  const place = { table, hour: hourAt(row.hour_s * 1000), loadId: asLoadId(row.load_id) };
  switch (row.event) {
    case 'committed':
      return [{ event: 'committed', ...place, objectModifiedMs: Number(row.modified_ms), seen: row.seen_ids }];
    case 'abandoned':
      return [{ event: 'abandoned', ...place, reason: 'swept' }];
    case 'truncated':
      return [
        {
          event: 'truncated',
          truncationId: row.id,
          tables: row.names,
          from: hourAt(row.from_s * 1000),
          to: hourAt(row.to_s * 1000),
        },
      ];
    case 'restored':
      return [{ event: 'restored', truncationId: row.id }];
    default:
      return [];
  }
}
