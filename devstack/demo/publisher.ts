/** The publisher: puts the demo feed into the bucket, first what is past, then hour by hour on the clock. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { objectKey } from '../../domain/feed-object.ts';
import { addHours, HOUR_MS, hourStartMs, lastCompleteHour, type Hour } from '../../domain/hour.ts';
import { packLines } from './archive.ts';
import { generateHour } from './hour.ts';
import type { Manifest, ManifestEntry } from './manifest.ts';
import { linesOf, publicationsOf, type DemoFeed, type Publication, type PublishedLines } from './publications.ts';

/** What the publisher works with. */
export interface PublisherOptions {
  readonly feed: DemoFeed;
  /** First hour of the feed. */
  readonly from: Hour;
  readonly client: S3Client;
  readonly bucket: string;
  /** "" or ending in "/". */
  readonly prefix: string;
  readonly manifest: Manifest;
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number;
}

/** Told after every hour that is published. */
export type PublishListener = (hour: Hour, objects: readonly ManifestEntry[]) => void;

/** An hour's objects come one minute after its end. */
const REGULAR_DELAY_MS = HOUR_MS + 60_000;
const UPLOADS_AT_ONCE = 4;
/** How long the ticker sleeps at most, as laptops sleep too and clocks are set. */
const LONGEST_SLEEP_MS = 30_000;
const RETRY_DELAY_MS = 5_000;

/** Publishes the demo feed. One at a time per manifest. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #now: () => number;
  readonly #startedMs: number;
  /** Publications of past hours that are still to come, in no order. */
  #waiting: Publication[] = [];
  #nextHour: Hour;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#startedMs = this.#now();
    this.#nextHour = options.from;
  }

  /**
   * When a publication comes. What would have come while nobody was publishing comes at the start; the late and the repeated ones
   * as long after that, so that they can be watched.
   */
  #dueMs(publication: Publication): number {
    const regularMs = hourStartMs(publication.hour) + REGULAR_DELAY_MS;
    return Math.max(regularMs, this.#startedMs) + publication.delayMs;
  }

  /**
   * Publishes all that is due now and not published yet, oldest hour first.
   * @returns how many objects were published
   */
  async publishDue(listen: PublishListener = () => undefined, signal?: AbortSignal): Promise<number> {
    const due = this.#takeDue();
    let published = 0;
    for (const [hour, publications] of groupByHour(due)) {
      signal?.throwIfAborted();
      const objects = await this.#publishHour(hour, publications);
      published += objects.length;
      listen(hour, objects);
    }
    return published;
  }

  /** Publishes what comes due until the signal ends it; after a failed upload it tries again. */
  async run(listen: PublishListener, fail: (error: unknown) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let delayMs = this.#untilNextMs();
      try {
        await this.publishDue(listen, signal);
      } catch (error) {
        if (isAborted(signal)) return;
        fail(error);
        this.#nextHour = this.#options.from; // what was not published is found again by the manifest
        this.#waiting = [];
        delayMs = RETRY_DELAY_MS;
      }
      await sleep(Math.min(delayMs, LONGEST_SLEEP_MS), undefined, { signal }).catch(() => undefined);
    }
  }

  #takeDue(): Publication[] {
    const nowMs = this.#now();
    for (; this.#nextHour <= lastCompleteHour(nowMs); this.#nextHour = addHours(this.#nextHour, 1)) {
      const fresh = publicationsOf(this.#options.feed, this.#nextHour).filter((one) => !this.#isPublished(one));
      this.#waiting.push(...fresh);
    }
    const due = this.#waiting.filter((publication) => this.#dueMs(publication) <= nowMs);
    this.#waiting = this.#waiting.filter((publication) => this.#dueMs(publication) > nowMs);
    // After a long sleep two versions of one object may be due at once: the later one is what the bucket must hold.
    return due.filter(
      (one) => !due.some((other) => this.#key(other) === this.#key(one) && other.version > one.version),
    );
  }

  #untilNextMs(): number {
    const next = Math.min(
      ...this.#waiting.map((one) => this.#dueMs(one)),
      hourStartMs(this.#nextHour) + REGULAR_DELAY_MS,
    );
    return Math.max(100, next - this.#now());
  }

  #isPublished(publication: Publication): boolean {
    const entry = this.#options.manifest.entries.get(this.#key(publication));
    return entry !== undefined && entry.version >= publication.version;
  }

  #key({ table, hour }: Publication): string {
    return this.#options.prefix + objectKey(table, hour);
  }

  async #publishHour(hour: Hour, publications: readonly Publication[]): Promise<ManifestEntry[]> {
    const { feed, manifest } = this.#options;
    const lines = generateHour(feed, hour);
    const limit = pLimit(UPLOADS_AT_ONCE);
    const publish = async (publication: Publication): Promise<ManifestEntry> => {
      const entry = await this.#upload(publication, linesOf(feed, publication, lines));
      manifest.add(entry);
      return entry;
    };
    return Promise.all(publications.map((publication) => limit(publish, publication)));
  }

  async #upload(publication: Publication, { lines, badLines }: PublishedLines): Promise<ManifestEntry> {
    const { client, bucket } = this.#options;
    const { table, hour, version, imperfection } = publication;
    const body = await packLines(table, lines);
    const key = this.#key(publication);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/zip' }));
    return {
      key,
      table,
      hour,
      version,
      lines: lines.length,
      badLines,
      rows: lines.length - badLines,
      sizeBytes: body.length,
      publishedAt: new Date(this.#now()).toISOString(),
      ...(imperfection === undefined ? {} : { imperfection }),
    };
  }
}

function groupByHour(publications: readonly Publication[]): [Hour, Publication[]][] {
  const hours = new Map<Hour, Publication[]>();
  for (const publication of publications) {
    const group = hours.get(publication.hour);
    if (group) group.push(publication);
    else hours.set(publication.hour, [publication]);
  }
  return [...hours].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A call, so that the compiler does not take the flag for a constant. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
