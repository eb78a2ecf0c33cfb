/** The rule of the current load in SQL against the same rule in TypeScript, and the state of a window from the stored events. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LedgerTable } from '../../../adapters/clickhouse/ledger-table.ts';
import type { LedgerEvent } from '../../../adapters/clickhouse/ledger-rows.ts';
import type { TableName } from '../../../domain/catalogue.ts';
import { addHours, hourAt, parseHour, type Hour } from '../../../domain/hour.ts';
import { currentLoads, type RuleEvent } from '../../../domain/ledger.ts';
import type { LoadId } from '../../../domain/load-id.ts';
import { asLines, ruleEvents } from '../../support/ledger-events.ts';
import { createFixture, receipt, SIGNAL, type Fixture } from './fixture.ts';

let fixture: Fixture;
let table: LedgerTable;

beforeAll(async () => {
  fixture = await createFixture();
  table = new LedgerTable(fixture.server);
});

afterAll(async () => {
  await fixture.database.drop();
  await fixture.server.close();
});

/** Many ledgers in one: each has table names and truncation ids of its own. */
function apart(events: readonly RuleEvent[], ledger: string): LedgerEvent[] {
  const own = (name: string): TableName => `${ledger}/${name}` as TableName; // stored as text; nothing here looks at it
  return events.map((event) => {
    switch (event.event) {
      case 'committed': {
        const object = { key: 'k', etag: 'e', sizeBytes: 1, modifiedMs: event.objectModifiedMs };
        const seen = event.seen.map(own);
        return { event: 'committed', ...receipt({ ...event, table: own(event.table), seen, object }) };
      }
      case 'abandoned':
        return { ...event, table: own(event.table) };
      case 'truncated':
        return { ...event, truncationId: own(event.truncationId), tables: event.tables.map(own) };
      case 'restored':
        return { ...event, truncationId: own(event.truncationId) };
    }
  });
}

async function currentInSql(ledger: string): Promise<string[]> {
  const rows = await fixture.database.rows<{ table_name: string; at: number; load_id: LoadId }>(
    'SELECT table_name, toUnixTimestamp(hour) AS at, load_id FROM current_loads WHERE startsWith(table_name, {ledger:String})',
    { ledger },
  );
  return asLines(new Map(rows.map((row) => [`${row.table_name}/${hourAt(row.at * 1000)}`, row.load_id])));
}

/** Load ids are unique across tables in life; here the same small numbers come back in each ledger. */
function withOwnIds(events: readonly RuleEvent[], index: number): RuleEvent[] {
  return events.map((event) =>
    'loadId' in event
      ? {
          ...event,
          loadId: String(
            BigInt(event.loadId) - (event.loadId.length > 10 ? BigInt(index) * 32n : -BigInt(index) * 32n),
          ) as LoadId,
        }
      : event,
  );
}

let run = 0;
/** Beyond the small ids of random ledgers: one of those may be abandoned, and an abandoned id is so in every table. */
const OWN_IDS = 1_000_000;

describe('current_loads', () => {
  test('says the same as currentLoads() on random ledgers, in any order and blocks, copies included', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          ruleEvents().chain((events) => fc.tuple(fc.constant(events), fc.subarray(events), fc.boolean())),
          { minLength: 1, maxLength: 150, size: 'max' },
        ),
        async (ledgers) => {
          run += 1;
          const blocks: LedgerEvent[][] = [[], []];
          const expected: string[] = [];
          for (const [index, [random, copies, together]] of ledgers.entries()) {
            const events = withOwnIds(random, run * 200 + index);
            const own = apart(events, `run ${run} ledger ${index}`);
            const middle = together ? own.length : Math.floor(own.length / 2);
            blocks[0]?.push(...own.slice(0, middle));
            blocks[1]?.push(...own.slice(middle), ...own.slice(0, copies.length));
            for (const line of asLines(currentLoads(events))) expected.push(`run ${run} ledger ${index}/${line}`);
          }
          for (const block of blocks) if (block.length > 0) await table.append(block, SIGNAL);
          expect((await currentInSql(`run ${run} `)).sort()).toEqual(expected.sort());
        },
      ),
      { numRuns: 8 },
    );
  }, 120_000);

  // ClickHouse then stores hour_from sparse, and an array of it alone has the hours that are 0 last.
  test('knows the hours of truncations that begin before all time, in a part of many loads', async () => {
    run += 1;
    const hours = Array.from({ length: 100 }, (_, i) => addHours(parseHour('2024-04-10T23'), i));
    const [first, second] = hours as [Hour, Hour];
    const end = hours.at(-1) ?? first;
    const own = { ledger: `run ${run} ledger 0`, table: 'geo_events' as TableName };
    const all = {
      event: 'truncated',
      truncationId: 'all',
      tables: [own.table],
      from: hourAt(0),
      to: parseHour('2100-01-01T00'),
    } as const;
    const inner = { event: 'truncated', truncationId: 'inner', tables: [own.table], from: second, to: end } as const;
    const loads = hours.map((hour, i) => {
      const loadId = String(OWN_IDS + run * 1_000 + i) as LoadId;
      return { event: 'committed', table: own.table, hour, loadId, objectModifiedMs: 0, seen: ['all'] } as const;
    });
    const events = [all, inner, ...loads];
    await table.append(apart(events, own.ledger), SIGNAL);
    await fixture.database.client.command({ query: 'OPTIMIZE TABLE loads FINAL' });
    const expected = asLines(currentLoads(events)).map((line) => `${own.ledger}/${line}`);
    expect(expected).toHaveLength(2);
    expect((await currentInSql(`run ${run} `)).sort()).toEqual(expected.sort());
  });
});

describe('state()', () => {
  test('agrees with current_loads on random ledgers', async () => {
    const range = { from: parseHour('2024-04-10T23'), to: parseHour('2024-04-11T02') };
    const names = ['browser_events', 'geo_events'] as const;
    await fc.assert(
      fc.asyncProperty(ruleEvents(), async (random) => {
        run += 1;
        const own = apart(withOwnIds(random, run * 200), `run ${run} ledger 0`);
        if (own.length > 0) await table.append(own, SIGNAL);
        const lines: string[] = [];
        for (const name of names.map((each) => `run ${run} ledger 0/${each}` as TableName)) {
          const { hours } = await fixture.ledger.state(name, range, SIGNAL);
          for (const { hour, current } of hours.values()) if (current) lines.push(`${name}/${hour} ${current.loadId}`);
        }
        expect(lines.sort()).toEqual((await currentInSql(`run ${run} `)).sort());
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
