/** The operator's activities as workflows call them, with their policies. */
import { proxyActivities } from '@temporalio/workflow';
import type { OperationsActivities } from '../activities/operations/api.ts';
import { DELETE_ACTIVITY, LEDGER_ACTIVITY, LOOK_ACTIVITY } from './policy.ts';

/** Small statements on the ledger. */
export const { truncate, restore, purgeableTruncations, purge, storageFacts, abandonReplaced } =
  proxyActivities<OperationsActivities>(LEDGER_ACTIVITY);

/** Listings and counts over many hours. */
export const { surveyRange, countRange } = proxyActivities<OperationsActivities>(LOOK_ACTIVITY);

/** Deletes rows. */
export const { sweep: sweepTable } = proxyActivities<OperationsActivities>(DELETE_ACTIVITY);
