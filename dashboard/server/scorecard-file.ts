/** The scorecard as a JSON file: what was judged, the thresholds, and the receipts' totals as proof for the vendor. */
import type { Scorecard } from '../reader.ts';
import type { ScorecardExport } from '../wire.ts';
import type { answerFile } from './answer.ts';

/** Renders the file. */
export function scorecardFile(version: string, nowMs: number): Parameters<typeof answerFile>[1] {
  const exportedAt = new Date(nowMs).toISOString();
  return {
    name: `scorecard-${exportedAt.slice(0, 10)}.json`,
    type: 'application/json; charset=utf-8',
    render(data) {
      const file: ScorecardExport = { product: `clickfeed ${version}`, exportedAt, ...(data as Scorecard) };
      return `${JSON.stringify(file, null, 2)}\n`;
    },
  };
}
