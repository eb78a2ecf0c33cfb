/** The operator's activities over the real adapters, beside a {@link Loader}. */
import { createOperations } from '../../activities/operations/index.ts';
import type { OperationsActivities } from '../../activities/operations/api.ts';
import type { SweepRules } from '../../activities/operations/ports.ts';
import { createAuditor, createSweeper, createTruncations } from '../../adapters/clickhouse/operations/index.ts';
import type { Loader } from './loader.ts';

/** Rules under which everything that is over is settled at once; load ids carry the clock of the same server. */
export const SETTLED_AT_ONCE: SweepRules = { attemptMs: 0, settleMs: 0, purgeSettleMs: 0, loadsMax: 10_000 };

/** Each activity called as a worker would. */
export function createOperator(loader: Loader, sweepRules: SweepRules = SETTLED_AT_ONCE): OperationsActivities {
  const { server, ports } = loader;
  const activities = createOperations({
    store: ports.store,
    ledger: ports.ledger,
    truncations: createTruncations(server),
    sweeper: createSweeper(server),
    auditor: createAuditor(server),
    sweepRules,
  });
  return {
    surveyRange: (input) => loader.run(() => activities.surveyRange(input)),
    storageFacts: (input) => loader.run(() => activities.storageFacts(input)),
    truncate: (input) => loader.run(() => activities.truncate(input)),
    restore: (input) => loader.run(() => activities.restore(input)),
    purgeableTruncations: () => loader.run(() => activities.purgeableTruncations()),
    purge: (input) => loader.run(() => activities.purge(input)),
    sweep: (input) => loader.run(() => activities.sweep(input)),
    countRange: (input) => loader.run(() => activities.countRange(input)),
    abandonReplaced: (input) => loader.run(() => activities.abandonReplaced(input)),
  };
}
