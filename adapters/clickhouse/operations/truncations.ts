/**
 * Truncate, restore, purge. A restoration and a purge of one truncation may meet; the ledger has no locks, so they are told
 * apart by order: a purge announces itself (`purging`), then looks for a restoration, then gives all loads up in one block that
 * the server refuses once it is restored. A restoration is refused once a purge is announced; when it finds the announcement only
 * behind its own row, it waits until a purge that is under way would have shown. One of the two wins, whole.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Truncations } from '../../../activities/operations/ports.ts';
import type { TableRange } from '../../../activities/operations/api.ts';
import { InputError } from '../../../domain/errors.ts';
import { hourAt } from '../../../domain/hour.ts';
import type { HiddenLoads, PurgeReport, TruncationRecord } from '../../../domain/truncation.ts';
import { hourInRange, rangeParameters } from '../rows.ts';
import type { ClickHouseServer } from '../server.ts';
import { hiddenBy, readTruncations, type KnownTruncation } from './truncation-reads.ts';

/** A purge's block is refused by the server after this: a statement that began before a restoration has ended by then. */
const PURGE_STATEMENT_SECONDS = 5;
/** How long a restoration waits for a purge that it meets. */
const MEETING_MS = 8_000;
const MEETING_POLL_MS = 250;
/** One thread and no second block: all rows are one part. */
const ONE_BLOCK = { max_threads: 1, max_insert_threads: '1' } as const;

/** Makes the port. The database must be set up. */
export function createTruncations(server: ClickHouseServer): Truncations {
  return new ClickHouseTruncations(server);
}

class ClickHouseTruncations implements Truncations {
  readonly #server: ClickHouseServer;

  constructor(server: ClickHouseServer) {
    this.#server = server;
  }

  async truncate(request: TableRange & { readonly truncationId: string }, signal: AbortSignal): Promise<HiddenLoads> {
    const { truncationId, tables } = request;
    await this.#write(
      `SELECT 'truncated', {id:String}, {tables:Array(String)}, toDateTime({from:UInt32}, 'UTC'), toDateTime({to:UInt32}, 'UTC')`,
      { id: truncationId, tables: [...tables], ...rangeParameters(request) },
      'truncate',
      signal,
    );
    return hiddenBy(this.#server, await this.#find(truncationId, 'truncate', signal), signal);
  }

  async restore(truncationId: string, signal: AbortSignal): Promise<HiddenLoads> {
    const before = await this.#find(truncationId, 'restore', signal);
    if (before.isPurging && !before.isRestored) throw refusal(before);
    const hidden = await hiddenBy(this.#server, before, signal);
    if (hidden.loads === 0 && hidden.purgedLoads > 0) throw refusal(before);
    await this.#writeOnce('restored', truncationId, 'purging', signal);
    const after = await this.#find(truncationId, 'restore', signal);
    if (!after.isRestored) throw refusal(after);
    if (after.isPurging && !before.isRestored) await this.#waitForPurge(after, signal);
    return hiddenBy(this.#server, after, signal);
  }

  async purgeable(signal: AbortSignal): Promise<TruncationRecord[]> {
    const known = await readTruncations(this.#server, signal);
    return known
      .filter(({ isRestored, isPurging }) => !isRestored && !isPurging)
      .map(({ truncationId, tables, from, to, truncatedMs }) => ({ truncationId, tables, from, to, truncatedMs }));
  }

  async purge(truncationId: string, signal: AbortSignal): Promise<PurgeReport> {
    await this.#find(truncationId, 'purge', signal);
    await this.#writeOnce('purging', truncationId, 'restored', signal);
    const announced = await this.#find(truncationId, 'purge', signal);
    if (announced.isRestored) return { truncationId, outcome: 'restored-before', loads: announced.purgedLoads };
    await this.#giveUp(announced, signal);
    const { purgedLoads, isRestored } = await this.#find(truncationId, 'purge', signal);
    return {
      truncationId,
      outcome: isRestored && purgedLoads === 0 ? 'restored-before' : 'purged',
      loads: purgedLoads,
    };
  }

  /** Abandons every load that the truncation hides, in one block, unless it was restored. */
  async #giveUp(truncation: KnownTruncation, signal: AbortSignal): Promise<void> {
    const loads = this.#server.name('loads');
    await this.#server.insert(
      {
        sql: `INSERT INTO ${loads} (event, table_name, hour, load_id, reason, truncation_id)
          SELECT DISTINCT 'abandoned', table_name, hour, load_id, 'purged', {id:String} FROM ${loads}
          WHERE event = 'committed' AND has({tables:Array(String)}, table_name)
            AND ${hourInRange()} AND NOT has(seen, {id:String})
            AND load_id NOT IN (SELECT load_id FROM ${loads} WHERE event = 'abandoned')
            AND {id:String} NOT IN (SELECT truncation_id FROM ${loads} WHERE event = 'restored')`,
        doing: `purge ${truncation.truncationId}`,
        parameters: {
          id: truncation.truncationId,
          tables: [...truncation.tables],
          ...rangeParameters(truncation),
        },
        signal,
        settings: { ...ONE_BLOCK, max_execution_time: PURGE_STATEMENT_SECONDS },
      },
      'insert-facts',
      [],
    );
  }

  /** A purge that did not see our row shows within the time its statement may take; one that did see it has stopped. */
  async #waitForPurge(truncation: KnownTruncation, signal: AbortSignal): Promise<void> {
    for (let waitedMs = 0; waitedMs < MEETING_MS; waitedMs += MEETING_POLL_MS) {
      const now = await this.#find(truncation.truncationId, 'restore', signal);
      if (now.purgedLoads > 0) throw refusal(now);
      await sleep(MEETING_POLL_MS, undefined, { signal });
    }
  }

  async #find(truncationId: string, action: string, signal: AbortSignal): Promise<KnownTruncation> {
    const known = await readTruncations(this.#server, signal);
    const found = known.find((truncation) => truncation.truncationId === truncationId);
    if (found !== undefined) return found;
    const open = known.filter(({ isRestored, isPurging }) => !isRestored && !isPurging);
    const names = open.map((truncation) => truncation.truncationId).slice(-5);
    throw new InputError(
      `Cannot ${action} ${truncationId}: found no such truncation, expected ${names.length === 0 ? 'none, as none is in force' : `one such as ${names.join(', ')}`}`,
    );
  }

  /** Writes `event` of the truncation unless `unless` is there already. */
  async #writeOnce(
    event: 'restored' | 'purging',
    truncationId: string,
    unless: 'restored' | 'purging',
    signal: AbortSignal,
  ): Promise<void> {
    const loads = this.#server.name('loads');
    await this.#write(
      `SELECT {event:String}, {id:String}, [], toDateTime(0, 'UTC'), toDateTime(0, 'UTC')
        WHERE {id:String} NOT IN (SELECT truncation_id FROM ${loads} WHERE event IN ({event:String}, {unless:String}))`,
      { event, id: truncationId, unless },
      event === 'restored' ? 'restore' : 'purge',
      signal,
    );
  }

  async #write(
    select: string,
    parameters: Readonly<Record<string, unknown>>,
    doing: string,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#server.insert(
      {
        sql: `INSERT INTO ${this.#server.name('loads')} (event, truncation_id, tables, hour_from, hour_to) ${select}`,
        doing,
        parameters,
        signal,
      },
      'insert-facts',
      [],
    );
  }
}

function refusal({ truncationId, tables, from, to, purgedMs }: KnownTruncation): InputError {
  const since = purgedMs === undefined ? '' : ` since ${hourAt(purgedMs)} UTC`;
  return new InputError(
    `Cannot restore ${truncationId}: its rows of ${tables.join(', ')} from ${from} to ${to} are purged${since}; ` +
      'load them again with a backfill',
  );
}
