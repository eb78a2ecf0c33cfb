import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLoadIds, createLoadIds, LOAD_ID_RANDOM_RANGE, loadIdClockMs, newLoadId } from '../../domain/load-id.ts';

const clockMs = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
const random = fc.integer({ min: 0, max: LOAD_ID_RANDOM_RANGE - 1 });

describe('newLoadId()', () => {
  it('is greater than the greatest id so far, whatever the clock says', () => {
    fc.assert(
      fc.property(clockMs, clockMs, random, random, (first, second, a, b) => {
        const earlier = newLoadId(first, undefined, a);
        return compareLoadIds(newLoadId(second, earlier, b), earlier) > 0;
      }),
    );
  });
  it('carries the clock when nothing greater stands', () => {
    fc.assert(fc.property(clockMs, random, (ms, bits) => loadIdClockMs(newLoadId(ms, undefined, bits)) === ms));
  });
  it('fits a UInt64', () => {
    expect(BigInt(newLoadId(2 ** 42 - 1, undefined, LOAD_ID_RANDOM_RANGE - 1))).toBe(2n ** 64n - 1n);
  });
});

describe('createLoadIds()', () => {
  it('makes another id for each load, whatever was drawn', () => {
    fc.assert(
      fc.property(random, (drawn) => {
        const newId = createLoadIds(() => drawn);
        const ids = Array.from({ length: 1_000 }, () => newId(1, undefined));
        expect(new Set(ids).size).toBe(1_000);
        expect(ids.every((id) => loadIdClockMs(id) === 1)).toBe(true);
      }),
      { numRuns: 20, examples: [[LOAD_ID_RANDOM_RANGE - 1]] },
    );
  });
});
