/** The operator's activities for workflow tests: answers are set, calls are noted. */
import type { Mismatch, OperationsActivities, TableRange } from '../../activities/operations/api.ts';
import type { StorageFacts } from '../../domain/estimate.ts';
import type { HiddenLoads, SweepReport, SweptTable, TruncationRecord } from '../../domain/truncation.ts';
import { FakeWorld } from './fakes.ts';

/** A fake world with an operator in it. */
export class OperatorWorld extends FakeWorld {
  readonly calls: string[] = [];
  readonly truncations: (TableRange & { readonly truncationId: string })[] = [];
  facts: StorageFacts = { tables: {}, freeDiskBytes: 1e12, recentLoads: 0, recentMinutes: 0 };
  purgeable: TruncationRecord[] = [];
  /** Answers of `sweep`, one after the other; then nothing is left. */
  sweeps: Partial<SweepReport>[] = [];
  mismatches: Mismatch[] = [];
  /** Load ids that a later load replaced. */
  replaced: string[] = [];

  override activities(): ReturnType<FakeWorld['activities']> & OperationsActivities {
    return {
      ...super.activities(),
      surveyRange: ({ from, to, mode }) => {
        this.calls.push(`survey ${from} ${to} ${mode}`);
        const survey = { load: 10, loadSizeBytes: 1_000, unchanged: 1, absent: 2, rejected: 3, ambiguous: 0 };
        return Promise.resolve({ geo_events: survey });
      },
      storageFacts: () => Promise.resolve(this.facts),
      truncate: (request) => {
        this.truncations.push(request);
        return Promise.resolve(hidden(request));
      },
      restore: ({ truncationId }) => {
        this.calls.push(`restore ${truncationId}`);
        return Promise.resolve(hidden({ truncationId, tables: ['geo_events'], ...RANGE }));
      },
      purgeableTruncations: () => Promise.resolve(this.purgeable),
      purge: ({ truncationId }) => {
        this.calls.push(`purge ${truncationId}`);
        return Promise.resolve({ truncationId, outcome: 'purged', loads: 4 });
      },
      sweep: ({ table }) => {
        this.calls.push(`sweep ${table}`);
        return Promise.resolve({ ...sweptNothing(table), ...this.sweeps.shift() });
      },
      countRange: ({ from, to }) => {
        this.calls.push(`count ${from} ${to}`);
        return Promise.resolve(this.mismatches.filter(({ hour }) => from <= hour && hour < to));
      },
      abandonReplaced: (loads) => {
        const ids = loads.map(({ loadId }) => loadId).filter((loadId) => this.replaced.includes(loadId));
        this.calls.push(`abandon ${ids.join(',')}`);
        return Promise.resolve(ids);
      },
    };
  }
}

const RANGE = { from: '2024-05-01T00', to: '2024-05-02T00' } as Pick<TableRange, 'from' | 'to'>;

function hidden(request: TableRange & { readonly truncationId: string }): HiddenLoads {
  return { ...request, loads: 4, rows: 40, sizeBytes: 400, purgedLoads: 0 };
}

function sweptNothing(table: SweptTable): SweepReport {
  return { table, abandonedLoads: 0, deletedLoads: 0, deletedRows: 0, deletedQuarantined: 0, more: false };
}
