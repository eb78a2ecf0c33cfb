/**
 * Load ids: UInt64, unique per attempt and object, growing per (table, hour). ClickHouse draws them (`generateSnowflakeID`): the upper 42
 * bits are its clock in milliseconds, the lower 22 tell apart what it drew in one millisecond. So no two loads share an id, whichever
 * workers, tables and hours they belong to, and readers may choose rows by their id alone.
 * Carried as decimal text: a UInt64 does not fit a JS number.
 */

/** Decimal text of a load id. Compare with {@link compareLoadIds}, never as text. */
export type LoadId = string & { readonly __brand: 'LoadId' };

const LOW_BITS = 22n;
/** An id shifted right by so many bits is its clock: for SQL. */
export const LOAD_ID_CLOCK_SHIFT = Number(LOW_BITS);
/** The lower part of an id is below this. */
export const LOAD_ID_LOW_RANGE = 2 ** Number(LOW_BITS);
/** Odd, near the golden ratio of the range: spreads neighbouring milliseconds far apart (Knuth, The Art of Computer Programming, 6.4). */
const SPREAD = 2_592_151n;

/** The id with that clock and that lower part (0 to LOAD_ID_LOW_RANGE - 1). */
export function composeLoadId(clockMs: number, low: number): LoadId {
  return String((BigInt(clockMs) << LOW_BITS) | BigInt(low)) as LoadId;
}

/**
 * The id of a new load: the one drawn for it, unless the server's clock went back and a greater one stands. Then the clock part is 1 + that of
 * the greatest, and the lower part comes from all of the drawn id: ids drawn together lie side by side there, and those of another
 * millisecond elsewhere.
 * @param drawn an id that the ClickHouse server drew, so that a worker's skewed clock has no effect
 * @param greatest the greatest id of that table and hour so far
 */
export function newLoadId(drawn: LoadId, greatest: LoadId | undefined): LoadId {
  if (greatest === undefined || compareLoadIds(drawn, greatest) > 0) return drawn;
  const clockMs = BigInt(loadIdClockMs(drawn));
  const low = (BigInt(drawn) + clockMs * SPREAD) % BigInt(LOAD_ID_LOW_RANGE);
  return composeLoadId(loadIdClockMs(greatest) + 1, Number(low));
}

/** Reads a load id that a server returned as text. */
export function asLoadId(text: string): LoadId {
  return BigInt(text).toString() as LoadId;
}

/** Negative, zero or positive, as a sort wants it. */
export function compareLoadIds(a: LoadId, b: LoadId): number {
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The greatest of the ids; undefined when there is none. */
export function greatestLoadId(ids: Iterable<LoadId>): LoadId | undefined {
  return [...ids].sort(compareLoadIds).at(-1);
}

/** The server's clock when the load began, milliseconds since 1970; never earlier than the truth. */
export function loadIdClockMs(id: LoadId): number {
  return Number(BigInt(id) >> LOW_BITS);
}
