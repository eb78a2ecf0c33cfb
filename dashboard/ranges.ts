/** The ranges of hours that the pages offer. Pure; shared by page and server. */
import { addHours, countHours, type HourRange } from '../domain/hour.ts';
import { GRAINS, type Extent, type Grain } from './reader.ts';

/** Ranges that move with the feed, by their hours; `all` is the whole feed. */
export const PRESETS = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24, '90d': 90 * 24, all: Infinity } as const;
/** One of {@link PRESETS}. */
export type Preset = keyof typeof PRESETS;
/** A range as it is chosen. */
export type RangeChoice = Preset | HourRange;

/** What a page shows that names no range. */
export const DEFAULT_PRESET = '30d';

/** A feed without a new hour for so long has ended, or rests: ranges then end with its last hour. */
const LIVE_WITHIN_HOURS = 48;

/** The hours that a choice means. Never before the feed's first hour, so that "30 days" of a young feed compare fairly. */
export function resolveRange(choice: RangeChoice, extent: Extent): HourRange {
  if (typeof choice !== 'string') return choice;
  const { firstHour, lastHour, lastCompleteHour } = extent;
  const isLive = lastHour !== undefined && addHours(lastHour, LIVE_WITHIN_HOURS) >= lastCompleteHour;
  const to = addHours(isLive || lastHour === undefined ? lastCompleteHour : lastHour, 1);
  const first = firstHour ?? addHours(to, -24);
  const hours = PRESETS[choice];
  const from = hours === Infinity ? first : addHours(to, -hours);
  return { from: from > first ? from : first, to };
}

/** More buckets than this are thinner than a line of the chart. */
const BUCKETS_MOST = 2000;

/** Hours of a bucket, at most. */
export const GRAIN_HOURS: Readonly<Record<Grain, number>> = { hour: 1, day: 24, week: 168, month: 744 };

/** The grains that a range can be shown in, the finest first. */
export function grainsOf(range: HourRange): Grain[] {
  return GRAINS.filter((grain) => countHours(range) / GRAIN_HOURS[grain] <= BUCKETS_MOST);
}

/** The grain of a time chart that suits a range: enough buckets to see a rhythm, few enough to read. */
export function defaultGrain(range: HourRange): Grain {
  const hours = countHours(range);
  if (hours <= 8 * 24) return 'hour';
  return hours <= 180 * 24 ? 'day' : 'week';
}
