import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createPace, type Pace } from '../../../adapters/s3/pace.ts';
import { createGate } from '../../support/fault-proxy.ts';

const THROTTLED = new Error('SlowDown');

/** Sends `count` requests that all wait for one another, then fail or succeed together. @returns how many ran at once */
async function together(pace: Pace, count: number, throttled: boolean): Promise<number> {
  const gate = createGate();
  let running = 0;
  let most = 0;
  const requests = Array.from({ length: count }, () =>
    pace.run(
      async () => {
        running += 1;
        most = Math.max(most, running);
        await gate.opened;
        running -= 1;
        if (throttled) throw THROTTLED;
      },
      (error) => error === THROTTLED,
    ),
  );
  await nextTurn();
  gate.open();
  await Promise.allSettled(requests);
  return most;
}

describe('createPace()', () => {
  it('lets all run up to the limit, and the rest in turn', async () => {
    const pace = createPace(8);
    expect(await together(pace, 5, false)).toBe(5);
    expect(await together(pace, 20, false)).toBe(8);
  });

  it('halves what runs at once when the store complains, once for requests that were sent together', async () => {
    const pace = createPace(64);
    await together(pace, 16, true);
    expect(pace.limit).toBe(8);
    expect(await together(pace, 16, false)).toBe(8);
  });

  it('never stops altogether, and is back at full speed after enough that went well', async () => {
    const pace = createPace(16);
    for (let round = 0; round < 10; round += 1) await together(pace, 4, true);
    expect(pace.limit).toBe(1);
    let requests = 0;
    for (; pace.limit < 16; requests += 1) await together(pace, 1, false);
    expect(requests).toBeLessThan(16 * 16);
    expect(await together(pace, 16, false)).toBe(16);
  });

  it('does not slow down for errors of another kind', async () => {
    const pace = createPace(4);
    const failed = pace.run(
      () => Promise.reject(new Error('reset')),
      (error) => error === THROTTLED,
    );
    await expect(failed).rejects.toThrow('reset');
    expect(pace.limit).toBe(4);
  });
});
