import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../domain/catalogue.ts';
import { OTHER_FIELDS } from '../../domain/drift.ts';
import { exactLines, newExactTally, type ExactTally } from '../../domain/exact-object.ts';
import { parseHour } from '../../domain/hour.ts';
import { lineMark } from '../../domain/line-mark.ts';
import type { QuarantinedLine } from '../../domain/lines.ts';
import { chunksOf, collect } from '../support/bytes.ts';
import { fieldsOf } from '../support/feed-lines.ts';

const HOUR = parseHour('2024-05-01T13');
const TABLE = CATALOGUE.geo_events;

function valid(number: number, more: object = {}): string {
  return JSON.stringify({ ...fieldsOf('geo_events', HOUR, number), ...more });
}

interface Run {
  readonly rows: { _n: number; _extra: string }[];
  readonly tally: ExactTally;
  readonly batches: QuarantinedLine[][];
  readonly error: unknown;
}

async function run(text: string, chunkBytes?: number): Promise<Run> {
  const tally = newExactTally();
  const batches: QuarantinedLine[][] = [];
  const keep = (lines: QuarantinedLine[]): Promise<void> => {
    batches.push(lines);
    return Promise.resolve();
  };
  let error: unknown;
  const framed = await collect(exactLines(chunksOf(text, chunkBytes), 1, TABLE, tally, keep)).catch((e: unknown) => {
    error = e;
    return Buffer.alloc(0);
  });
  const rows = framed
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((row) => JSON.parse(row) as Run['rows'][number]);
  return { rows, tally, batches, error };
}

describe('exactLines()', () => {
  it('keeps the neighbours of a bad line, with their numbers', async () => {
    const text = `\uFEFF${valid(0)}\r\n\n${valid(1)}\nnonsense\n  \n${valid(2)}`;
    for (const chunkBytes of [1, 7, 100_000]) {
      const { rows, tally, batches } = await run(text, chunkBytes);
      expect(rows.map(({ _n }) => _n)).toEqual([lineMark(1, 1), lineMark(1, 3), lineMark(1, 6)]);
      expect(batches.flat()).toMatchObject([{ lineNumber: 4, text: 'nonsense' }]);
      expect(tally).toMatchObject({ lines: 4, quarantined: 1 });
    }
  });

  it('finds the one bad line at the end of many', async () => {
    const text = Array.from({ length: 20_000 }, (_, i) => valid(i)).join('\n') + '\n{"cut';
    const { rows, tally, batches } = await run(text);
    expect(rows).toHaveLength(20_000);
    expect(tally).toMatchObject({ lines: 20_001, quarantined: 1 });
    expect(batches).toMatchObject([[{ lineNumber: 20_001 }]]);
  });

  it.each([
    [0, 10, undefined],
    [0, 11, 'too-many-bad-lines'],
    [89, 11, 'too-many-bad-lines'],
    [99, 11, undefined],
    [98, 11, 'too-many-bad-lines'],
    [990, 110, undefined],
    [989, 110, 'too-many-bad-lines'],
  ])('case 53: with %i good and %i bad lines the verdict is %s', async (good, bad, reason) => {
    const lines = [...Array.from({ length: bad }, () => 'bad'), ...Array.from({ length: good }, (_, i) => valid(i))];
    const { error, tally } = await run(lines.join('\n'));
    expect(tally).toMatchObject({ lines: good + bad, quarantined: bad });
    if (reason === undefined) expect(error).toBeUndefined();
    else expect(error).toMatchObject({ name: 'ObjectRejectedError', reason });
  });

  it('counts the lines of every unknown field, also of one named like what objects have', async () => {
    const lines = [
      valid(0, { fresh: 1 }),
      valid(1),
      valid(2, { fresh: 2, other: 3 }),
      valid(3).replace('{', '{"__proto__":1,'),
    ];
    const { tally, rows } = await run(lines.join('\n'));
    expect(Object.entries(tally.drift)).toEqual([
      ['fresh', 2],
      ['other', 1],
      ['__proto__', 1],
    ]);
    expect(rows.map(({ _extra }) => _extra)).toEqual(['{"fresh":1}', '', '{"fresh":2,"other":3}', '{"__proto__":1}']);
  });

  it('counts unknown fields beyond a hundred names together', async () => {
    const lines = Array.from({ length: 300 }, (_, i) => valid(i, { [`field_${i}`]: 1, common: 1 }));
    const { tally, rows } = await run(lines.join('\n'));
    expect(tally.drift['common']).toBe(300);
    expect(tally.drift[OTHER_FIELDS]).toBe(201);
    expect(Object.keys(tally.drift)).toHaveLength(101);
    expect(rows.filter(({ _extra }) => _extra.includes('field_'))).toHaveLength(300);
  });

  it('hands bad lines on in bounded batches, and waits for each', async () => {
    let open = 0;
    const counts: number[] = [];
    const slow = async (lines: QuarantinedLine[]): Promise<void> => {
      open += 1;
      expect(open).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      counts.push(lines.length);
      open -= 1;
    };
    const text = Array.from({ length: 2_500 }, () => 'bad').join('\n');
    const reading = collect(exactLines(chunksOf(text), 1, TABLE, newExactTally(), slow));
    await expect(reading).rejects.toMatchObject({ reason: 'too-many-bad-lines' });
    expect(counts).toEqual([1_000, 1_000, 500]);
    const large = await run(Array.from({ length: 300 }, () => 'x'.repeat(50_000)).join('\n'));
    for (const batch of large.batches) expect(batch.length * 50_000).toBeLessThan(4.5e6);
  });

  it('rejects a line over the limit', async () => {
    const reading = collect(
      exactLines(chunksOf('x'.repeat(101)), 1, TABLE, newExactTally(), () => Promise.resolve(), 100),
    );
    await expect(reading).rejects.toMatchObject({ reason: 'line-oversized' });
  });
});
