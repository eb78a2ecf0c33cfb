import { expect, test } from 'vitest';
import { SCORECARD_LINES, verdictOn } from '../../../domain/metrics/scorecard.ts';
import { readThresholds, type Thresholds } from '../../../domain/metrics/thresholds.ts';

test('readThresholds() reads line=good/watch, the direction from the line', () => {
  expect(readThresholds('coverage=0.99/0.9, gaps=0/5')).toEqual({
    coverage: { better: 'up', good: 0.99, watch: 0.9 },
    gaps: { better: 'down', good: 0, watch: 5 },
  });
  expect(readThresholds('conversion=0.03/0.01,growth_per_year=1e9/2')).toMatch(/growth_per_year/);
  const { conversion } = readThresholds('conversion=0.03/0.01') as Thresholds;
  expect([0.05, 0.02, 0.001].map((value) => verdictOn(value, conversion))).toEqual(['good', 'watch', 'bad']);
});

test('readThresholds() takes back the defaults of every line', () => {
  const text = SCORECARD_LINES.flatMap(({ id, threshold }) => {
    return threshold === undefined ? [] : [`${id}=${threshold.good}/${threshold.watch}`];
  });
  const defaults = SCORECARD_LINES.flatMap(({ id, threshold }) => (threshold === undefined ? [] : [[id, threshold]]));
  expect(readThresholds(text.join(','))).toEqual(Object.fromEntries(defaults));
});

test.each([
  ['', /no threshold/],
  ['speed=1/2', /no threshold: speed/],
  ['coverage=0.99', /no threshold/],
  ['gaps=-1/5', /no threshold/],
  ['gaps=0/5,gaps=1/2', /two thresholds of gaps/],
  ['coverage=0.9/0.99', /good is worse/],
  ['gaps=5/0', /good is worse/],
])('readThresholds() says what is wrong with %j', (text, problem) => {
  expect(readThresholds(text)).toMatch(problem);
});
