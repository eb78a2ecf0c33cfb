/** A backfill in words, and as a bar on a terminal. */
import { SingleBar } from 'cli-progress';
import { hoursDoneText } from '../../domain/backfill.ts';
import { grouped } from '../../domain/digits.ts';
import type { BackfillEstimate } from '../../domain/estimate.ts';
import { printable } from '../../domain/printable.ts';
import type { BackfillProgress } from '../../workflows/backfill-run.ts';
import type { ProgressView, RunWords } from '../cli/follow-run.ts';
import type { CliIo } from '../cli/io.ts';
import { counted } from '../cli/text.ts';

const TROUBLES_SHOWN = 20;

/** `backfill` in words: its end, and that of a dry run. */
export const BACKFILL_WORDS: RunWords<BackfillProgress | BackfillEstimate, BackfillProgress> = {
  progress: progressView,
  resultText: (result) => ('phase' in result ? backfillText(result) : estimateText(result)),
  // An object's own fault (rejected) is no failure of the backfill; what could not be loaded is.
  hasFailed: (result) => 'phase' in result && result.hours.failed > 0,
};

/** A bar on a terminal, a line per change elsewhere. */
function progressView(io: CliIo): ProgressView<BackfillProgress> {
  if (!io.isTerminal) return { lines: (progress) => [progressLine(progress)], close: () => undefined };
  const bar = new SingleBar({ format: '{bar} {percentage} %  {facts}', barsize: 24, linewrap: false });
  let isOpen = false;
  return {
    lines: (progress) => {
      const facts = progressLine(progress);
      if (!isOpen) bar.start(progress.hoursTotal, progress.hoursDone, { facts });
      else bar.update(progress.hoursDone, { facts });
      isOpen = true;
      return [];
    },
    close: () => {
      if (isOpen) bar.stop();
      isOpen = false;
    },
  };
}

/** "120 of 240 hours in 4 tables (60 each), 1 200 rows, 83 rows/s, about 3 minutes left, 1 in trouble". */
export function progressLine(progress: BackfillProgress): string {
  const { phase, rows, rowsPerSecond, minutesLeft, troubleCount, reason } = progress;
  return [
    ...(phase === 'running' || phase === 'done' ? [] : [phase]),
    hoursDoneText(progress),
    `${grouped(rows)} rows`,
    `${grouped(rowsPerSecond)} rows/s`,
    ...(minutesLeft === undefined || phase === 'done' ? [] : [`about ${counted(minutesLeft, 'minute')} left`]),
    ...(troubleCount > 0 ? [`${troubleCount} in trouble`] : []),
    ...(reason === undefined ? [] : [printable(reason)]),
  ].join(', ');
}

/** The end of a backfill. */
export function backfillText(progress: BackfillProgress): string {
  const counts = Object.entries(progress.hours).filter(([, count]) => count > 0);
  const troubles = progress.troubles
    .slice(0, TROUBLES_SHOWN)
    .map(({ table, from, to, kind, detail }) => `  ${kind}: ${table} ${from} to ${to}: ${printable(detail)}`);
  const hidden = progress.troubleCount - troubles.length;
  return [
    progressLine(progress),
    `Hours: ${counts.map(([outcome, count]) => `${outcome} ${grouped(count)}`).join(', ') || 'none'}`,
    ...(troubles.length === 0 ? [] : ['Needs attention:', ...troubles]),
    ...(hidden > 0 ? [`  and ${hidden} more`] : []),
  ].join('\n');
}

/** A dry run. */
export function estimateText(estimate: BackfillEstimate): string {
  const { hours } = estimate;
  const known = (value: number | undefined): string => (value === undefined ? 'not known yet' : grouped(value));
  return [
    `Would load ${grouped(hours.load)} hours of a table: ${grouped(hours.loadSizeBytes)} bytes of objects`,
    `Left alone: ${grouped(hours.unchanged)} unchanged, ${grouped(hours.absent)} absent, ` +
      `${grouped(hours.rejected)} rejected, ${grouped(hours.ambiguous)} ambiguous`,
    `Rows:       ${known(estimate.expectedRows)}`,
    `Disk:       ${known(estimate.expectedDiskBytes)} bytes, of ${grouped(estimate.freeDiskBytes)} free`,
    `Minutes:    ${known(estimate.expectedMinutes)}, at the rate of the last loads`,
  ].join('\n');
}
