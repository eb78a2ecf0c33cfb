/** Derived loads that are no longer needed: they can be derived again at any time, so the rule is simpler than that of the feed. */
import type { SweepRules } from '../../../activities/operations/ports.ts';
import { EVENTS_TABLE } from '../../../domain/events.ts';
import { SESSIONS_TABLE } from '../../../domain/session-days.ts';
import { isSettled } from '../../../domain/sweep.ts';
import { hourAt, type Hour } from '../../../domain/hour.ts';
import { asLoadId, type LoadId } from '../../../domain/load-id.ts';
import { monthChain, MONTHS_TABLE, type MonthCommitted } from '../../../domain/months.ts';
import { createMonthsStore } from '../insight/months-store.ts';
import { loadIdClockMsSql } from '../load-ids.ts';
import type { ClickHouseServer } from '../server.ts';

/** What is derived: its name in the ledger, and the view that says which of its loads readers see (load_id) and where it is fresh. */
const DERIVED = {
  [EVENTS_TABLE]: { state: 'events_state', place: 'hour', fresh: 'fresh', of: 'page views' },
  [SESSIONS_TABLE]: { state: 'days_state', place: 'day', fresh: 'load_id != 0', of: 'sessions of days' },
} as const;

/** SQL of `isSettled` in domain/sweep.ts. Parameters: `attempt`, `settle`. */
function settled(id: string): string {
  return `${loadIdClockMsSql(id)} + {attempt:UInt64} + {settle:UInt64} < toUnixTimestamp64Milli(now64(3))`;
}

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
      WHERE event = 'committed' AND table_name = {table:String} AND ${settled('load_id')}
        AND load_id NOT IN (SELECT load_id FROM ${loads} WHERE event = 'abandoned' AND table_name = {table:String})
        AND load_id NOT IN (SELECT load_id FROM ${server.name(state)} WHERE load_id != 0)
        AND (hour IN (SELECT ${place} FROM ${server.name(state)} WHERE ${fresh} AND ${settled('load_id')})
          OR hasAny(sources, (SELECT groupUniqArray(load_id) FROM ${loads} WHERE event = 'abandoned' AND table_name != {table:String})))
      ORDER BY load_id LIMIT {limit:UInt64}`,
    doing: `look for ${of} that are no longer needed`,
    parameters: { table, attempt: attemptMs, settle: settleMs, limit: loadsMax + 1 },
    signal,
  });
  return rows.map(({ load_id, hour_s }) => ({ loadId: asLoadId(load_id), hour: hourAt(hour_s * 1000) }));
}

/** The same of months, which a chain shows in place of a view. */
export async function doomedMonths(
  server: ClickHouseServer,
  { attemptMs, settleMs, loadsMax }: SweepRules,
  signal: AbortSignal,
): Promise<{ readonly hour: Hour; readonly loadId: LoadId }[]> {
  const { serverNowMs, months, standing } = await createMonthsStore(server).state(signal);
  const isOver = ({ loadId }: MonthCommitted): boolean =>
    isSettled(loadId, { nowMs: serverNowMs, attemptMs, settleMs });
  const chain = monthChain(months, standing);
  const seen = new Set(chain.map(({ loadId }) => loadId));
  const replaced = new Set(chain.filter(isOver).map(({ month }) => month));
  const unseen = standing.filter((load) => !seen.has(load.loadId) && isOver(load));
  const gone = await eventsGivenUp(server, signal);
  const kept = new Set(standing.map(({ loadId }) => loadId));
  const doomed: MonthCommitted[] = [];
  // Oldest first: with a load go those that rest on it.
  for (const load of unseen.sort((a, b) => (a.month < b.month ? -1 : 1))) {
    const rests = load.previous === undefined || kept.has(load.previous);
    if (rests && !replaced.has(load.month) && !load.sources.some((id) => gone.has(id))) continue;
    kept.delete(load.loadId);
    doomed.push(load);
  }
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
