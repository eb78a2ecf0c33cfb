/** Which days of a range have their sessions stored, and which loads of events lie beside them. */
import type { HourRange } from '../../../domain/hour.ts';
import { asLoadId, type LoadId } from '../../../domain/load-id.ts';
import { hourSeconds } from '../rows.ts';
import type { ClickHouseServer } from '../server.ts';
import { daysStateSql } from './views.ts';

/** What {@link daysOf} found, by range; see {@link rangeKey}. */
export type DaysByRange = ReadonlyMap<string, SeenDays>;

/** For statements that name loads: twenty bytes each, of every day, or of every hour where no days are stored. */
export const LIST_SETTINGS = { max_query_size: '67108864' } as const;

/** The key of a range in {@link DaysByRange}. */
export function rangeKey({ from, to }: HourRange): string {
  return `${from} ${to}`;
}

/** Reads the days of several ranges. */
export async function daysOf(
  server: ClickHouseServer,
  ranges: readonly HourRange[],
  signal?: AbortSignal,
): Promise<DaysByRange> {
  return new Map(
    await Promise.all(
      ranges.map(async (range) => [rangeKey(range), await readSeenDays(server, range, signal)] as const),
    ),
  );
}

/** Loads that together hold each hour of a range that readers see, once. */
export interface SeenDays {
  /** Loads of sessions, a day each. */
  readonly days: readonly LoadId[];
  /** Loads of events of the other hours: of the day that runs, of days at the ends of the range, of days to be built again. */
  readonly otherLoads: readonly LoadId[];
  /** The days of those hours, seconds since 1970: by them ClickHouse finds the rows without reading all. */
  readonly otherDays: readonly number[];
}

/**
 * Reads the ledger. What is asked next takes rows by these ids: a load that is not current any more keeps its rows for an hour, so
 * the answer is that of this moment, whole.
 */
async function readSeenDays(server: ClickHouseServer, range: HourRange, signal?: AbortSignal): Promise<SeenDays> {
  const within = `hour >= {from:DateTime('UTC')} AND hour < {to:DateTime('UTC')}`;
  const state = daysStateSql(server.name.bind(server), within);
  const rows = await server.query<{ day_s: number; load_id: string; others: readonly string[] }>({
    sql: `SELECT toUnixTimestamp(day) AS day_s, load_id, if(load_id = 0, sources, []) AS others FROM (${state})`,
    doing: 'read which days there are',
    parameters: { from: Math.max(hourSeconds(range.from), 0), to: Math.max(hourSeconds(range.to), 0) },
    signal,
  });
  return {
    days: rows.filter(({ load_id }) => load_id !== '0').map(({ load_id }) => asLoadId(load_id)),
    otherLoads: rows.flatMap(({ others }) => others.map(asLoadId)),
    otherDays: rows.filter(({ load_id }) => load_id === '0').map(({ day_s }) => day_s),
  };
}
