/** Names the state of the ledger, for those who remember what they have read. */
import type { ClickHouseServer } from '../server.ts';

/** A text that is another one after every event that the ledger takes. */
export async function readLedgerVersion(server: ClickHouseServer, signal?: AbortSignal): Promise<string> {
  const [row] = await server.query<{ events: string; newest: string }>({
    sql: `SELECT count(load_id) AS events, toString(max(recorded_at)) AS newest FROM ${server.name('loads')}`,
    doing: 'read how far the ledger is',
    signal,
  });
  return `${row?.events ?? ''} ${row?.newest ?? ''}`;
}
