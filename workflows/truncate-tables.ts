/** Clears tables, or hours of them: instant for readers, and reversible until the grace period is over. */
import { setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import { hourStartMs, type Hour } from '../domain/hour.ts';
import { ALL_HOURS, truncationIdOf, type HiddenLoads } from '../domain/truncation.ts';
import { settings } from './activities.ts';
import { booleanField, hourField, inputFailure, readInput, tablesField } from './input.ts';
import { purge, truncate } from './operations-activities.ts';
import type { TruncateInput } from './operations-messages.ts';
import { PURGE_SETTLE } from './policy.ts';
import { makeFindable } from './search-attributes.ts';
import { startRebuildEvents } from './rebuild-events.ts';
import { sweepTables } from './sweep-tables.ts';

/** The result: what was hidden, and until when it can be brought back. */
export interface TruncateResult extends HiddenLoads {
  /** From when on the daily sweep deletes the rows, UTC; left out when they are deleted already. */
  readonly purgedAfter?: string;
  /** Rows deleted by `purge`. */
  readonly deletedRows?: number;
}

/**
 * Hides every load that the ledger holds, and those that runs begun before it commit later, whenever they end. A run that is tried
 * again writes the same truncation once more, which has no effect.
 * @throws {ApplicationFailure} InputError at once
 */
export async function truncateTables(input?: TruncateInput): Promise<TruncateResult> {
  const given = readInput('truncateTables', input, {
    tables: tablesField,
    from: hourField,
    to: hourField,
    purge: booleanField,
  });
  const configured = await settings();
  const range = { from: given.from ?? ALL_HOURS.from, to: given.to ?? ALL_HOURS.to };
  if (range.from >= range.to) {
    throw inputFailure(`Cannot start truncateTables: found ${range.from} to ${range.to}, expected "from" before "to"`);
  }
  const tables = given.tables ?? configured.tables;
  makeFindable(configured, tables);
  setCurrentDetails(`**Clearing ${tables.join(', ')} ${rangeText(range)}**`);
  const request = { ...range, tables, truncationId: truncationIdOf(workflowInfo().runId) };
  const hidden = await truncate.executeWithOptions({ summary: `hide ${tables.join(', ')} ${rangeText(range)}` }, [
    request,
  ]);
  await startRebuildEvents();
  if (given.purge !== true) {
    const purgedAfter = new Date(Date.now() + configured.purgeGraceHours * 3_600_000).toISOString();
    setCurrentDetails([...hiddenLines(hidden), '', restoreLine(hidden, purgedAfter)].join('\n'));
    return { ...hidden, purgedAfter };
  }
  setCurrentDetails([...hiddenLines(hidden), '', 'Deleting the rows'].join('\n'));
  return { ...hidden, ...(await purgeNow(hidden)) };
}

async function purgeNow(hidden: HiddenLoads): Promise<Pick<TruncateResult, 'deletedRows' | 'purgedLoads'>> {
  const { truncationId, tables } = hidden;
  const { loads } = await purge.executeWithOptions({ summary: `give up the loads under ${truncationId}` }, [
    { truncationId },
  ]);
  // Queries that began before the truncation have taken hold of their rows by then.
  await sleep(PURGE_SETTLE, { summary: 'let queries take hold of their rows' });
  const reports = await sweepTables(tables);
  const deletedRows = reports.reduce((total, report) => total + report.deletedRows, 0);
  setCurrentDetails([...hiddenLines(hidden), '', `Purged: ${loads} loads, ${deletedRows} rows deleted`].join('\n'));
  return { deletedRows, purgedLoads: loads };
}

function hiddenLines({ truncationId, tables, from, to, loads, rows, sizeBytes }: HiddenLoads): string[] {
  return [
    `**Cleared ${tables.join(', ')} ${rangeText({ from, to })}**`,
    '',
    `Hid ${loads} loads: ${rows} rows, from ${sizeBytes} bytes of objects`,
    '',
    `Truncation: \`${truncationId}\``,
  ];
}

function restoreLine({ truncationId }: HiddenLoads, purgedAfter: string): string {
  return `Until ${purgedAfter.slice(0, 16)}Z start \`restoreTables\` with \`{"truncationId": "${truncationId}"}\` to bring them back`;
}

function rangeText({ from, to }: { readonly from: Hour; readonly to: Hour }): string {
  if (hourStartMs(from) === hourStartMs(ALL_HOURS.from) && to === ALL_HOURS.to) return 'wholly';
  return `from ${from} to ${to}`;
}
