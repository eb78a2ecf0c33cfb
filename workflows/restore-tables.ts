/** Takes a truncation back, as long as its rows are not purged. */
import { setCurrentDetails } from '@temporalio/workflow';
import { InputError } from '../domain/errors.ts';
import type { HiddenLoads } from '../domain/truncation.ts';
import { settings } from './activities.ts';
import { inputFailure, readInput } from './input.ts';
import { restore } from './operations-activities.ts';
import type { RestoreInput } from './operations-messages.ts';
import { makeFindable } from './search-attributes.ts';
import { startRebuildEvents } from './rebuild-events.ts';

/**
 * Brings back exactly the loads that the truncation hides.
 * @throws {ApplicationFailure} InputError when there is no such truncation, or when its rows are purged
 */
export async function restoreTables(input?: RestoreInput): Promise<HiddenLoads> {
  const { truncationId } = readInput('restoreTables', input, { truncationId: truncationIdField });
  if (truncationId === undefined) {
    throw inputFailure(
      'Cannot start restoreTables: found no "truncationId", expected the one that truncateTables said',
    );
  }
  setCurrentDetails(`**Restoring \`${truncationId}\`**`);
  const configured = await settings();
  const restored = await restore.executeWithOptions({ summary: truncationId }, [{ truncationId }]);
  makeFindable(configured, restored.tables);
  const { tables, loads, rows, purgedLoads } = restored;
  setCurrentDetails(
    [
      `**Restored ${tables.join(', ')}**`,
      '',
      `Visible again: ${loads} loads, ${rows} rows`,
      ...(purgedLoads > 0 ? ['', `Not brought back: ${purgedLoads} loads that another truncation purged`] : []),
    ].join('\n'),
  );
  await startRebuildEvents();
  return restored;
}

function truncationIdField(value: unknown): string {
  if (typeof value === 'string' && /^[\w.-]{1,200}$/.test(value)) return value;
  throw new InputError(`found ${JSON.stringify(value).slice(0, 80)}, expected the id of a truncation`);
}
