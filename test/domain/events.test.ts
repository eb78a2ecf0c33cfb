import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { EVENT_SPINE, eventsStates, sameSources } from '../../domain/events.ts';
import { parseHour } from '../../domain/hour.ts';
import { currentLoads } from '../../domain/ledger.ts';
import { anyEventsLedger, source } from '../support/events-ledgers.ts';

const HOUR = parseHour('2024-05-01T13');
const NO_SEEN: readonly string[] = [];

function committed(table: (typeof TABLE_NAMES)[number], loadId: string, seen = NO_SEEN) {
  return { event: 'committed', table, hour: HOUR, loadId: source(loadId), objectModifiedMs: 1, seen } as const;
}

const SOURCES = TABLE_NAMES.map((table, index) => committed(table, String(index + 1)));
const RESTS_ON = Object.fromEntries(SOURCES.map(({ table, loadId }) => [table, loadId]));

function state(events: Parameters<typeof eventsStates>[0], builds: Parameters<typeof eventsStates>[1]) {
  return eventsStates(events, builds).get(HOUR);
}

describe('eventsStates()', () => {
  it('shows events that rest on the current loads as fresh', () => {
    expect(state(SOURCES, [{ hour: HOUR, loadId: source('90'), sources: RESTS_ON }])).toMatchObject({
      loadId: '90',
      fresh: true,
    });
  });

  it('says that an hour without events is to be built', () => {
    expect(state(SOURCES, [])).toEqual({ sources: RESTS_ON, fresh: false });
  });

  it('keeps events on superseded loads visible, as stale', () => {
    const events = [...SOURCES, committed('geo_events', '50')];
    expect(state(events, [{ hour: HOUR, loadId: source('90'), sources: RESTS_ON }])).toMatchObject({
      loadId: '90',
      fresh: false,
    });
  });

  it('prefers fresh events to a greater load id', () => {
    const events = [...SOURCES, committed('geo_events', '50')];
    const fresh = { hour: HOUR, loadId: source('80'), sources: { ...RESTS_ON, geo_events: source('50') } };
    const stale = { hour: HOUR, loadId: source('90'), sources: RESTS_ON };
    expect(state(events, [stale, fresh])).toMatchObject({ loadId: '80', fresh: true });
  });

  it('hides events as soon as one of their sources is truncated, and shows them again when it is restored', () => {
    const truncated = {
      event: 'truncated',
      truncationId: 't',
      tables: ['geo_events'],
      from: HOUR,
      to: parseHour('2024-05-01T14'),
    } as const;
    const builds = [{ hour: HOUR, loadId: source('90'), sources: RESTS_ON }];
    expect(state([...SOURCES, truncated], builds)).toEqual({
      sources: { ...RESTS_ON, geo_events: undefined },
      fresh: false,
    });
    expect(state([...SOURCES, truncated, { event: 'restored', truncationId: 't' }], builds)).toMatchObject({
      loadId: '90',
      fresh: true,
    });
  });

  it('counts a table that had no load as fresh only while it has none', () => {
    const withoutGeo = SOURCES.filter(({ table }) => table !== 'geo_events');
    const sources = Object.fromEntries(withoutGeo.map(({ table, loadId }) => [table, loadId]));
    const builds = [{ hour: HOUR, loadId: source('90'), sources }];
    expect(state(withoutGeo, builds)).toMatchObject({ loadId: '90', fresh: true });
    expect(state(SOURCES, builds)).toMatchObject({ loadId: '90', fresh: false });
  });

  it('never shows events that rest on a load which is abandoned or hidden, whatever the ledger', () => {
    fc.assert(
      fc.property(anyEventsLedger(), ({ events, builds }) => {
        const abandoned = new Set(events.flatMap((event) => (event.event === 'abandoned' ? [event.loadId] : [])));
        for (const { loadId } of eventsStates(events, builds).values()) {
          if (loadId === undefined) continue;
          const build = builds.find((candidate) => candidate.loadId === loadId)!;
          expect(abandoned.has(loadId)).toBe(false);
          for (const id of Object.values(build.sources)) expect(abandoned.has(id)).toBe(false);
        }
      }),
    );
  });

  it('is fresh exactly when some build that is not abandoned rests on the current loads', () => {
    fc.assert(
      fc.property(anyEventsLedger(), ({ events, builds }) => {
        const abandoned = new Set(events.flatMap((event) => (event.event === 'abandoned' ? [event.loadId] : [])));
        const current = currentLoads(events);
        for (const [hour, { fresh, sources }] of eventsStates(events, builds)) {
          expect(sources[EVENT_SPINE]).toBe(current.get(`${EVENT_SPINE}/${hour}`));
          const matching = builds.some(
            (build) =>
              build.hour === hour &&
              !abandoned.has(build.loadId) &&
              build.sources[EVENT_SPINE] !== undefined &&
              sameSources(build.sources, sources),
          );
          expect(fresh).toBe(matching);
        }
      }),
    );
  });

  it('does not depend on the order of events, nor on copies', () => {
    fc.assert(
      fc.property(anyEventsLedger(), ({ events, builds }) => {
        const again = eventsStates([...events].reverse().concat(events), [...builds].reverse().concat(builds));
        expect(new Map([...again].sort())).toEqual(new Map([...eventsStates(events, builds)].sort()));
      }),
    );
  });
});
