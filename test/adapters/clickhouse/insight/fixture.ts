/** A set-up database with the activities that derive page views, and lines loaded without a bucket. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createEventsActivities, type EventsActivities } from '../../../../activities/build-events.ts';
import { createLoadIds } from '../../../../adapters/clickhouse/index.ts';
import { createEventsStore } from '../../../../adapters/clickhouse/insight/index.ts';
import { TABLE_NAMES, type TableName } from '../../../../domain/catalogue.ts';
import type { EventsReport } from '../../../../domain/events-report.ts';
import { onlyHour, type Hour, type HourRange } from '../../../../domain/hour.ts';
import type { Receipt } from '../../../../domain/ledger.ts';
import type { LoadId } from '../../../../domain/load-id.ts';
import type { TestStack } from '../../../support/stack.ts';
import { createFixture, loadLines, type Fixture } from '../fixture.ts';

/** Lines of an hour, per table. */
export type HourLines = Readonly<Partial<Record<TableName, readonly string[]>>>;

/** A {@link Fixture} that can build page views. */
export interface InsightFixture extends Fixture {
  readonly activities: EventsActivities;
  build(range: HourRange): Promise<EventsReport>;
  /** Loads the tables of an hour, then builds its page views. */
  loadHour(hour: Hour, lines: HourLines): Promise<Partial<Record<TableName, LoadId>>>;
  /** Loads the tables of hours in ascending order, then builds the page views of all at once: a build for each takes a second each. */
  loadHours(hours: ReadonlyMap<Hour, HourLines>): Promise<void>;
  load(table: TableName, hour: Hour, lines: readonly string[], over?: Partial<Receipt>): Promise<LoadId>;
}

/** A database of the test's own, set up. */
export async function createInsightFixture(stack?: TestStack['clickhouse']): Promise<InsightFixture> {
  const fixture = await createFixture(stack);
  const activities = createEventsActivities({
    events: createEventsStore(fixture.server),
    loadIds: createLoadIds(fixture.server),
    workerName: 'test',
  });
  const build = (range: HourRange): Promise<EventsReport> => run(() => activities.buildEvents(range));
  const load: InsightFixture['load'] = (table, hour, lines, over) => loadLines(fixture, table, hour, lines, over);
  const loadTables = async (hour: Hour, lines: HourLines): Promise<Partial<Record<TableName, LoadId>>> => {
    const loads: Partial<Record<TableName, LoadId>> = {};
    for (const table of TABLE_NAMES) {
      const own = lines[table];
      if (own !== undefined) loads[table] = await load(table, hour, own);
    }
    return loads;
  };
  return {
    ...fixture,
    activities,
    build,
    load,
    async loadHour(hour, lines) {
      const loads = await loadTables(hour, lines);
      await build(onlyHour(hour));
      return loads;
    },
    async loadHours(hours) {
      for (const [hour, lines] of hours) await loadTables(hour, lines);
      const names = [...hours.keys()];
      const [first, last] = [names[0], names.at(-1)];
      if (first !== undefined && last !== undefined) await build({ from: first, to: onlyHour(last).to });
    },
  };
}

/** Calls an activity as a worker would. */
export function run<T>(call: () => Promise<T>): Promise<T> {
  return new MockActivityEnvironment({ startToCloseTimeoutMs: 120_000 }, { logger: new DefaultLogger('ERROR') }).run(
    call,
  );
}

const SAMPLE_DIR = process.env['CLICKFEED_FEED_SAMPLE'] ?? resolve('..', 'shared', 'feed-sample');

/** Whether the real sample of the feed is at hand: CLICKFEED_FEED_SAMPLE, or ../shared/feed-sample beside the repository. */
export const HAS_SAMPLE = existsSync(join(SAMPLE_DIR, 'browser_events.jsonl'));

/** The lines of the real sample. */
export function sampleLines(table: TableName): string[] {
  return readFileSync(join(SAMPLE_DIR, `${table}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n');
}
