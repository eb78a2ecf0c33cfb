/** The operator's activities over their ports. */
import { isTableName, TABLE_NAMES, type TableName } from '../../domain/catalogue.ts';
import { InputError } from '../../domain/errors.ts';
import { EVENTS_TABLE } from '../../domain/events.ts';
import { parseHour } from '../../domain/hour.ts';
import { runAttempt } from '../attempt.ts';
import type { Ledger, ObjectStore } from '../ports.ts';
import type { OperationsActivities, TableRange } from './api.ts';
import type { Auditor, Sweeper, SweepRules, Truncations } from './ports.ts';
import { createSurveyRange } from './survey.ts';

/** What the operator's activities need of the world. */
export interface OperationsPorts {
  readonly store: ObjectStore;
  readonly ledger: Ledger;
  readonly truncations: Truncations;
  readonly sweeper: Sweeper;
  readonly auditor: Auditor;
  readonly sweepRules: SweepRules;
}

/** Builds the operator's activities. */
export function createOperations(ports: OperationsPorts): OperationsActivities {
  const { truncations, sweeper, auditor, sweepRules } = ports;
  return {
    surveyRange: createSurveyRange(ports),
    storageFacts: (input) => {
      const range = checkRange(input);
      return runAttempt(noProgress, ({ signal }) => auditor.storageFacts(range, signal));
    },
    truncate: (input) => {
      const request = { ...checkRange(input), truncationId: input.truncationId };
      return runAttempt(noProgress, ({ signal }) => truncations.truncate(request, signal));
    },
    restore: ({ truncationId }) => runAttempt(noProgress, ({ signal }) => truncations.restore(truncationId, signal)),
    purgeableTruncations: () => runAttempt(noProgress, ({ signal }) => truncations.purgeable(signal)),
    purge: ({ truncationId }) => runAttempt(noProgress, ({ signal }) => truncations.purge(truncationId, signal)),
    sweep: (input) => {
      const table = input.table === EVENTS_TABLE ? input.table : checkTable(input.table);
      return runAttempt(noProgress, ({ signal }) => sweeper.sweep(table, sweepRules, signal));
    },
    countRange: (input) => {
      const range = checkRange(input);
      const progress = { table: '' };
      return runAttempt(
        () => ({ ...progress }),
        async ({ signal }) => {
          const found = [];
          for (const table of range.tables) {
            progress.table = table;
            found.push(...(await auditor.mismatches(table, range, signal)));
          }
          return found;
        },
      );
    },
    abandonReplaced: (loads) =>
      runAttempt(noProgress, async ({ signal }) => {
        const replaced = new Set(await auditor.replaced(loads, signal));
        const bad = loads.filter(({ loadId }) => replaced.has(loadId));
        for (const { table, hour, loadId } of bad) {
          await ports.ledger.abandon(checkTable(table), [{ hour, loadId }], 'verification-failed');
        }
        return bad.map(({ loadId }) => loadId);
      }),
  };
}

function checkRange({ tables, from, to }: TableRange): TableRange {
  return { tables: tables.map(checkTable), from: parseHour(from), to: parseHour(to) };
}

function checkTable(table: string): TableName {
  if (isTableName(table)) return table;
  throw new InputError(`Cannot use table ${JSON.stringify(table)}: expected one of ${TABLE_NAMES.join(', ')}`);
}

function noProgress(): object {
  return {};
}
