import { describe, expect, test } from 'vitest';
import { grouped } from '../../domain/digits.ts';

describe('grouped()', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1000, '1 000'],
    [1234567, '1 234 567'],
    [46625.4, '46 625'],
  ])('grouped() writes %d as %j', (count, text) => {
    expect(grouped(count)).toBe(text);
  });
});
