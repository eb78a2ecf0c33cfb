/** The publishing delay of a feed whose history was copied into the bucket before anything was loaded. */
import { expect, test } from 'vitest';
import { createInsightReader } from '../../../../adapters/clickhouse/insight/index.ts';
import { addHours, hourStartMs, parseHour, type Hour, type HourRange } from '../../../../domain/hour.ts';
import { createFixture } from '../fixture.ts';

const START = parseHour('2024-05-01T00');
const COPIED_HOURS = 30;
const COPIED_MS = hourStartMs(addHours(START, 48)) + 60_000;

test('scorecard() judges the publishing delay without history that was uploaded in bulk, and says how much that is', async () => {
  const { database, server } = await createFixture();
  const reader = createInsightReader(server, { tables: ['browser_events'], nowMs: () => Date.UTC(2024, 5, 1) });
  const committed = (hour: Hour, modifiedMs: number): Record<string, unknown> => ({
    event: 'committed',
    table_name: 'browser_events',
    hour: hourStartMs(hour) / 1000,
    load_id: hourStartMs(hour),
    object_modified: new Date(modifiedMs).toISOString().slice(0, 23).replace('T', ' '),
  });
  const copied = Array.from({ length: COPIED_HOURS }, (_, index) => committed(addHours(START, index), COPIED_MS));
  const later = [60, 61, 62].map((count) => {
    const hour = addHours(START, count);
    return committed(hour, hourStartMs(addHours(hour, 1)) + 600_000);
  });
  await database.client.insert({ table: 'loads', values: [...copied, ...later], format: 'JSONEachRow' });
  const delays = async (range: HourRange) =>
    (await reader.scorecard(range)).lines.filter(({ id }) => id.startsWith('publishing_delay'));

  expect(await delays({ from: START, to: addHours(START, 72) })).toMatchObject([
    { value: 600, verdict: 'good', evidence: { objects: 3, bulk: COPIED_HOURS } },
    { value: 600, verdict: 'good', evidence: { objects: 3, bulk: COPIED_HOURS, latest: 600 } },
  ]);
  const [median] = await delays({ from: START, to: addHours(START, 24) });
  expect(median).toMatchObject({ verdict: 'unknown', evidence: { objects: 0, bulk: 24 } });
});
