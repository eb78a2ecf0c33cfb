/** The ledger is read once for each of its states, and an answer never stands on rows that a purge took away under it. */
import { expect, test, vi } from 'vitest';
import { LedgerWatch } from '../../../../adapters/clickhouse/insight/ledger-watch.ts';
import type { SeenLoads } from '../../../../adapters/clickhouse/insight/seen-loads.ts';
import { UnavailableError } from '../../../../domain/errors.ts';
import { addHours, onlyHour } from '../../../../domain/hour.ts';
import { PURGE_SETTLE_MS } from '../../../../domain/sweep.ts';
import { linesOf } from '../../../support/feed-lines.ts';
import { HOUR } from '../fixture.ts';
import { createInsightFixture, type InsightFixture } from './fixture.ts';

const DAY = { from: addHours(HOUR, -24), to: addHours(HOUR, 24) };

async function twoHours(): Promise<InsightFixture> {
  const fixture = await createInsightFixture();
  for (const hour of [HOUR, addHours(HOUR, 1)]) {
    await fixture.loadHour(hour, { browser_events: linesOf('browser_events', hour, 3) });
  }
  return fixture;
}

/** Gives up the events of an hour as a purge does. */
function purge({ database }: InsightFixture, loadId: string): Promise<unknown> {
  const row = { event: 'abandoned', table_name: 'events', load_id: loadId, reason: 'purged' };
  return database.client.insert({ table: 'loads', values: [row], format: 'JSONEachRow' });
}

const hoursOf = (seen: SeenLoads): string[] => seen.hoursIn(DAY).map(({ hour }) => hour);

test('LedgerWatch looks once for all who ask at once, and reads what readers see once until the ledger changes', async () => {
  const fixture = await twoHours();
  const asked = vi.spyOn(fixture.server, 'query');
  const watch = new LedgerWatch(fixture.server);
  const ask = (): Promise<string[]> => watch.answer((seen) => Promise.resolve(hoursOf(seen)));
  const both = [HOUR, addHours(HOUR, 1)];
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([both, both, both]);
  const [looks, reads] = [1, 3];
  expect(asked).toHaveBeenCalledTimes(looks + reads);
  expect(await ask()).toEqual(both);
  expect(asked).toHaveBeenCalledTimes(looks + 1 + reads);

  const later = addHours(HOUR, 2);
  await fixture.loadHour(later, { browser_events: linesOf('browser_events', later, 3) });
  expect(await ask()).toEqual([...both, later]);
});

test('LedgerWatch works an answer out again when it took long and rows were purged meanwhile', async () => {
  const fixture = await twoHours();
  let nowMs = 0;
  const watch = new LedgerWatch(fixture.server, () => (nowMs += PURGE_SETTLE_MS));
  const [load] = await watch.answer((seen) => Promise.resolve(seen.hoursIn(onlyHour(HOUR))));
  const answers: string[][] = [];
  const answer = await watch.answer(async (seen) => {
    if (answers.length === 0) await purge(fixture, load!.loadId);
    answers.push(hoursOf(seen));
    return hoursOf(seen);
  });
  expect(answers).toEqual([[HOUR, addHours(HOUR, 1)], [addHours(HOUR, 1)]]);
  expect(answer).toEqual([addHours(HOUR, 1)]);
});

test('LedgerWatch fails rather than to answer from rows that keep being purged', async () => {
  const fixture = await twoHours();
  let nowMs = 0;
  const watch = new LedgerWatch(fixture.server, () => (nowMs += PURGE_SETTLE_MS));
  await expect(watch.answer(() => purge(fixture, '1'))).rejects.toThrow(UnavailableError);
});

test('LedgerWatch asks again after a failure', async () => {
  const fixture = await twoHours();
  vi.spyOn(fixture.server, 'query').mockRejectedValueOnce(new UnavailableError('away'));
  const watch = new LedgerWatch(fixture.server);
  const ask = (): Promise<string[]> => watch.answer((seen) => Promise.resolve(hoursOf(seen)));
  await expect(ask()).rejects.toThrow('away');
  expect(await ask()).toHaveLength(2);
});
