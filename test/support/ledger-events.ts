/** Random ledgers: few tables, hours, versions and truncations, so that events meet. */
import fc from 'fast-check';
import type { TableName } from '../../domain/catalogue.ts';
import { addHours, parseHour } from '../../domain/hour.ts';
import type { RuleEvent } from '../../domain/ledger.ts';
import type { LoadId } from '../../domain/load-id.ts';

const FIRST_HOUR = parseHour('2024-04-10T23');
const TABLES: readonly TableName[] = ['browser_events', 'geo_events'];
const TRUNCATIONS = ['t1', 't2', 't3'];

const table = fc.constantFrom(...TABLES);
const hour = fc.integer({ min: 0, max: 2 }).map((hours) => addHours(FIRST_HOUR, hours));
const truncationId = fc.constantFrom(...TRUNCATIONS);

/**
 * Loads with their commits and abandonments, truncations and restorations. A load id belongs to one table, hour and version,
 * as in life; a truncation has one range.
 */
export function ruleEvents(): fc.Arbitrary<RuleEvent[]> {
  return fc
    .record({
      loads: fc.uniqueArray(load(), { selector: ({ loadId }) => loadId, maxLength: 10 }),
      truncations: fc.uniqueArray(truncation(), { selector: (event) => event.truncationId, maxLength: 3 }),
      restored: fc.subarray(TRUNCATIONS),
    })
    .chain(({ loads, truncations, restored }) => {
      const events: RuleEvent[] = [
        ...loads.flatMap((each) => each.events),
        ...truncations,
        ...restored.map((each) => ({ event: 'restored', truncationId: each }) as const),
      ];
      return fc.shuffledSubarray(events, { minLength: events.length });
    });
}

function load(): fc.Arbitrary<{ loadId: LoadId; events: RuleEvent[] }> {
  return fc
    .record({
      table,
      hour,
      // Some close to the end of UInt64: text order and number order differ.
      loadId: fc
        .oneof(fc.bigInt({ min: 1n, max: 30n }), fc.bigInt({ min: 2n ** 64n - 10n, max: 2n ** 64n - 1n }))
        .map((id) => String(id) as LoadId),
      objectModifiedMs: fc.constantFrom(1_712_790_000_000, 1_712_790_000_001, 1_712_793_600_000),
      seen: fc.subarray(TRUNCATIONS),
      fate: fc.constantFrom('committed', 'committed', 'abandoned', 'both'),
    })
    .map(({ fate, ...each }) => {
      const committed: RuleEvent = { event: 'committed', ...each };
      const { table, hour, loadId } = each;
      const abandoned: RuleEvent = { event: 'abandoned', table, hour, loadId, reason: 'swept' };
      return {
        loadId: each.loadId,
        events: fate === 'both' ? [committed, abandoned] : [fate === 'committed' ? committed : abandoned],
      };
    });
}

function truncation(): fc.Arbitrary<RuleEvent & { event: 'truncated' }> {
  return fc
    .record({ truncationId, tables: fc.subarray([...TABLES], { minLength: 1 }), from: hour, to: hour })
    .map((each) => ({ event: 'truncated', ...each, to: addHours(each.to, 1) }));
}

/** The current loads as lines, to compare whole. */
export function asLines(current: ReadonlyMap<string, LoadId>): string[] {
  return [...current].map(([place, loadId]) => `${place} ${loadId}`).sort();
}
