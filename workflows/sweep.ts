/** Purges what was truncated longer ago than the grace period, then deletes rows that can never be seen again. */
import { setCurrentDetails } from '@temporalio/workflow';
import type { PurgeReport, SweepReport } from '../domain/truncation.ts';
import { settings } from './activities.ts';
import { readInput, tablesField } from './input.ts';
import { purge, purgeableTruncations } from './operations-activities.ts';
import type { SweepInput } from './operations-messages.ts';
import { makeFindable } from './search-attributes.ts';
import { sweepTables } from './sweep-tables.ts';

/** The result. */
export interface SweepResult {
  readonly purged: readonly PurgeReport[];
  readonly tables: readonly SweepReport[];
}

/** Deletes nothing that a reader sees or could see again. @throws {ApplicationFailure} InputError at once */
export async function sweep(input?: SweepInput): Promise<SweepResult> {
  const given = readInput('sweep', input, { tables: tablesField });
  const configured = await settings();
  const tables = given.tables ?? configured.tables;
  makeFindable(configured, tables);
  setCurrentDetails(`**Deleting what can never be seen again of ${tables.join(', ')}**`);
  const purged: PurgeReport[] = [];
  for (const { truncationId, truncatedMs } of await purgeableTruncations()) {
    if (truncatedMs + configured.purgeGraceHours * 3_600_000 > Date.now()) continue;
    purged.push(await purge.executeWithOptions({ summary: truncationId }, [{ truncationId }]));
  }
  const result: SweepResult = { purged, tables: await sweepTables(tables) };
  setCurrentDetails(sweepDetails(result));
  return result;
}

function sweepDetails({ purged, tables }: SweepResult): string {
  return [
    `**Purged ${purged.filter(({ outcome }) => outcome === 'purged').length} truncations**`,
    '',
    '| table | loads given up | loads deleted | rows deleted | quarantined lines deleted | |',
    '| --- | ---: | ---: | ---: | ---: | --- |',
    ...tables.map(
      (report) =>
        `| ${report.table} | ${report.abandonedLoads} | ${report.deletedLoads} | ${report.deletedRows} | ` +
        `${report.deletedQuarantined} | ${report.more ? 'more is left' : ''} |`,
    ),
  ].join('\n');
}
