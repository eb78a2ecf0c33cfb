/** The sweep of some tables, as a step of several workflows. */
import type { TableName } from '../domain/catalogue.ts';
import { EVENTS_TABLE } from '../domain/events.ts';
import type { SweepReport, SweptTable } from '../domain/truncation.ts';
import { sweepTable } from './operations-activities.ts';
import { SWEEP_ROUNDS_MOST } from './policy.ts';

/**
 * Sweeps each table, then the page views derived from them, until nothing is left, or for so many rounds; what is left then is the
 * next day's.
 */
export async function sweepTables(tables: readonly TableName[]): Promise<SweepReport[]> {
  const reports: SweepReport[] = [];
  const swept: readonly SweptTable[] = [...tables, EVENTS_TABLE];
  for (const table of swept) {
    let total: SweepReport = {
      table,
      abandonedLoads: 0,
      deletedLoads: 0,
      deletedRows: 0,
      deletedQuarantined: 0,
      more: true,
    };
    for (let round = 1; total.more && round <= SWEEP_ROUNDS_MOST; round += 1) {
      const report = await sweepTable.executeWithOptions({ summary: `${table}, round ${round}` }, [{ table }]);
      total = added(total, report);
    }
    reports.push(total);
  }
  return reports;
}

function added(a: SweepReport, b: SweepReport): SweepReport {
  return {
    table: a.table,
    abandonedLoads: a.abandonedLoads + b.abandonedLoads,
    deletedLoads: a.deletedLoads + b.deletedLoads,
    deletedRows: a.deletedRows + b.deletedRows,
    deletedQuarantined: a.deletedQuarantined + b.deletedQuarantined,
    more: b.more,
  };
}
