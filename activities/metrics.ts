/** Metrics of loads, through Temporal's meter: the worker exports them beside the SDK's own. */
import { metricMeter } from '@temporalio/activity';
import type { HourOutcome, LoadReport } from '../domain/loading.ts';

/** Counts what a call of `loadTable` did. */
export function recordLoad(report: LoadReport, durationMs: number): void {
  const meter = metricMeter.withTags({ table: report.table });
  const count = (name: string, unit: string, description: string, value: number): void => {
    if (value > 0) meter.createCounter(name, unit, description).add(value);
  };
  count('clickfeed_rows', 'rows', 'Rows committed', report.rows);
  count('clickfeed_quarantined_lines', 'lines', 'Lines quarantined by committed loads', report.quarantined);
  count('clickfeed_packed_bytes', 'bytes', 'Compressed bytes of committed objects', report.sizeBytes);
  const countHours = (outcome: HourOutcome, hours: number): void => {
    if (hours === 0) return;
    const ofOutcome = meter.withTags({ outcome });
    ofOutcome.createCounter('clickfeed_hours', 'hours', 'Hours of a table by what became of them').add(hours);
  };
  for (const { outcome } of report.hours) countHours(outcome, 1);
  countHours('current', report.currentHours ?? 0);
  meter
    .createHistogram('clickfeed_load_duration', 'int', 'ms', 'Duration of a loadTable call')
    .record(Math.round(durationMs));
}
