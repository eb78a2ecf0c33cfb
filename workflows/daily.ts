/** What the schedule `clickfeed-daily` starts: the sweep, then the reconciliation, each under its fixed id. */
import {
  ApplicationFailure,
  executeChild,
  isCancellation,
  setCurrentDetails,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { RECONCILE_ID, SWEEP_ID } from '../domain/service.ts';
import { reconcile } from './reconcile.ts';
import { sweep } from './sweep.ts';

/** What became of the two; what already ran is left to run. */
export interface DailyResult {
  readonly sweep: 'done' | 'runs already';
  readonly reconcile: 'done' | 'runs already';
}

/** A failure of the one does not keep the other from running. @throws {ApplicationFailure} DailyFailed, with the failures named */
export async function daily(): Promise<DailyResult> {
  const failures: string[] = [];
  const step = async (name: string, run: () => Promise<unknown>): Promise<'done' | 'runs already'> => {
    try {
      await run();
      return 'done';
    } catch (error) {
      if (isCancellation(error)) throw error;
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'runs already';
      failures.push(`${name}: ${rootMessage(error)}`);
      return 'done';
    }
  };
  setCurrentDetails(`**Sweeping** (run \`${SWEEP_ID}\`)`);
  const swept = await step('sweep', () =>
    executeChild(sweep, {
      workflowId: SWEEP_ID,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: 'Delete rows that can never be seen again',
    }),
  );
  setCurrentDetails(`**Reconciling** (run \`${RECONCILE_ID}\`)`);
  const reconciled = await step('reconcile', () =>
    executeChild(reconcile, {
      workflowId: RECONCILE_ID,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: 'Hold bucket, ledger and rows against each other',
    }),
  );
  if (failures.length > 0) {
    throw ApplicationFailure.nonRetryable(`Run the daily work: failed for ${failures.join('; ')}`, 'DailyFailed');
  }
  setCurrentDetails(`**Done**: sweep ${swept}, reconcile ${reconciled}`);
  return { sweep: swept, reconcile: reconciled };
}

function rootMessage(error: unknown): string {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  return root instanceof Error ? root.message : String(root);
}
