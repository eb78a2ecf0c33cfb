/** When ClickHouse has come to rest. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseServer } from '../../adapters/clickhouse/index.ts';

/** ClickHouse is quiet when it merged nothing so many looks on end. */
const QUIET_LOOKS = 5;
const QUIET_EVERY_MS = 500;

/** Waits until ClickHouse merges no parts any more: what was loaded or copied before is no part of what is measured. */
export async function merged(server: ClickHouseServer): Promise<void> {
  for (let quiet = 0; quiet < QUIET_LOOKS; quiet += 1) {
    await sleep(QUIET_EVERY_MS);
    const sql = 'SELECT count() AS merges FROM system.merges';
    const [row] = await server.query<{ merges: string }>({ sql, doing: 'look at merges' });
    if (row?.merges !== '0') quiet = -1;
  }
}
