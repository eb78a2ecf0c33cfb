/** Answers are remembered while the ledger stays, and never a moment longer. */
import { expect, test } from 'vitest';
import { createRememberingReader } from '../../dashboard/remembering-reader.ts';
import type { DashboardReader, PanelQuery } from '../../dashboard/reader.ts';
import { parseHour } from '../../domain/hour.ts';
import { scriptedReader } from './support/scripted-reader.ts';

const QUERY: PanelQuery = { range: { from: parseHour('2024-05-01T00'), to: parseHour('2024-05-02T00') }, filters: [] };
const FILTERED: PanelQuery = { ...QUERY, filters: [{ dimension: 'source', value: 'google' }] };

function setUp(answersMax?: number) {
  const world = { version: 'a', nowMs: 0, asked: 0 };
  const inner: DashboardReader = scriptedReader({
    products: () => Promise.resolve({ rows: [], purchases: (world.asked += 1) }),
  });
  const reader = createRememberingReader(inner, {
    ledgerVersion: () => Promise.resolve(world.version),
    nowMs: () => world.nowMs,
    ...(answersMax === undefined ? {} : { answersMax }),
  });
  const ask = async (query: PanelQuery): Promise<number | undefined> => (await reader.products(query)).purchases;
  return { world, reader, ask };
}

test('a question is asked once while the ledger stays, and again after a change of it, of the hour or of the question', async () => {
  const { world, ask } = setUp();
  expect(await ask(QUERY)).toBe(1);
  expect(await ask(QUERY)).toBe(1);
  expect(await ask(FILTERED)).toBe(2);
  expect(await ask(QUERY)).toBe(1);
  world.version = 'b';
  expect(await ask(QUERY)).toBe(3);
  world.nowMs = 3_600_000;
  expect(await ask(QUERY)).toBe(4);
});

test('what was not asked for the longest time is forgotten first', async () => {
  const { ask } = setUp(2);
  const other: PanelQuery = { ...QUERY, filters: [{ dimension: 'source', value: 'bing' }] };
  expect([await ask(QUERY), await ask(FILTERED), await ask(QUERY), await ask(other)]).toEqual([1, 2, 1, 3]);
  expect(await ask(QUERY)).toBe(1);
  expect(await ask(FILTERED)).toBe(4);
});

test('a failure is not remembered', async () => {
  const { reader } = setUp();
  let fails = true;
  const flaky = createRememberingReader(
    { ...reader, funnel: (query) => (fails ? Promise.reject(new Error('away')) : scriptedReader().funnel(query)) },
    { ledgerVersion: () => Promise.resolve('a'), nowMs: () => 0 },
  );
  await expect(flaky.funnel(QUERY)).rejects.toThrow('away');
  fails = false;
  expect((await flaky.funnel(QUERY)).sessions).toBe(3);
});
