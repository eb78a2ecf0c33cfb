/** The rule of the current events in SQL against the one in TypeScript, on random ledgers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVENT_SOURCES, EVENT_SPINE, eventsStates } from '../../../../domain/events.ts';
import { hourAt, hourStartMs, parseHour } from '../../../../domain/hour.ts';
import { dayStates, SESSIONS_TABLE } from '../../../../domain/session-days.ts';
import { anyEventsLedger, type EventsLedger } from '../../../support/events-ledgers.ts';
import { createEventsStore } from '../../../../adapters/clickhouse/insight/index.ts';
import { readSeenLoads } from '../../../../adapters/clickhouse/insight/seen-loads.ts';
import { createFixture, SIGNAL } from '../fixture.ts';

const EVER = { from: parseHour('2000-01-01T00'), to: parseHour('2100-01-01T00') };

test('events_state says what eventsStates() says, days_state what dayStates() says, readSeenLoads() both, and the store what is to be built, on any ledger', async () => {
  const { database, server } = await createFixture();
  await fc.assert(
    fc.asyncProperty(anyEventsLedger(), async (ledger) => {
      await database.client.command({ query: 'TRUNCATE TABLE loads' });
      const rows = rowsOf(ledger);
      if (rows.length > 0) await database.client.insert({ table: 'loads', values: rows, format: 'JSONEachRow' });
      const found = await database.rows<{ hour: number; sources: string[]; load_id: string; fresh: boolean }>(
        'SELECT toUnixTimestamp(hour) AS hour, sources, load_id, fresh FROM events_state',
      );
      const bySql = new Map(found.map((row) => [hourAt(row.hour * 1000), [row.sources, row.load_id, row.fresh]]));
      const states = eventsStates(ledger.events, ledger.builds);
      const byRule = new Map(
        [...states].map(([hour, state]) => [
          hour,
          [EVENT_SOURCES.map((table) => state.sources[table] ?? '0'), state.loadId ?? '0', state.fresh],
        ]),
      );
      expect(new Map([...bySql].sort())).toEqual(new Map([...byRule].sort()));

      const store = createEventsStore(server);
      const toBuild = [...states].flatMap(([hour, { fresh, sources }]) =>
        fresh || sources[EVENT_SPINE] === undefined ? [] : [hour],
      );
      toBuild.sort();
      expect(await store.staleHourNames(EVER, 1_000, SIGNAL)).toEqual(toBuild);
      expect(await store.staleHourNames(EVER, 1, SIGNAL)).toEqual(toBuild.slice(0, 1));
      expect((await store.staleHours(EVER, 1_000, SIGNAL)).hours.map(({ hour }) => hour)).toEqual(toBuild);

      const days = await database.rows<{ day: number; sources: string[]; load_id: string }>(
        'SELECT toUnixTimestamp(day) AS day, sources, load_id FROM days_state',
      );
      const abandoned = new Set(ledger.abandonedDays);
      const daysByRule = dayStates(states, ledger.days, abandoned);
      expect(days.map((row) => [hourAt(row.day * 1000), row.sources, row.load_id])).toEqual(
        [...daysByRule].map(([day, state]) => [day, state.sources, state.loadId ?? '0']),
      );

      const seen = await readSeenLoads(server);
      const stale = [...byRule].flatMap(([hour, [, loadId, fresh]]) =>
        loadId === '0' ? [] : [[hour, loadId, !fresh]],
      );
      expect(seen.hoursIn(EVER).map(({ hour, loadId, isStale }) => [hour, loadId, isStale])).toEqual(stale.sort());
      const loadsOfDays = [...daysByRule.values()].flatMap(({ loadId }) => loadId ?? []);
      expect([...seen.sessionsIn(EVER).days].sort()).toEqual(loadsOfDays.sort());
    }),
    { numRuns: 60 },
  );
}, 120_000);

function rowsOf({ events, builds, days, abandonedDays }: EventsLedger): Record<string, unknown>[] {
  const seconds = (hour: Parameters<typeof hourStartMs>[0]): number => hourStartMs(hour) / 1000;
  return [
    ...events.map((event) => {
      switch (event.event) {
        case 'committed':
          return {
            event: event.event,
            table_name: event.table,
            hour: seconds(event.hour),
            load_id: event.loadId,
            object_modified: new Date(event.objectModifiedMs).toISOString().slice(0, 23).replace('T', ' '),
            seen: event.seen,
          };
        case 'abandoned':
          return { event: event.event, table_name: event.table, hour: seconds(event.hour), load_id: event.loadId };
        case 'truncated':
          return {
            event: event.event,
            truncation_id: event.truncationId,
            tables: event.tables,
            hour_from: seconds(event.from),
            hour_to: seconds(event.to),
          };
        case 'restored':
          return { event: event.event, truncation_id: event.truncationId };
      }
    }),
    ...builds.map(({ hour, loadId, sources }) => ({
      event: 'committed',
      table_name: 'events',
      hour: seconds(hour),
      load_id: loadId,
      sources: EVENT_SOURCES.map((table) => sources[table] ?? '0'),
    })),
    ...days.map(({ day, loadId, sources }) => ({
      event: 'committed',
      table_name: SESSIONS_TABLE,
      hour: seconds(day),
      load_id: loadId,
      sources,
    })),
    ...abandonedDays.map((loadId) => ({ event: 'abandoned', table_name: SESSIONS_TABLE, load_id: loadId })),
  ];
}
