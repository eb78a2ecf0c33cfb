import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inParallel } from '../../workflows/parallel.ts';

/** Ends after a few turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}

describe('inParallel()', () => {
  test('inParallel() does every item once, in order, never more at a time than allowed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20)), fc.integer({ min: 1, max: 5 }), async (items, concurrency) => {
        const begun: number[] = [];
        let running = 0;
        let most = 0;
        const taken = await inParallel([...items.entries()], concurrency, async ([index, length]) => {
          begun.push(index);
          running += 1;
          most = Math.max(most, running);
          await turns(length);
          running -= 1;
        });
        expect(begun).toEqual([...items.keys()]);
        expect(taken).toBe(items.length);
        expect(most).toBeLessThanOrEqual(concurrency);
        expect(running).toBe(0);
      }),
    );
  });

  test('inParallel() takes no further item once it is enough, and says how many it took', async () => {
    const done: number[] = [];
    const taken = await inParallel(
      [0, 1, 2, 3, 4, 5, 6, 7],
      2,
      async (item) => {
        await turns(1);
        done.push(item);
      },
      () => done.length >= 3,
    );
    expect(taken).toBeLessThan(8);
    expect(done).toEqual(Array.from({ length: taken }, (_, item) => item));
  });

  test('inParallel() finishes what is in flight before it throws the first error', async () => {
    const done: number[] = [];
    const work = inParallel([0, 1, 2, 3], 2, async (item) => {
      await turns(item === 0 ? 1 : 10);
      if (item === 0) throw new Error('first');
      done.push(item);
    });
    await expect(work).rejects.toThrow('first');
    expect(done).toEqual([1]);
  });
});
