/** A backfill for the Web UI, in Markdown. */
import { hoursDoneText } from '../domain/backfill.ts';
import { grouped } from '../domain/digits.ts';
import type { BackfillEstimate } from '../domain/estimate.ts';
import type { BackfillPhase, BackfillProgress } from './backfill-run.ts';
import { troubleLines } from './details.ts';

/** What the progress comes down to. */
export function backfillDetails(progress: BackfillProgress): string {
  const { hoursDone, hoursTotal, hours, rows, quarantined } = progress;
  const percent = hoursTotal === 0 ? 100 : Math.floor((hoursDone * 100) / hoursTotal);
  const counts = Object.entries(hours).filter(([, count]) => count > 0);
  const unlisted = progress.troubleCount - progress.troubles.length;
  return [
    `**${PHASE_TEXTS[progress.phase]}: ${hoursDoneText(progress)}, ${percent} %**`,
    '',
    `Hours ${progress.from} to ${progress.to} UTC of ${progress.tables.join(', ')}; mode ${progress.mode}, ${progress.order} first`,
    '',
    `Rows: ${grouped(rows)}, quarantined lines: ${grouped(quarantined)}, ${grouped(progress.rowsPerSecond)} rows/s${leftText(progress)}`,
    '',
    `Outcomes: ${counts.map(([outcome, count]) => `${outcome} ${grouped(count)}`).join(', ') || 'none yet'}`,
    ...(progress.reason === undefined ? [] : ['', progress.reason]),
    ...troubleLines(progress.troubles),
    ...(unlisted > 0 ? [`- and ${unlisted} that are counted only`] : []),
  ].join('\n');
}

/** A dry run for the Web UI. */
export function estimateDetails(estimate: BackfillEstimate): string {
  const { hours } = estimate;
  const known = (value: number | undefined): string => (value === undefined ? 'not known yet' : String(value));
  return [
    '**Dry run: nothing is loaded**',
    '',
    `Would load ${hours.load} hours of a table, ${hours.loadSizeBytes} bytes of objects`,
    '',
    `Left alone: ${hours.unchanged} unchanged, ${hours.absent} absent, ${hours.rejected} rejected, ${hours.ambiguous} ambiguous`,
    '',
    `Expected: rows ${known(estimate.expectedRows)}, bytes on disk ${known(estimate.expectedDiskBytes)} ` +
      `(free ${estimate.freeDiskBytes}), minutes ${known(estimate.expectedMinutes)}`,
  ].join('\n');
}

const PHASE_TEXTS: Readonly<Record<BackfillPhase, string>> = {
  running: 'Running',
  paused: 'Paused',
  'waiting for servers': 'Waiting for servers',
  done: 'Done',
  cancelled: 'Cancelled',
  stopped: 'Stopped',
};

function leftText({ minutesLeft, phase }: BackfillProgress): string {
  return minutesLeft === undefined || phase === 'done' ? '' : `, about ${minutesLeft} minutes left`;
}
