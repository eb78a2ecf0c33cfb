/** Median and spread of a few runs. */

/** What is known of a measure after its runs. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The middle value, the mean of the two middle ones when there is an even number. @throws {RangeError} without values */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  const [least] = sorted;
  const most = sorted.at(-1);
  if (upper === undefined || lower === undefined || least === undefined || most === undefined) {
    throw new RangeError('Cannot tell the median: found no value, expected one at least');
  }
  return { median: (upper + lower) / 2, least, most };
}

/** a[i] / b[i] of runs that were made in turn. */
export function ratios(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length) throw new RangeError(`Cannot pair ${a.length} with ${b.length} runs`);
  return a.map((value, i) => value / (b[i] ?? Number.NaN));
}
