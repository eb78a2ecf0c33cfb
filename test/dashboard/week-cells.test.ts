/** Which cells of the heatmap can be missing. */
import { describe, expect, it } from 'vitest';
import { cellsOfRange, HOURS, WEEKDAYS } from '../../dashboard/page/charts/week-cells.ts';
import { addHours, parseHour } from '../../domain/hour.ts';

const CELLS = WEEKDAYS.flatMap((weekday) =>
  HOURS.map((hourOfDay) => ({ weekday, hourOfDay, values: {}, hoursBuilt: 0 })),
);

describe('cellsOfRange()', () => {
  it('leaves out the hours of the week that a short range does not have', () => {
    const sunday = parseHour('2024-05-05T22');
    const kept = cellsOfRange(CELLS, { from: sunday, to: addHours(sunday, 4) });
    expect(kept.map(({ weekday, hourOfDay }) => [weekday, hourOfDay])).toEqual([
      [1, 0],
      [1, 1],
      [7, 22],
      [7, 23],
    ]);
  });

  it('keeps all of them for a week and more', () => {
    const from = parseHour('2024-05-05T22');
    expect(cellsOfRange(CELLS, { from, to: addHours(from, 168) })).toHaveLength(168);
    expect(cellsOfRange(CELLS, { from, to: addHours(from, 5000) })).toHaveLength(168);
  });
});
