/** Parts of sessions straight in ClickHouse, under loads of events as `loadHour` and `buildEvents` would have left them. */
import { hourStartMs, type Hour } from '../../../../domain/hour.ts';
import type { Fixture } from '../fixture.ts';

/** A part as it is stored; what it lacks of the table's columns stays empty. */
export interface StoredPart {
  readonly hour: Hour;
  readonly visitor: number;
  /** Milliseconds since 1970. */
  readonly beginsMs: number;
  readonly endsMs: number;
  readonly pages: readonly string[];
  readonly dimensions?: Readonly<Record<string, string | number | null>>;
}

function secondsOf(hour: Hour): number {
  return hourStartMs(hour) / 1000;
}

/** The load of a table of that hour; 1 to 4: those of the feed, 5: its events. */
function loadIdOf(hour: Hour, table: number, version: number): number {
  return secondsOf(hour) * 1000 + table * 100 + version;
}

/** Stores the parts under a new load of events for each of the hours. @param version a greater one takes the place of a lesser */
export async function storeParts(
  { database }: Fixture,
  hours: readonly Hour[],
  parts: readonly StoredPart[],
  version: number,
): Promise<void> {
  const loads = hours.flatMap((hour) => {
    const load = (table_name: string, table: number): object => {
      return { event: 'committed', table_name, hour: secondsOf(hour), load_id: loadIdOf(hour, table, version) };
    };
    const sources = [1, 2, 0, 4].map((table) => (table === 0 ? 0 : loadIdOf(hour, table, version)));
    return [
      load('browser_events', 1),
      load('device_events', 2),
      load('location_events', 4),
      { ...load('events', 5), sources },
    ];
  });
  const micros = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
  const rows = parts.map((part, index) => ({
    visitor: part.visitor,
    started_at: micros(part.beginsMs),
    ended_at: micros(part.endsMs),
    first_line: index,
    page_views: part.pages.length,
    purchases: part.pages.filter((page) => page === '/confirmation').length,
    pages: part.pages,
    ...part.dimensions,
    _hour: secondsOf(part.hour),
    _load: loadIdOf(part.hour, 5, version),
  }));
  await database.client.insert({ table: 'session_parts_raw', values: rows, format: 'JSONEachRow' });
  await database.client.insert({ table: 'loads', values: loads, format: 'JSONEachRow' });
}
