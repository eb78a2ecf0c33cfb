/** Every workflow of the task queue, by its type's name. */
export { hourlyLoad } from './hourly-load.ts';
export { lookback } from './lookback.ts';
export { backfill } from './backfill.ts';
