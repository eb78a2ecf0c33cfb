/** What the time chart shows of what the address asks for. */
import { countHours, type HourRange } from '../../../domain/hour.ts';
import type { MetricId } from '../../../domain/metrics/metrics.ts';
import { defaultGrain } from '../../ranges.ts';
import { GRAINS, type Grain } from '../../reader.ts';
import type { PageAddress } from '../state/address.ts';
import { SERIES_METRICS } from './families.ts';

const BUCKETS_MOST = 2000;

/** Hours of a bucket, at most. */
export const GRAIN_HOURS: Readonly<Record<Grain, number>> = { hour: 1, day: 24, week: 168, month: 744 };

/** Metric and grain, and the grains to choose from. */
export function seriesShown(
  address: PageAddress,
  range: HourRange,
): { readonly metric: MetricId; readonly grain: Grain; readonly grains: readonly Grain[] } {
  const grains = GRAINS.filter((grain) => countHours(range) / GRAIN_HOURS[grain] <= BUCKETS_MOST);
  return {
    metric: SERIES_METRICS.includes(address.metric) ? address.metric : 'visitors',
    grain: address.grain !== undefined && grains.includes(address.grain) ? address.grain : defaultGrain(range),
    grains,
  };
}
