/** Names the state of the ledger, for those who remember what they have read. */
import type { ClickHouseServer } from '../server.ts';
import { LedgerWatch } from './ledger-watch.ts';

/** Makes the question: each answer is another text after every event that the ledger takes. Those who ask at once share an answer. */
export function createLedgerVersion(server: ClickHouseServer): () => Promise<string> {
  const watch = new LedgerWatch(server);
  return async () => (await watch.look()).version;
}
