/** The ledger as readers need it, read once for each of its states however many ask. */
import { UnavailableError } from '../../../domain/errors.ts';
import { PURGE_SETTLE_MS } from '../../../domain/sweep.ts';
import type { ClickHouseServer } from '../server.ts';
import { readSeenLoads, type SeenLoads } from './seen-loads.ts';

/** A state of the ledger. */
export interface LedgerLook {
  /** Another text after every event that the ledger takes. */
  readonly version: string;
  /** The server's clock when it was looked at, milliseconds since 1970. */
  readonly nowMs: number;
  /** How many loads were purged so far. */
  readonly purges: string;
}

/** An answer that took less than this has its rows for certain: those of a purge are kept longer. */
const SURE_MS = PURGE_SETTLE_MS / 2;
const TRIES_MAX = 3;

/** Looks at the ledger of one server. */
export class LedgerWatch {
  readonly #server: ClickHouseServer;
  readonly #monotonicMs: () => number;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<LedgerLook> | undefined;
  #known: { readonly version: string; readonly seen: Promise<SeenLoads> } | undefined;

  constructor(server: ClickHouseServer, monotonicMs: () => number = () => performance.now()) {
    this.#server = server;
    this.#monotonicMs = monotonicMs;
  }

  /** The state of a moment after the call. Whoever asks while one look is under way shares the next. */
  look(): Promise<LedgerLook> {
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        const look = this.#read();
        this.#running = look;
        return look;
      });
    return this.#next;
  }

  /** What readers see, of that state or a later one. */
  async seen({ version }: LedgerLook): Promise<SeenLoads> {
    const known = this.#known?.version === version ? this.#known : { version, seen: readSeenLoads(this.#server) };
    this.#known = known;
    try {
      return await known.seen;
    } catch (error) {
      if (this.#known === known) this.#known = undefined;
      throw error;
    }
  }

  /**
   * Answers out of the loads that readers see. Their rows are there for an hour after something newer took their place, but those
   * of a purge go after seconds: an answer that may have lost some is given up and worked out again.
   */
  async answer<T>(work: (seen: SeenLoads) => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let tried = 0; tried < TRIES_MAX; tried += 1) {
      const beganMs = this.#monotonicMs();
      const look = await this.look();
      const seen = await this.seen(look);
      signal?.throwIfAborted();
      const found = await work(seen);
      if (this.#monotonicMs() - beganMs < SURE_MS || (await this.look()).purges === look.purges) return found;
    }
    throw new UnavailableError(
      `Cannot answer from one state of the feed: found rows purged meanwhile ${TRIES_MAX} times, expected them to stay`,
    );
  }

  async #read(): Promise<LedgerLook> {
    const [row] = await this.#server.query<Record<'events' | 'newest' | 'now_ms' | 'purges', string>>({
      sql: `SELECT count() AS events, toString(max(recorded_at)) AS newest, toUnixTimestamp64Milli(now64(3)) AS now_ms,
        countIf(event = 'abandoned' AND reason = 'purged') AS purges FROM ${this.#server.name('loads')}`,
      doing: 'read how far the ledger is',
    });
    return {
      version: `${row?.events ?? ''} ${row?.newest ?? ''}`,
      nowMs: Number(row?.now_ms),
      purges: row?.purges ?? '',
    };
  }
}
