/** Thresholds of the scorecard as they are configured: `coverage=0.99/0.95,gaps=0/5`, each `line=good/watch`. Pure. */
import { SCORECARD_LINES, type ScorecardId, type Threshold } from './scorecard.ts';

/** Own thresholds in place of the defaults. */
export type Thresholds = Readonly<Partial<Record<ScorecardId, Threshold>>>;

const ENTRY = /^(?<id>[a-z0-9_]+)=(?<good>\d+(?:\.\d+)?)\/(?<watch>\d+(?:\.\d+)?)$/;

/**
 * Reads them. Which way is better belongs to the line: a line without a threshold of its own (`conversion`) counts up when
 * `good` is the greater number, else down.
 * @returns the thresholds, or what is wrong with the text
 */
export function readThresholds(text: string): Thresholds | string {
  const thresholds: Partial<Record<ScorecardId, Threshold>> = {};
  for (const entry of text.split(',').map((part) => part.trim())) {
    const groups = ENTRY.exec(entry)?.groups;
    const line = SCORECARD_LINES.find(({ id }) => id === groups?.['id']);
    if (groups === undefined || line === undefined) return `no threshold: ${entry}`;
    if (thresholds[line.id] !== undefined) return `two thresholds of ${line.id}`;
    const [good, watch] = [Number(groups['good']), Number(groups['watch'])];
    const better = line.threshold?.better ?? (good > watch ? 'up' : 'down');
    if (better === 'up' ? good < watch : good > watch) return `${line.id}: good is worse than watch`;
    thresholds[line.id] = { better, good, watch };
  }
  return thresholds;
}
