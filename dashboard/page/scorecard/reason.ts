/** Why a line of the scorecard got its verdict, in words. */
import type { ScorecardId, ScorecardUnit } from '../../../domain/metrics/scorecard.ts';
import type { JudgedLine } from '../../reader.ts';
import { visible } from '../format.ts';
import type { TextKey } from '../texts/texts.ts';
import type { Words } from '../texts/words.ts';

/** The sentence of each line; `{name}` is a figure of its evidence. */
const SENTENCES: Readonly<Record<ScorecardId, TextKey>> = {
  coverage: 'why_coverage',
  publishing_delay_p50: 'why_publishing_delay_p50',
  publishing_delay_p95: 'why_publishing_delay_p95',
  volume_stability: 'why_volume_stability',
  gaps: 'why_gaps',
  duplicates: 'why_duplicates',
  joined_events: 'why_joined_events',
  null_rate: 'why_null_rate',
  drift_rate: 'why_drift_rate',
  quarantined_lines: 'why_quarantined_lines',
  outside_hour: 'why_outside_hour',
  bots: 'why_bots',
  outlier_hours: 'why_outlier_hours',
  conversion: 'why_conversion',
  stored_bytes_per_million: 'why_stored_bytes_per_million',
  load_seconds_per_million: 'why_load_seconds_per_million',
  growth_per_year: 'why_growth_per_year',
};

/** What the line should be: "at least 99.5 %, watch from 97 %". */
export function expectation({ t, formats }: Words, { threshold }: JudgedLine, unit: ScorecardUnit): string {
  if (threshold === undefined) return t('noThreshold');
  const values = { good: formats.value(threshold.good, unit), watch: formats.value(threshold.watch, unit) };
  return t(threshold.better === 'up' ? 'atLeast' : 'atMost', values);
}

/** What was found. */
export function reason({ t, formats }: Words, { id, value, evidence, mostly }: JudgedLine): string {
  const figures = Object.fromEntries(
    Object.entries(evidence).map(([name, figure]) => {
      if (name === 'bytes') return [name, formats.bytes(figure)] as const;
      const isTime = name === 'seconds' || name === 'latest';
      return [name, isTime ? formats.seconds(figure) : formats.count(figure)] as const;
    }),
  );
  const sentences = [value === undefined ? t('nothingMeasured') : t(SENTENCES[id], figures)];
  if (mostly !== undefined) {
    sentences.push(t('mostly', { field: visible(mostly.field), count: formats.count(mostly.count) }));
  }
  if ((evidence['bulk'] ?? 0) > 0) sentences.push(t('leftOutBulk', figures));
  return sentences.join(' ');
}
