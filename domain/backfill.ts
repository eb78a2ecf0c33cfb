/**
 * The plan of a backfill: a range cut into windows of one table and one UTC day, counted off by one number, so that a run
 * that continues as new carries no list. Pure.
 */
import type { TableName } from './catalogue.ts';
import { countHours, hourAt, hourStartMs, HOUR_MS, type Hour, type HourRange } from './hour.ts';
import type { LoadMode } from './loading.ts';

export const BACKFILL_ORDERS = ['newest', 'oldest'] as const;

/** Which day comes first. */
export type BackfillOrder = (typeof BACKFILL_ORDERS)[number];

/** What a backfill was asked to do, with every default filled in. */
export interface BackfillPlan extends HourRange {
  readonly tables: readonly TableName[];
  readonly mode: LoadMode;
  readonly order: BackfillOrder;
  /** Windows loaded at the same time. */
  readonly concurrency: number;
}

/** One table, the hours of one UTC day that lie in the range. */
export interface BackfillWindow extends HourRange {
  readonly table: TableName;
}

const DAY_MS = 24 * HOUR_MS;

/** How many windows the plan has. */
export function countWindows(plan: BackfillPlan): number {
  return countDays(plan) * plan.tables.length;
}

/** How many hours of tables the plan covers. */
export function countTableHours(plan: BackfillPlan): number {
  return countHours(plan) * plan.tables.length;
}

/**
 * The window with the number `index`, from 0: all tables of a day, then the next day in the plan's order.
 * @returns undefined behind the last one
 */
export function windowAt(plan: BackfillPlan, index: number): BackfillWindow | undefined {
  const table = plan.tables[index % plan.tables.length];
  const days = countDays(plan);
  const position = Math.floor(index / plan.tables.length);
  if (table === undefined || index < 0 || position >= days) return undefined;
  const day = plan.order === 'oldest' ? position : days - 1 - position;
  const dayMs = Math.floor(hourStartMs(plan.from) / DAY_MS) * DAY_MS + day * DAY_MS;
  return { table, from: laterOf(hourAt(dayMs), plan.from), to: earlierOf(hourAt(dayMs + DAY_MS), plan.to) };
}

/** UTC days that the range touches. */
function countDays({ from, to }: HourRange): number {
  if (to <= from) return 0;
  return Math.ceil(hourStartMs(to) / DAY_MS) - Math.floor(hourStartMs(from) / DAY_MS);
}

function laterOf(a: Hour, b: Hour): Hour {
  return a > b ? a : b;
}

function earlierOf(a: Hour, b: Hour): Hour {
  return a < b ? a : b;
}
