/** Sessions of days and what lies beside them, against sessions put together here from the parts alone. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildDays } from '../../../../activities/build-days.ts';
import { createLoadIds } from '../../../../adapters/clickhouse/index.ts';
import { createEventsStore, createInsightReader } from '../../../../adapters/clickhouse/insight/index.ts';
import { createSweeper } from '../../../../adapters/clickhouse/operations/index.ts';
import { addHours, hourStartMs, parseHour, type Hour, type HourRange } from '../../../../domain/hour.ts';
import { createFixture, SIGNAL, type Fixture } from '../fixture.ts';
import { storeParts } from './parts.ts';

const START = parseHour('2024-05-01T20');
const HOURS = 30; // the end of a day, a whole day, the begin of a day
const RANGE: HourRange = { from: START, to: addHours(START, HOURS) };
const MINUTE_MS = 60_000;

/** A part as it is stored: times in milliseconds since {@link START}. */
interface Part {
  readonly hour: number;
  readonly visitor: number;
  readonly beginsMs: number;
  readonly endsMs: number;
  readonly pages: readonly string[];
}

const PAGES = ['/home', '/product_a', '/product_b', '/cart', '/payment', '/confirmation'];

/** Few visitors, so that their parts meet; now and then one whose time lies hours away from the hour it came in. */
const anyPart = fc
  .record({
    hour: fc.nat({ max: HOURS - 1 }),
    visitor: fc.nat({ max: 4 }),
    minute: fc.nat({ max: 59 }),
    lasts: fc.nat({ max: 20 }),
    away: fc.oneof(
      { arbitrary: fc.constant(0), weight: 12 },
      { arbitrary: fc.integer({ min: -30, max: 30 }), weight: 1 },
    ),
    pages: fc.array(fc.constantFrom(...PAGES), { minLength: 1, maxLength: 4 }),
  })
  .map(({ hour, visitor, minute, lasts, away, pages }): Part => {
    const beginsMs = ((hour + away) * 60 + minute) * MINUTE_MS;
    return { hour, visitor, beginsMs, endsMs: beginsMs + lasts * MINUTE_MS, pages };
  });
const anyParts = fc
  .uniqueArray(anyPart, { minLength: 40, maxLength: 120, selector: (part) => `${part.visitor} ${part.beginsMs}` })
  // Ends beyond the hour are strays too, which is rare: cut most of them.
  .map((parts) => parts.map((part, index) => (index % 10 === 0 ? part : cutAtHour(part))));

function cutAtHour(part: Part): Part {
  const hourEndMs = (Math.floor(part.beginsMs / (60 * MINUTE_MS)) + 1) * 60 * MINUTE_MS - 1;
  return { ...part, endsMs: Math.min(part.endsMs, hourEndMs) };
}

/** Sessions as text: visitor, begin, page views, pages. */
function sessionsOf(parts: readonly Part[]): string[] {
  const sessions: string[] = [];
  for (const visitor of [1, 2, 3, 4]) {
    let session: Part | undefined;
    const end = (): void => {
      if (session !== undefined)
        sessions.push([visitor, session.beginsMs, session.pages.length, ...session.pages].join(' '));
    };
    for (const part of parts.filter((each) => each.visitor === visitor).sort((a, b) => a.beginsMs - b.beginsMs)) {
      if (session !== undefined && part.beginsMs <= session.endsMs + 30 * MINUTE_MS) {
        session = {
          ...session,
          endsMs: Math.max(session.endsMs, part.endsMs),
          pages: [...session.pages, ...part.pages],
        };
        continue;
      }
      end();
      session = part;
    }
    end();
  }
  return sessions.sort();
}

function hourAt(index: number): Hour {
  return addHours(START, index);
}

/** Stores the parts under a new load of events for each of the hours. */
function store(fixture: Fixture, hours: readonly number[], parts: readonly Part[], version: number): Promise<void> {
  const startMs = hourStartMs(START);
  const stored = parts.map(({ hour, beginsMs, endsMs, ...part }) => {
    return { ...part, hour: hourAt(hour), beginsMs: startMs + beginsMs, endsMs: startMs + endsMs };
  });
  return storeParts(fixture, hours.map(hourAt), stored, version);
}

async function build({ server }: Fixture): Promise<void> {
  const { days } = createEventsStore(server);
  const ports = { days, loadIds: createLoadIds(server), workerName: 'test' };
  const attempt = { signal: SIGNAL, remainingMs: () => 60_000, workflowId: 'test', runId: 'test', number: 1 };
  await buildDays(ports, RANGE, attempt);
}

async function viewOf({ database }: Fixture): Promise<string[]> {
  const rows = await database.rows<{ visitor: string; begins: string; views: number; pages: string[] }>(
    `SELECT visitor, toUnixTimestamp64Milli(started_at) AS begins, page_views AS views, pages FROM sessions`,
  );
  return rows
    .map(({ visitor, begins, views, pages }) =>
      [visitor, Number(begins) - hourStartMs(START), views, ...pages].join(' '),
    )
    .sort();
}

test('sessions are the same from days, from parts, and from both, on any feed; the sweep takes days that are not seen', async () => {
  const fixture = await createFixture();
  const { database, server } = fixture;
  const reader = createInsightReader(server, { nowMs: () => Date.UTC(2024, 5, 1) });
  const allHours = Array.from({ length: HOURS }, (_, index) => index);
  await fc.assert(
    fc.asyncProperty(
      anyParts,
      anyParts,
      fc.nat({ max: HOURS - 1 }),
      fc.nat({ max: 9 }),
      async (parts, others, changed, cut) => {
        for (const table of ['loads', 'session_parts_raw', 'session_days_raw']) {
          await database.client.command({ query: `TRUNCATE TABLE ${table}` });
        }
        await store(fixture, allHours, parts, 1);
        expect(await viewOf(fixture)).toEqual(sessionsOf(parts));
        await build(fixture);
        expect(await database.rows('SELECT day FROM days_state WHERE load_id = 0')).toEqual([]);
        expect(await viewOf(fixture)).toEqual(sessionsOf(parts));

        const range = { from: hourAt(cut), to: RANGE.to };
        const inRange = sessionsOf(parts.filter(({ hour }) => hour >= cut));
        const { current } = await reader.kpis({ range, filters: [] }, 'sessions');
        expect(current.sessions).toBe(inRange.length);
        expect((await reader.products({ range, filters: [] })).purchases).toBe(
          parts
            .filter(({ hour }) => hour >= cut)
            .flatMap(({ pages }) => pages.filter((page) => page === '/confirmation')).length,
        );

        // An hour is published again: its day is not seen until it is built anew, and the figures are right meanwhile.
        const newer = others.filter(({ hour }) => hour === changed);
        const all = [...parts.filter(({ hour }) => hour !== changed), ...newer];
        const unique = [...new Map(all.map((part) => [`${part.visitor} ${part.beginsMs}`, part])).values()];
        await store(
          fixture,
          [changed],
          unique.filter(({ hour }) => hour === changed),
          2,
        );
        const kept = unique.length === all.length;
        expect(await database.rows('SELECT day FROM days_state WHERE load_id = 0')).toHaveLength(1);
        if (kept) expect(await viewOf(fixture)).toEqual(sessionsOf(unique));
        await build(fixture);
        expect(await database.rows('SELECT day FROM days_state WHERE load_id = 0')).toEqual([]);
        if (kept) expect(await viewOf(fixture)).toEqual(sessionsOf(unique));
      },
    ),
    { numRuns: 4 },
  );

  const before = await viewOf(fixture);
  const dead = '(SELECT DISTINCT _load FROM session_days_raw WHERE _load NOT IN (SELECT load_id FROM days_state))';
  expect(await database.rows(`SELECT * FROM ${dead}`)).not.toEqual([]);
  await createSweeper(server).sweep('events', { attemptMs: 0, settleMs: 0, purgeSettleMs: 0, loadsMax: 100 }, SIGNAL);
  expect(await database.rows(`SELECT * FROM ${dead}`)).toEqual([]);
  expect(await viewOf(fixture)).toEqual(before);
}, 180_000);
