import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineMark, MARK_OBJECT, MarkPrefix } from '../../domain/line-mark.ts';

const index = fc.integer({ min: 1, max: 8_999 });

describe('lineMark()', () => {
  it('is exact, and holds the object and the line', () => {
    fc.assert(
      fc.property(index, fc.integer({ min: 1, max: MARK_OBJECT - 1 }), (object, line) => {
        const mark = lineMark(object, line);
        expect([Math.floor(mark / MARK_OBJECT), mark % MARK_OBJECT]).toEqual([object, line]);
        expect(BigInt(mark)).toBe(BigInt(object) * BigInt(MARK_OBJECT) + BigInt(line));
      }),
    );
  });
});

describe('MarkPrefix', () => {
  it('counts the lines from 1, through every carry', () => {
    fc.assert(
      fc.property(index, (object) => {
        const prefix = new MarkPrefix(object);
        for (let line = 1; line <= 1_101; line += 1) {
          if (String(prefix.bytes) !== `{"_n":${lineMark(object, line)},`) {
            expect([line, String(prefix.bytes)]).toEqual([line, `{"_n":${lineMark(object, line)},`]);
          }
          prefix.next();
        }
      }),
      { numRuns: 20 },
    );
  });
});
