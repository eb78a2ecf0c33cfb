/** The cells of a week, day x hour. Pure. */
import { countHours, hoursOf, hourStartMs, type HourRange } from '../../../domain/hour.ts';
import type { HeatCell } from '../../reader.ts';

export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;
export const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** Page views of an average such hour; undefined when the range has none that is known. */
export function averageViews({ values, hoursBuilt }: HeatCell): number | undefined {
  return values.page_views === undefined ? undefined : values.page_views / hoursBuilt;
}

/** The cells of which the range has an hour that has ended: only these can be missing. */
export function cellsOfRange(cells: readonly HeatCell[], { from, to }: HourRange): HeatCell[] {
  if (countHours({ from, to }) >= WEEKDAYS.length * HOURS.length) return [...cells];
  const there = new Set([...hoursOf({ from, to })].map((hour) => weekHour(hourStartMs(hour))));
  return cells.filter(({ weekday, hourOfDay }) => there.has(`${weekday} ${hourOfDay}`));
}

function weekHour(ms: number): string {
  const date = new Date(ms);
  return `${date.getUTCDay() === 0 ? 7 : date.getUTCDay()} ${date.getUTCHours()}`;
}
