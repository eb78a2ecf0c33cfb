/** Load ids in SQL: the port that draws them, unique over the server's threads and queries and growing with its clock; and their clock. */
import type { LoadIds } from '../../activities/ports.ts';
import { asLoadId, LOAD_ID_CLOCK_SHIFT } from '../../domain/load-id.ts';
import type { ClickHouseServer } from './server.ts';

/** SQL of the clock part of a load id: milliseconds since 1970. In TypeScript: `loadIdClockMs`. */
export function loadIdClockMsSql(id: string): string {
  return `bitShiftRight(${id}, ${LOAD_ID_CLOCK_SHIFT})`;
}

/** SQL of `isSettled` in domain/sweep.ts. Parameters: `attempt`, `settle`, milliseconds. */
export function settledSql(id: string): string {
  return `${loadIdClockMsSql(id)} + {attempt:UInt64} + {settle:UInt64} < toUnixTimestamp64Milli(now64(3))`;
}

/** Makes the port. */
export function createLoadIds(server: ClickHouseServer): LoadIds {
  return {
    async draw(count, signal) {
      const rows = await server.query<{ id: string }>({
        sql: 'SELECT generateSnowflakeID() AS id FROM numbers({count:UInt32})',
        doing: 'draw load ids',
        parameters: { count },
        signal,
      });
      return rows.map(({ id }) => asLoadId(id));
    },
  };
}
