import { describe, expect, it } from 'vitest';
import { createLoadIds } from '../../../adapters/clickhouse/index.ts';
import { loadIdClockMsSql } from '../../../adapters/clickhouse/load-ids.ts';
import { compareLoadIds, loadIdClockMs } from '../../../domain/load-id.ts';
import { createFixture, SIGNAL } from './fixture.ts';

describe('createLoadIds()', () => {
  it('draws ids that differ, also over draws at once from several connections', async () => {
    const { server } = await createFixture();
    const other = createLoadIds(server);
    const draws = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? createLoadIds(server) : other).draw(1_000, SIGNAL)),
    );
    expect(draws.every((ids) => ids.length === 1_000)).toBe(true);
    expect(new Set(draws.flat()).size).toBe(20_000);
  });

  it('draws ids in ascending order whose clock is the ClickHouse server’s', async () => {
    const { database, server } = await createFixture();
    const clock = async (): Promise<number> => {
      const [row] = await database.rows<{ ms: string }>('SELECT toUnixTimestamp64Milli(now64(3)) AS ms');
      return Number(row?.ms);
    };
    const beforeMs = await clock();
    const ids = await createLoadIds(server).draw(200, SIGNAL);
    expect(ids.toSorted(compareLoadIds)).toEqual(ids);
    const clocksMs = ids.map(loadIdClockMs);
    expect(Math.min(...clocksMs)).toBeGreaterThanOrEqual(beforeMs);
    // Draws of other tests can push the counter a little ahead of the clock.
    expect(Math.max(...clocksMs)).toBeLessThan((await clock()) + 60_000);
    const [sql] = await database.rows<{ ms: string }>(`SELECT ${loadIdClockMsSql(`toUInt64(${ids[0]})`)} AS ms`);
    expect(Number(sql?.ms)).toBe(clocksMs[0]);
  });
});
