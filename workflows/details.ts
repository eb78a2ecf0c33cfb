/** Live state for the Web UI, in Markdown: what `setCurrentDetails` shows. */
import type { HourlyLoadProgress, LookbackProgress, Trouble } from './messages.ts';

const TROUBLES_SHOWN = 20;

/** The tables of an hourly load: a list, as the Web UI draws the cells of a table without any space between them. */
export function hourlyDetails(progress: HourlyLoadProgress): string {
  const tables = Object.entries(progress.tables).map(([table, { state, rows, lines, quarantined, detail }]) => {
    const counts = `${rows} rows of ${lines} lines, ${quarantined} quarantined`;
    return `- **${table}** ${state}: ${counts}${detail === undefined ? '' : `. ${cell(detail)}`}`;
  });
  return [`**Hour ${progress.hour} UTC**`, '', ...tables].join('\n');
}

/** The state of a lookback. */
export function lookbackDetails(progress: LookbackProgress): string {
  return [
    `**Hours ${progress.from} to ${progress.to} UTC**`,
    '',
    `Objects: ${progress.presentObjects} present, ${progress.absentObjects} absent`,
    '',
    `Windows: ${progress.windowsDone} of ${progress.windows} done, ${progress.failedWindows} failed`,
    '',
    `Loaded: ${progress.loadedHours} hours, ${progress.rows} rows, ${progress.quarantined} lines quarantined`,
    ...troubleLines(progress.troubles),
  ].join('\n');
}

/** The list of what needs a person's eye. */
export function troubleLines(troubles: readonly (Omit<Trouble, 'kind'> & { readonly kind: string })[]): string[] {
  if (troubles.length === 0) return [];
  const shown = troubles
    .slice(0, TROUBLES_SHOWN)
    .map(({ table, from, to, kind, detail }) => `- ${kind}: ${table} ${from} to ${to}: ${cell(detail)}`);
  const more = troubles.length > TROUBLES_SHOWN ? [`- and ${troubles.length - TROUBLES_SHOWN} more`] : [];
  return ['', '**Needs attention**', '', ...shown, ...more];
}

/** Text from outside (keys, reasons) made harmless for one Markdown cell. */
function cell(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- control characters are what is to be shown as blanks
      .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
      .replace(/[\\`*_{}[\]<>|#!]/g, (mark) => `\\${mark}`)
      .slice(0, 500)
  );
}
