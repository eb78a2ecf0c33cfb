/**
 * What the activities need of the world, in words of the domain. Each adapter implements one of these;
 * `worker.ts` puts them together. Every method may throw the classes of domain/errors.ts and nothing else.
 */
import type { TableName } from '../domain/catalogue.ts';
import type { FeedObject, ListedObject, ObjectFormat } from '../domain/feed-object.ts';
import type { Hour, HourRange } from '../domain/hour.ts';
import type { AbandonReason, ObjectVersion, Receipt, RejectedEvent } from '../domain/ledger.ts';
import type { LoadId } from '../domain/load-id.ts';
import type { LinePath } from '../domain/loading.ts';
import type { HourState } from '../domain/plan.ts';
import type { QuarantinedLine } from '../domain/lines.ts';

/** Random access to the bytes of one version of one object. */
export interface ByteSource {
  readonly key: string;
  readonly sizeBytes: number;
  /**
   * Streams the bytes [startByte, endByte). Every read is pinned to the version (If-Match), its length checked,
   * and resumed after a broken connection.
   * @throws {ObjectChangedError} when the object was replaced or deleted
   * @throws {UnavailableError} when the bytes cannot be had after the bounded retries
   */
  read(startByte: number, endByte: number, signal: AbortSignal): AsyncIterable<Buffer>;
}

/** The bucket. */
export interface ObjectStore {
  /** The feed's prefix, "" or ending in "/". */
  readonly feedPrefix: string;
  /** Lists every key under a prefix, page after page. */
  list(prefix: string, signal: AbortSignal): AsyncIterable<ListedObject>;
  source(object: ListedObject): ByteSource;
}

/** Limits on what an archive may hold. */
export interface ArchiveCaps {
  /** Unpacked size of the entry, bytes. */
  readonly entrySizeBytes: number;
  /** Unpacked size divided by packed size, applied above 1 MiB unpacked. */
  readonly ratio: number;
  /** Entries in the central directory. */
  readonly entries: number;
}

/** What is known of an entry when its last byte has been read. */
export interface EntryFacts {
  readonly crc32: number;
  readonly sizeBytes: number;
}

/** The one entry of an archive, or the plain or stream-compressed lines. */
export interface Entry {
  /**
   * Streams the unpacked bytes; to be read once, to its end.
   * @throws {ObjectRejectedError} when the archive turns out broken, lying or over a cap (CRC-32 and sizes are checked at the end)
   */
  read(signal: AbortSignal): AsyncIterable<Buffer>;
  /** Facts of what was read; throws when the end was not reached. */
  facts(): EntryFacts;
}

/** Unpacks objects. */
export interface ArchiveReader {
  /** @throws {ObjectRejectedError} when the object is no archive with exactly the entry of that name */
  open(source: ByteSource, format: ObjectFormat, entryName: string, signal: AbortSignal): Promise<Entry>;
}

/** The ledger's state of a window, all from one snapshot. */
export interface LedgerState {
  /** The ClickHouse server's clock. */
  readonly serverNowMs: number;
  /** One per hour of the window that the ledger knows anything of. */
  readonly hours: ReadonlyMap<Hour, HourState>;
  /** Truncations in force that touch the table and the window. */
  readonly truncations: readonly string[];
}

/** A load that takes part in a row insert: `index` (1-based) is what the lines carry in `_n`. */
export interface InsertLoad {
  readonly index: number;
  readonly loadId: LoadId;
  readonly hour: Hour;
  /** Its object, as listed; the warehouse takes more care of what is large. */
  readonly object?: Pick<FeedObject, 'sizeBytes'>;
}

/** What is stored under a load id. */
export interface StoredCounts {
  readonly rows: number;
  readonly distinctLines: number;
  readonly quarantined: number;
  /** Optional field -> rows where it is NULL; fields without any are left out. */
  readonly nulls: Readonly<Record<string, number>>;
}

/** What a commit led to, per load. */
export type CommitOutcome = 'current' | 'superseded' | 'hidden' | 'abandoned';

/** A commit of loads of one table, all in one block. */
export interface Commit {
  readonly table: TableName;
  readonly receipts: readonly Receipt[];
  /** Current loads that the bucket no longer stands behind: abandoned(withdrawn) in the same block. */
  readonly withdraw: readonly { readonly hour: Hour; readonly loadId: LoadId }[];
  /** The server refuses the commit after this instant of its own clock. */
  readonly deadlineMs: number;
}

/** Where rows go: row inserts, and the counts of what is stored. */
export interface Warehouse {
  /**
   * Inserts framed lines (domain/lines.ts) under the loads' ids.
   * `fast` and `lifted` refuse what they cannot vouch for; `exact` takes lines that domain/exact-line.ts has proven and normalised.
   * @throws {NeedsExactPathError} when ClickHouse refuses a line (nothing is known of which)
   * @throws {OutcomeUnknownError | UnavailableError} else; rows may or may not be stored
   */
  insertRows(
    table: TableName,
    loads: readonly InsertLoad[],
    path: LinePath,
    lines: AsyncIterable<Buffer>,
    signal: AbortSignal,
  ): Promise<void>;
  insertQuarantine(
    object: FeedObject,
    loadId: LoadId,
    lines: readonly QuarantinedLine[],
    signal: AbortSignal,
  ): Promise<void>;
  /** Counts what is stored under the ids; ids without rows are in the answer with zeros. */
  countStored(
    table: TableName,
    loads: readonly InsertLoad[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<LoadId, StoredCounts>>;
}

/** What a listing saw of one (table, hour). */
export interface Sighting {
  readonly table: TableName;
  readonly hour: Hour;
  /** Undefined: absent. */
  readonly object?: ObjectVersion;
}

/** Where the ids of loads come from. */
export interface LoadIds {
  /** Draws so many ids that no other load has and will have, in ascending order; their clock is the ClickHouse server's, now. */
  draw(count: number, signal: AbortSignal): Promise<LoadId[]>;
}

/** The append-only record of every load. */
export interface Ledger {
  state(table: TableName, range: HourRange, signal: AbortSignal): Promise<LedgerState>;
  /** Ids of all truncations in force. */
  truncationsInForce(signal: AbortSignal): Promise<string[]>;
  /**
   * Commits in the server, conditionally on the deadline and on none of the ids being abandoned, then reads back
   * until the outcome is definite: on an unknown outcome the identical rows are written again, never abandoned.
   * @throws {CommitRefusedError} when the deadline had passed; nothing is committed then
   */
  commit(commit: Commit, signal: AbortSignal): Promise<ReadonlyMap<LoadId, CommitOutcome>>;
  abandon(table: TableName, loads: readonly { hour: Hour; loadId: LoadId }[], reason: AbandonReason): Promise<void>;
  reject(rejection: Omit<RejectedEvent, 'event'>): Promise<void>;
  recordSightings(sightings: readonly Sighting[], signal: AbortSignal): Promise<void>;
}
