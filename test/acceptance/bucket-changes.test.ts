/** What changes in the bucket behind the service's back, found by the two workflows that look: on the whole service. */
import { describe, expect, it } from 'vitest';
import { objectKey } from '../../domain/feed-object.ts';
import { addHours, hourStartMs, lastCompleteHour, type Hour } from '../../domain/hour.ts';
import type { ReconcileProgress } from '../../workflows/reconcile-run.ts';
import { linesOf } from '../support/feed-lines.ts';
import { execute } from '../support/runs.ts';
import { deleteKey, publishObject } from '../support/s3.ts';
import { createService, type Service } from '../support/service.ts';

const TABLE = 'geo_events';
/** The lookback ends an hour before now: its own runs may still wait for the last one. */
const HOURS_BACK = 9;
const LINES = 10;

/** A service with five loaded hours of a table, all within a lookback, and a sixth that is absent. */
class ChangingFeed {
  readonly service: Service;
  readonly #start: Hour;

  private constructor(service: Service, start: Hour) {
    this.service = service;
    this.#start = start;
  }

  static async create(): Promise<ChangingFeed> {
    const start = addHours(lastCompleteHour(Date.now()), -HOURS_BACK);
    const feed = new ChangingFeed(await createService({ FEED_START: start, FEED_TABLES: TABLE }), start);
    for (let offset = 0; offset < 5; offset += 1) await feed.publish(offset, LINES);
    await feed.service.startWorker();
    expect(await execute(feed.service, 'backfill', 'backfill/1', feed.range)).toMatchObject({
      hours: { current: 5, absent: 1 },
    });
    return feed;
  }

  get range(): { from: Hour; to: Hour } {
    return { from: this.#start, to: this.hour(6) };
  }

  hour(offset: number): Hour {
    return addHours(this.#start, offset);
  }

  async publish(offset: number, lines: number): Promise<void> {
    const hour = this.hour(offset);
    await publishObject({ ...this.service, table: TABLE, hour, lines: linesOf(TABLE, hour, lines) });
  }

  /** One hour comes late, one is published again, one is deleted. */
  async change(): Promise<void> {
    await this.publish(5, 7);
    await this.publish(1, 12);
    await deleteKey(this.service.prefix + objectKey(TABLE, this.hour(2)));
  }

  async loseRow(offset: number): Promise<void> {
    await this.service.database.client.command({
      query: `DELETE FROM ${TABLE}_raw WHERE _hour = ${this.#time(offset)} AND _line = 4 SETTINGS lightweight_deletes_sync = 1`,
    });
  }

  async visibleRows(): Promise<number[]> {
    const rows = await this.service.database.rows<{ n: string }>(
      `SELECT count() AS n FROM ${TABLE} GROUP BY _hour ORDER BY _hour`,
    );
    return rows.map(({ n }) => Number(n));
  }

  /** Whether the last look saw an object of the hour. */
  async isPresent(offset: number): Promise<boolean | undefined> {
    const [sighting] = await this.service.database.rows<{ present: boolean }>(
      `SELECT present FROM sightings FINAL WHERE hour = ${this.#time(offset)} AND table_name = '${TABLE}'`,
    );
    return sighting?.present;
  }

  #time(offset: number): string {
    return `toDateTime(${hourStartMs(this.hour(offset)) / 1000}, 'UTC')`;
  }
}

describe('on the whole service', { timeout: 180_000 }, () => {
  it('reconcile() ends late, republished, deleted and returning objects as the bucket has them, and repairs lost rows', async () => {
    const feed = await ChangingFeed.create();
    await feed.change();
    await feed.loseRow(3);
    const reconcile = (number: number): Promise<ReconcileProgress> =>
      execute(feed.service, 'reconcile', `reconcile/${number}`, feed.range);
    const result = await reconcile(1);
    expect(result).toMatchObject({ presentObjects: 5, absentObjects: 1, alarmCount: 1 });
    expect(result.alarms).toMatchObject([
      { hour: feed.hour(3), expected: { rows: LINES }, found: { rows: LINES - 1 }, repaired: true },
    ]);
    expect(await feed.visibleRows()).toEqual([10, 12, 10, 10, 10, 7]);
    expect(await feed.isPresent(2)).toBe(false);
    await feed.publish(2, 9);
    expect(await reconcile(2)).toMatchObject({ loadedHours: 1, alarmCount: 0 });
    expect(await feed.visibleRows()).toEqual([10, 12, 9, 10, 10, 7]);
    expect(await feed.isPresent(2)).toBe(true);
    expect(await reconcile(3)).toMatchObject({ loadedHours: 0, alarmCount: 0 });
  });

  it('lookback() ends late, republished, deleted and returning objects as the bucket has them', async () => {
    const feed = await ChangingFeed.create();
    await feed.change();
    const lookback = (number: number): Promise<unknown> =>
      execute(feed.service, 'lookback', `lookback/${number}`, { hours: HOURS_BACK + 2 });
    expect(await lookback(1)).toMatchObject({ loadedHours: 2, presentObjects: 5 });
    expect(await feed.visibleRows()).toEqual([10, 12, 10, 10, 10, 7]);
    expect(await feed.isPresent(2)).toBe(false);
    await feed.publish(2, 9);
    expect(await lookback(2)).toMatchObject({ loadedHours: 1 });
    expect(await feed.visibleRows()).toEqual([10, 12, 9, 10, 10, 7]);
    expect(await feed.isPresent(2)).toBe(true);
    expect(await lookback(3)).toMatchObject({ loadedHours: 0 });
  });
});
