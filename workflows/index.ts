/** Every workflow of the task queue, by its type's name. */
export { hourlyLoad } from './hourly-load.ts';
export { lookback } from './lookback.ts';
export { backfill } from './backfill.ts';
export { truncateTables } from './truncate-tables.ts';
export { restoreTables } from './restore-tables.ts';
export { sweep } from './sweep.ts';
export { reconcile } from './reconcile.ts';
export { daily } from './daily.ts';
export { rebuildEvents } from './rebuild-events.ts';
