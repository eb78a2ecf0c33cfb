/** What a bucket of the time chart is hatched by. */
import { expect, it } from 'vitest';
import { hatchedShare, isIncomplete } from '../../dashboard/page/charts/completeness.ts';
import type { Basis } from '../../dashboard/reader.ts';

const BASIS: Basis = {
  hours: 168,
  hoursBuilt: 168,
  hoursStale: 0,
  hoursIncomplete: 0,
  hoursQuarantined: 0,
  hoursComplete: 168,
};

it('hatchedShare() is the share of hours with anything amiss, however much is', () => {
  expect(hatchedShare(BASIS)).toBe(0);
  expect(hatchedShare({ ...BASIS, hoursBuilt: 166, hoursQuarantined: 3, hoursIncomplete: 2, hoursComplete: 162 })).toBe(
    6 / 168,
  );
  expect(hatchedShare({ ...BASIS, hoursBuilt: 0, hoursComplete: 0 })).toBe(1);
});

it('isIncomplete() leaves out what has not ended: nothing is missing of it', () => {
  expect(isIncomplete({ ...BASIS, hours: 0, hoursBuilt: 0, hoursComplete: 0 })).toBe(false);
  expect(isIncomplete({ ...BASIS, hoursComplete: 167 })).toBe(true);
});
