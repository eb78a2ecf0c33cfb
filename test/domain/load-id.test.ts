import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLoadIds, composeLoadId, LOAD_ID_LOW_RANGE, loadIdClockMs, newLoadId } from '../../domain/load-id.ts';

const clockMs = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
const low = fc.integer({ min: 0, max: LOAD_ID_LOW_RANGE - 1 });
const loadId = fc.tuple(clockMs, low).map(([ms, bits]) => composeLoadId(ms, bits));

describe('newLoadId()', () => {
  it('is greater than the greatest id so far, whatever the clock says', () => {
    fc.assert(
      fc.property(loadId, loadId, (drawn, greatest) => compareLoadIds(newLoadId(drawn, greatest), greatest) > 0),
    );
  });
  it('is the drawn id when nothing greater stands', () => {
    fc.assert(
      fc.property(loadId, loadId, (a, b) => {
        const [lesser, greater] = compareLoadIds(a, b) < 0 ? [a, b] : [b, a];
        expect(newLoadId(greater, undefined)).toBe(greater);
        if (lesser !== greater) expect(newLoadId(greater, lesser)).toBe(greater);
      }),
    );
  });
  it('keeps ids apart that were drawn together, above the same greatest id', () => {
    fc.assert(
      fc.property(loadId, clockMs, low, (greatest, ms, first) => {
        const drawn = Array.from({ length: 1_000 }, (_, i) => composeLoadId(ms, (first + i) % LOAD_ID_LOW_RANGE));
        expect(new Set(drawn.map((id) => newLoadId(id, greatest))).size).toBe(1_000);
      }),
      { numRuns: 20 },
    );
  });
  it('keeps ids apart that were drawn in neighbouring milliseconds, above the same greatest id', () => {
    const greatest = composeLoadId(2_000_000, 7);
    const drawn = Array.from({ length: 2_000 }, (_, ms) => Array.from({ length: 10 }, (_, i) => composeLoadId(ms, i)));
    expect(new Set(drawn.flat().map((id) => newLoadId(id, greatest))).size).toBe(20_000);
  });
});

describe('composeLoadId()', () => {
  it('carries the clock', () => {
    fc.assert(fc.property(clockMs, low, (ms, bits) => loadIdClockMs(composeLoadId(ms, bits)) === ms));
  });
  it('fits a UInt64', () => {
    expect(BigInt(composeLoadId(2 ** 42 - 1, LOAD_ID_LOW_RANGE - 1))).toBe(2n ** 64n - 1n);
  });
});
