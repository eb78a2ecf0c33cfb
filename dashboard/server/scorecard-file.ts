/** The scorecard as a JSON file: what was judged and why, the thresholds, and the receipts' totals as proof for the vendor. */
import { SCORECARD_LINES } from '../../domain/metrics/scorecard.ts';
import type { Text } from '../../domain/metrics/text.ts';
import { expectation, reason } from '../page/scorecard/reason.ts';
import { wordsOf, type Words } from '../page/texts/words.ts';
import type { Breakdown, JudgedLine, Scorecard } from '../reader.ts';
import type { ExportedLine, ScorecardExport } from '../wire.ts';
import type { answerFile } from './answer.ts';

/** What the file is made of. */
export interface ScorecardFacts {
  readonly scorecard: Scorecard;
  readonly visitors: readonly Breakdown[];
}

/** Renders the file out of {@link ScorecardFacts}. */
export function scorecardFile(version: string, nowMs: number): Parameters<typeof answerFile>[1] {
  const exportedAt = new Date(nowMs).toISOString();
  return {
    name: `scorecard-${exportedAt.slice(0, 10)}.json`,
    type: 'application/json; charset=utf-8',
    render(data) {
      const { scorecard, visitors } = data as ScorecardFacts;
      const lines = scorecard.lines.map(exportedLine);
      const file: ScorecardExport = { product: `clickfeed ${version}`, exportedAt, ...scorecard, lines, visitors };
      return `${JSON.stringify(file, null, 2)}\n`;
    },
  };
}

const WORDS = { en: wordsOf('en'), ru: wordsOf('ru') };

function exportedLine(line: JudgedLine): ExportedLine {
  const definition = SCORECARD_LINES.find(({ id }) => id === line.id);
  if (definition === undefined) throw new RangeError(`Cannot export ${line.id}: expected a line of the scorecard`);
  const { name, meaning, unit } = definition;
  const inBoth = (say: (words: Words) => string): Text => ({ en: say(WORDS.en), ru: say(WORDS.ru) });
  return {
    ...line,
    name,
    meaning,
    unit,
    expected: inBoth((words) => expectation(words, line, unit)),
    reason: inBoth((words) => reason(words, line)),
  };
}
