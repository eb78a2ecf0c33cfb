/**
 * The plan of a backfill: a range cut into windows of one table and some UTC days, counted off by one number, so that a run
 * that continues as new carries no list. Pure.
 */
import type { TableName } from './catalogue.ts';
import { grouped } from './digits.ts';
import { countHours, hourAt, hourStartMs, HOUR_MS, type Hour, type HourRange } from './hour.ts';
import type { LoadMode } from './loading.ts';

export const BACKFILL_ORDERS = ['newest', 'oldest'] as const;

/** Which days come first. */
export type BackfillOrder = (typeof BACKFILL_ORDERS)[number];

/** What a backfill was asked to do, with every default filled in. */
export interface BackfillPlan extends HourRange {
  readonly tables: readonly TableName[];
  readonly mode: LoadMode;
  readonly order: BackfillOrder;
  /** Windows loaded at the same time. */
  readonly concurrency: number;
  /** UTC days of a window; 1 when it is not said. */
  readonly windowDays?: number;
}

/** Windows that each of those loaded at the same time should have before it: with fewer, some would idle at the end. */
const WINDOWS_IN_TURN = 4;

/** One table, the hours of {@link BackfillPlan.windowDays} UTC days that lie in the range. */
export interface BackfillWindow extends HourRange {
  readonly table: TableName;
}

/**
 * A week: reading the ledger, counting back and committing cost the same for a day. Beyond it little is saved, and a try that fails
 * has more to do again.
 */
export const WINDOW_DAYS_MOST = 7;

const DAY_MS = 24 * HOUR_MS;

/**
 * Days of a window: many spread the fixed cost of ledger, verification and Temporal, unless the range is too short for that.
 * @param most at least 1
 */
export function chooseWindowDays(plan: BackfillPlan, most: number): number {
  const days = (countSpans(plan, DAY_MS) * plan.tables.length) / (plan.concurrency * WINDOWS_IN_TURN);
  return Math.max(1, Math.min(most, Math.floor(days)));
}

/** How many windows the plan has. */
export function countWindows(plan: BackfillPlan): number {
  return countSpans(plan, spanMs(plan)) * plan.tables.length;
}

/** How many hours of tables the plan covers. */
export function countTableHours(plan: BackfillPlan): number {
  return countHours(plan) * plan.tables.length;
}

/**
 * The window with the number `index`, from 0: all tables of its days, then the next days in the plan's order.
 * @returns undefined behind the last one
 */
export function windowAt(plan: BackfillPlan, index: number): BackfillWindow | undefined {
  const table = plan.tables[index % plan.tables.length];
  const ms = spanMs(plan);
  const spans = countSpans(plan, ms);
  const position = Math.floor(index / plan.tables.length);
  if (table === undefined || index < 0 || position >= spans) return undefined;
  const span = plan.order === 'oldest' ? position : spans - 1 - position;
  const beginMs = (Math.floor(hourStartMs(plan.from) / ms) + span) * ms;
  return { table, from: laterOf(hourAt(beginMs), plan.from), to: earlierOf(hourAt(beginMs + ms), plan.to) };
}

function spanMs({ windowDays = 1 }: BackfillPlan): number {
  return windowDays * DAY_MS;
}

/** Spans of so many milliseconds since 1970 that the range touches. */
function countSpans({ from, to }: HourRange, ms: number): number {
  if (to <= from) return 0;
  return Math.ceil(hourStartMs(to) / ms) - Math.floor(hourStartMs(from) / ms);
}

function laterOf(a: Hour, b: Hour): Hour {
  return a > b ? a : b;
}

function earlierOf(a: Hour, b: Hour): Hour {
  return a < b ? a : b;
}

/** "120 of 240 hours in 4 tables (60 each)": an hour counts once for each table, which misleads who thinks of the clock's hours. */
export function hoursDoneText(progress: {
  readonly tables: readonly TableName[];
  readonly hoursDone: number;
  readonly hoursTotal: number;
}): string {
  const { tables, hoursDone, hoursTotal } = progress;
  const each = tables.length === 1 ? '' : ` in ${tables.length} tables (${grouped(hoursTotal / tables.length)} each)`;
  return `${grouped(hoursDone)} of ${grouped(hoursTotal)} hours${each}`;
}
