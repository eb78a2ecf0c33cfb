/** Random ledgers with loads of the four tables and loads of events that rest on some of them. */
import fc from 'fast-check';
import { TABLE_NAMES, type TableName } from '../../domain/catalogue.ts';
import type { EventsCommitted } from '../../domain/events.ts';
import { addHours, parseHour } from '../../domain/hour.ts';
import type { RuleEvent } from '../../domain/ledger.ts';
import { asLoadId, type LoadId } from '../../domain/load-id.ts';
import { dayOf, type SessionsCommitted } from '../../domain/session-days.ts';

/** A ledger as the rule of events reads it. */
export interface EventsLedger {
  readonly events: readonly RuleEvent[];
  readonly builds: readonly EventsCommitted[];
  /** Loads of sessions of the day, and which of them are abandoned. */
  readonly days: readonly SessionsCommitted[];
  readonly abandonedDays: readonly LoadId[];
}

const START = parseHour('2024-05-01T13');
const HOURS = [0, 1].map((count) => addHours(START, count));

/** A load id. */
export function source(text: string): LoadId {
  return asLoadId(text);
}

// Few of each, so that they meet often. Ids say their place: hour, table, number; events come behind all tables.
const aHour = fc.nat({ max: HOURS.length - 1 });
const aTable = fc.nat({ max: TABLE_NAMES.length - 1 });
const aNumber = fc.integer({ min: 1, max: 3 });
const aTruncation = fc.constantFrom('t1', 't2');

function idOf(hour: number, table: number, number: number): LoadId {
  return asLoadId(String(hour * 1000 + table * 100 + number));
}

const committed = fc
  .record({
    hour: aHour,
    table: aTable,
    number: aNumber,
    modified: fc.nat({ max: 1 }),
    seen: fc.uniqueArray(aTruncation),
  })
  .map(({ hour, table, number, modified, seen }): RuleEvent => {
    return {
      event: 'committed',
      table: tableAt(table),
      hour: HOURS[hour]!,
      loadId: idOf(hour, table, number),
      objectModifiedMs: 1_700_000_000_000 + modified,
      seen,
    };
  });
const abandoned = fc
  .record({ hour: aHour, table: fc.nat({ max: TABLE_NAMES.length }), number: aNumber })
  .map(({ hour, table, number }): RuleEvent => {
    // Past the last table are the loads of events; the ledger calls their table otherwise, the rule goes by the id.
    return {
      event: 'abandoned',
      table: tableAt(table % TABLE_NAMES.length),
      hour: HOURS[hour]!,
      loadId: idOf(hour, table, number),
      reason: 'swept',
    };
  });
const truncated = fc
  .record({
    truncationId: aTruncation,
    tables: fc.uniqueArray(fc.constantFrom(...TABLE_NAMES), { minLength: 1 }),
    from: aHour,
  })
  .map(({ truncationId, tables, from }): RuleEvent => {
    return { event: 'truncated', truncationId, tables, from: HOURS[from]!, to: addHours(START, 2) };
  });
const restored = aTruncation.map((truncationId): RuleEvent => ({ event: 'restored', truncationId }));

/** A load of events. Its sources are of its hour; a table may be without. */
const build = fc
  .record({
    hour: aHour,
    number: aNumber,
    sources: fc.tuple(aNumber, fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 3 })),
  })
  .map(({ hour, number, sources }): EventsCommitted => {
    const entries = sources.flatMap((own, table) =>
      own === 0 ? [] : [[tableAt(table), idOf(hour, table, own)] as const],
    );
    return {
      hour: HOURS[hour]!,
      loadId: idOf(hour, TABLE_NAMES.length, number),
      sources: Object.fromEntries(entries),
    };
  });

/** A load of sessions of the day: one load of events of each hour, or none of it. */
const day = fc
  .record({ number: aNumber, sources: fc.tuple(...HOURS.map(() => fc.nat({ max: 3 }))) })
  .map(({ number, sources }): SessionsCommitted => {
    return {
      day: dayOf(START),
      loadId: asLoadId(String(9000 + number)),
      sources: sources.flatMap((own, hour) => (own === 0 ? [] : [idOf(hour, TABLE_NAMES.length, own)])),
    };
  });

/** Any ledger. A load is committed with the same facts each time: ids are unique per attempt and object. */
export function anyEventsLedger(): fc.Arbitrary<EventsLedger> {
  const weighted = fc.oneof(
    { arbitrary: committed, weight: 6 },
    { arbitrary: abandoned, weight: 1 },
    { arbitrary: truncated, weight: 1 },
    { arbitrary: restored, weight: 1 },
  );
  return fc
    .record({
      events: fc.array(weighted, { maxLength: 30, size: 'max' }),
      builds: fc.array(build, { maxLength: 6 }),
      days: fc.array(day, { maxLength: 8, size: 'max' }),
      abandonedDays: fc.uniqueArray(fc.constantFrom(asLoadId('9001'), asLoadId('9002')), { maxLength: 1 }),
    })
    .map(({ events, builds, days, abandonedDays }) => ({
      events: firstOf(events, keyOfEvent),
      builds: firstOf(builds, ({ loadId }) => loadId),
      days: firstOf(days, ({ loadId }) => loadId),
      abandonedDays,
    }));
}

function keyOfEvent(event: RuleEvent): string {
  if (event.event === 'committed') return `committed ${event.loadId}`;
  return event.event === 'truncated' ? `truncated ${event.truncationId}` : JSON.stringify(event);
}

function firstOf<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map([...items].reverse().map((item) => [keyOf(item), item])).values()];
}

function tableAt(index: number): TableName {
  return TABLE_NAMES[index]!;
}
