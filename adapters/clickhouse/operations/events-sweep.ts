/** Derived loads that are no longer needed: they can be derived again at any time, so the rule is simpler than that of the feed. */
import type { SweepRules } from '../../../activities/operations/ports.ts';
import { EVENTS_TABLE } from '../../../domain/events.ts';
import { SESSIONS_TABLE } from '../../../domain/session-days.ts';
import { hourAt, type Hour } from '../../../domain/hour.ts';
import { asLoadId, type LoadId } from '../../../domain/load-id.ts';
import { doomedMonths, monthChain, MONTHS_TABLE } from '../../../domain/months.ts';
import { createMonthsStore } from '../insight/months-store.ts';
import { settledSql } from '../load-ids.ts';
import type { ClickHouseServer } from '../server.ts';

/** What is derived: its name in the ledger, and the view that says which of its loads readers see (load_id) and where it is fresh. */
const DERIVED = {
  [EVENTS_TABLE]: { state: 'events_state', place: 'hour', fresh: 'fresh', of: 'page views' },
  [SESSIONS_TABLE]: { state: 'days_state', place: 'day', fresh: 'load_id != 0', of: 'sessions of days' },
} as const;

/**
 * Derived loads that readers do not see, once a settled load that rests on the current sources stands in their place, or a source of
 * theirs is given up. Those whose sources a truncation merely hides stay: a restoration shows them at once.
 */
export async function doomedDerived(
  server: ClickHouseServer,
  table: keyof typeof DERIVED,
  { attemptMs, settleMs, loadsMax }: SweepRules,
  signal: AbortSignal,
): Promise<{ readonly hour: Hour; readonly loadId: LoadId }[]> {
  const loads = server.name('loads');
  const { state, place, fresh, of } = DERIVED[table];
  const rows = await server.query<{ load_id: string; hour_s: number }>({
    sql: `SELECT DISTINCT load_id, toUnixTimestamp(hour) AS hour_s FROM ${loads}
      WHERE event = 'committed' AND table_name = {table:String} AND ${settledSql('load_id')}
        AND load_id NOT IN (SELECT load_id FROM ${loads} WHERE event = 'abandoned' AND table_name = {table:String})
        AND load_id NOT IN (SELECT load_id FROM ${server.name(state)} WHERE load_id != 0)
        AND (hour IN (SELECT ${place} FROM ${server.name(state)} WHERE ${fresh} AND ${settledSql('load_id')})
          OR hasAny(sources, (SELECT groupUniqArray(load_id) FROM ${loads} WHERE event = 'abandoned' AND table_name != {table:String})))
      ORDER BY load_id LIMIT {limit:UInt64}`,
    doing: `look for ${of} that are no longer needed`,
    parameters: { table, attempt: attemptMs, settle: settleMs, limit: loadsMax + 1 },
    signal,
  });
  return rows.map(({ load_id, hour_s }) => ({ loadId: asLoadId(load_id), hour: hourAt(hour_s * 1000) }));
}

/** Loads of months that can be deleted, by the rule in domain/months.ts. */
export async function doomedMonthLoads(
  server: ClickHouseServer,
  { attemptMs, settleMs, loadsMax }: SweepRules,
  signal: AbortSignal,
): Promise<{ readonly hour: Hour; readonly loadId: LoadId }[]> {
  const { serverNowMs, months, standing } = await createMonthsStore(server).state(signal);
  const givenUp = await eventsGivenUp(server, signal);
  const clock = { nowMs: serverNowMs, attemptMs, settleMs };
  const doomed = doomedMonths(standing, monthChain(months, standing), givenUp, clock);
  return doomed.slice(0, loadsMax + 1).map(({ month, loadId }) => ({ hour: month, loadId }));
}

/** Which of the loads of events that months rest on are given up. */
async function eventsGivenUp(server: ClickHouseServer, signal: AbortSignal): Promise<ReadonlySet<LoadId>> {
  const loads = server.name('loads');
  const rows = await server.query<{ load_id: string }>({
    sql: `SELECT DISTINCT load_id FROM ${loads}
      WHERE event = 'abandoned' AND table_name = '${EVENTS_TABLE}'
        AND load_id IN (SELECT arrayJoin(sources) FROM ${loads} WHERE event = 'committed' AND table_name = '${MONTHS_TABLE}')`,
    doing: 'look for months whose page views are given up',
    signal,
  });
  return new Set(rows.map(({ load_id }) => asLoadId(load_id)));
}

/** Loads of the feed that page views rest on which readers see: they stay until newer page views are built. */
export async function sourcesInUse(server: ClickHouseServer, signal: AbortSignal): Promise<ReadonlySet<LoadId>> {
  const rows = await server.query<{ source: string }>({
    sql: `SELECT DISTINCT arrayJoin(sources) AS source FROM ${server.name('loads')}
      WHERE event = 'committed' AND table_name = {table:String}
        AND load_id IN (SELECT load_id FROM ${server.name('events_state')} WHERE load_id != 0 AND NOT fresh)`,
    doing: 'read what page views rest on',
    parameters: { table: EVENTS_TABLE },
    signal,
  });
  return new Set(rows.map(({ source }) => asLoadId(source)));
}
