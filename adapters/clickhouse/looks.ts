/** What was seen of objects in the bucket, by whom it was last. */
import { loadIdClockMsSql } from './load-ids.ts';
import type { ClickHouseServer } from './server.ts';

/**
 * A SELECT of `table_name`, `hour`, `at_us`, `is_there`, `object_key`, `object_etag`: a row for each time that an object was looked for. Listings
 * left sightings; a load read its object after its id was drawn. Without the latter, what was loaded or rejected by hand would be
 * told by the listing before it until the next lookback.
 * @param where a condition on `table_name` and `hour`
 */
export function looksSql(server: ClickHouseServer, where: string): string {
  return `SELECT table_name, hour, toUnixTimestamp64Micro(seen_at) AS at_us, toUInt8(present) AS is_there, object_key, object_etag
      FROM ${server.name('sightings')} WHERE ${where}
      UNION ALL SELECT table_name, hour, toInt64(${loadIdClockMsSql('load_id')}) * 1000, 1, object_key, object_etag
      FROM ${server.name('loads')} WHERE event IN ('committed', 'rejected') AND ${where}`;
}
