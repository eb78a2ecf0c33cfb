/** All that loading needs of one ClickHouse server. */
import type { Ledger, LoadIds, Warehouse } from '../../activities/ports.ts';
import { createLedger } from './ledger.ts';
import { createLoadIds } from './load-ids.ts';
import type { ClickHouseServer } from './server.ts';
import { createWarehouse } from './warehouse.ts';

/** Makes the ports. The database must be set up. */
export function createLoadPorts(server: ClickHouseServer): {
  readonly warehouse: Warehouse;
  readonly ledger: Ledger;
  readonly loadIds: LoadIds;
} {
  return { warehouse: createWarehouse(server), ledger: createLedger(server), loadIds: createLoadIds(server) };
}
