/** The ledger port over ClickHouse. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Commit, CommitOutcome, Ledger, LedgerState, Sighting } from '../../activities/ports.ts';
import type { TableName } from '../../domain/catalogue.ts';
import { OutcomeUnknownError, UnavailableError } from '../../domain/errors.ts';
import type { Hour, HourRange } from '../../domain/hour.ts';
import type { AbandonReason, RejectedEvent } from '../../domain/ledger.ts';
import type { LoadId } from '../../domain/load-id.ts';
import { windowState } from '../../domain/window-state.ts';
import { commitLoads } from './commit.ts';
import { LedgerTable } from './ledger-table.ts';
import { hourSeconds, jsonLines } from './rows.ts';
import type { ClickHouseServer } from './server.ts';

/** Makes the port. The database must be set up. */
export function createLedger(server: ClickHouseServer): Ledger {
  return new ClickHouseLedger(server);
}

/** Waits before the second and third try of rows of which a second copy has no effect. */
const APPEND_DELAYS_MS = [200, 1_000] as const;

class ClickHouseLedger implements Ledger {
  readonly #server: ClickHouseServer;
  readonly #table: LedgerTable;

  constructor(server: ClickHouseServer) {
    this.#server = server;
    this.#table = new LedgerTable(server);
  }

  async state(table: TableName, range: HourRange, signal: AbortSignal): Promise<LedgerState> {
    const { serverNowMs, events } = await this.#table.read(table, range, signal);
    return { serverNowMs, ...windowState(table, range, events) };
  }

  truncationsInForce(signal: AbortSignal): Promise<string[]> {
    return this.#table.truncationsInForce(signal);
  }

  async commit(commit: Commit, signal: AbortSignal): Promise<ReadonlyMap<LoadId, CommitOutcome>> {
    return commit.receipts.length === 0 ? new Map() : commitLoads(this.#table, commit, signal);
  }

  async abandon(
    table: TableName,
    loads: readonly { hour: Hour; loadId: LoadId }[],
    reason: AbandonReason,
  ): Promise<void> {
    if (loads.length === 0) return;
    const events = loads.map(({ hour, loadId }) => ({ event: 'abandoned', table, hour, loadId, reason }) as const);
    await repeatable(() => this.#table.append(events));
  }

  async reject(rejection: Omit<RejectedEvent, 'event'>): Promise<void> {
    await repeatable(() => this.#table.append([{ event: 'rejected', ...rejection }]));
  }

  async recordSightings(sightings: readonly Sighting[], signal: AbortSignal): Promise<void> {
    if (sightings.length === 0) return;
    await this.#server.insert(
      {
        sql: `INSERT INTO ${this.#server.name('sightings')}
          (table_name, hour, present, object_key, object_etag, object_size_bytes, object_modified)
          SELECT table_name, toDateTime(hour, 'UTC'), present, key, etag, size_bytes, fromUnixTimestamp64Milli(modified_ms, 'UTC')
          FROM input('table_name String, hour UInt32, present Bool, key String, etag String, size_bytes UInt64, modified_ms Int64')
          FORMAT JSONEachRow`,
        doing: 'record what the bucket holds',
        signal,
      },
      'insert-facts',
      jsonLines(sightings.map(sightingRow)),
    );
  }
}

function sightingRow({ table, hour, object }: Sighting): Readonly<Record<string, unknown>> {
  return {
    table_name: table,
    hour: hourSeconds(hour),
    present: object !== undefined,
    key: object?.key ?? '',
    etag: object?.etag ?? '',
    size_bytes: object?.sizeBytes ?? 0,
    modified_ms: object?.modifiedMs ?? 0,
  };
}

async function repeatable(write: () => Promise<void>): Promise<void> {
  for (const delayMs of APPEND_DELAYS_MS) {
    try {
      await write();
      return;
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError || error instanceof UnavailableError)) throw error;
      await sleep(delayMs);
    }
  }
  await write();
}
