/** What the time chart shows of what the address asks for. */
import type { HourRange } from '../../../domain/hour.ts';
import type { MetricId } from '../../../domain/metrics/metrics.ts';
import { defaultGrain, grainsOf } from '../../ranges.ts';
import type { Grain } from '../../reader.ts';
import type { PageAddress } from '../state/address.ts';
import { SERIES_METRICS } from './families.ts';

/** Metric and grain, and the grains to choose from. */
export function seriesShown(
  address: PageAddress,
  range: HourRange,
): { readonly metric: MetricId; readonly grain: Grain; readonly grains: readonly Grain[] } {
  const grains = grainsOf(range);
  return {
    metric: SERIES_METRICS.includes(address.metric) ? address.metric : 'visitors',
    grain: address.grain !== undefined && grains.includes(address.grain) ? address.grain : defaultGrain(range),
    grains,
  };
}
