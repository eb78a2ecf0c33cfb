/** The buckets of a time chart, UTC. */
import { addHours, hourAt, hourStartMs, hoursOf, type Hour, type HourRange } from './hour.ts';

export const GRAINS = ['hour', 'day', 'week', 'month'] as const;

/** The size of a bucket; weeks begin on Monday. */
export type Grain = (typeof GRAINS)[number];

/** A bucket and the part of it that lies in the range. */
export interface Bucket {
  /** First hour of the bucket; it may lie before the range. */
  readonly start: Hour;
  readonly within: HourRange;
}

/** First hour of the bucket that holds the hour. */
export function bucketOf(hour: Hour, grain: Grain): Hour {
  if (grain === 'hour') return hour;
  const day = `${hour.slice(0, 10)}T00` as Hour;
  if (grain === 'day') return day;
  if (grain === 'month') return `${hour.slice(0, 7)}-01T00` as Hour;
  const sinceMonday = (new Date(hourStartMs(day)).getUTCDay() + 6) % 7;
  return addHours(day, -24 * sinceMonday);
}

/** The buckets that touch the range, oldest first. */
export function bucketsOf(range: HourRange, grain: Grain): Bucket[] {
  if (grain === 'hour')
    return [...hoursOf(range)].map((hour) => ({ start: hour, within: { from: hour, to: addHours(hour, 1) } }));
  const buckets: Bucket[] = [];
  let from = range.from;
  while (from < range.to) {
    const start = bucketOf(from, grain);
    const next = nextBucket(start, grain);
    const to = next < range.to ? next : range.to;
    buckets.push({ start, within: { from, to } });
    from = to;
  }
  return buckets;
}

function nextBucket(start: Hour, grain: Exclude<Grain, 'hour'>): Hour {
  if (grain === 'day') return addHours(start, 24);
  if (grain === 'week') return addHours(start, 7 * 24);
  const month = new Date(hourStartMs(start));
  return hourAt(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));
}
