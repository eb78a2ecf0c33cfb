/**
 * Load ids: UInt64, unique per attempt and object, growing per (table, hour).
 * The upper 42 bits are the server's clock in milliseconds, the lower 22 are random, so that two attempts
 * that begin in the same millisecond do not share an id. Carried as decimal text: a UInt64 does not fit a JS number.
 */

/** Decimal text of a load id. Compare with {@link compareLoadIds}, never as text. */
export type LoadId = string & { readonly __brand: 'LoadId' };

const RANDOM_BITS = 22n;
/** An id shifted right by so many bits is its clock: for SQL. */
export const LOAD_ID_CLOCK_SHIFT = Number(RANDOM_BITS);
/** `random` below is taken modulo this. */
export const LOAD_ID_RANDOM_RANGE = 2 ** Number(RANDOM_BITS);

/**
 * The id of a new load: its clock part is max(clock, 1 + that of the greatest id so far).
 * @param serverNowMs the ClickHouse server's clock, so that a worker's skewed clock has no effect
 * @param greatest the greatest id of that table and hour so far
 * @param random an integer from 0 to LOAD_ID_RANDOM_RANGE - 1
 */
export function newLoadId(serverNowMs: number, greatest: LoadId | undefined, random: number): LoadId {
  const clock = BigInt(Math.trunc(serverNowMs));
  const after = greatest === undefined ? 0n : (BigInt(greatest) >> RANDOM_BITS) + 1n;
  return String(((clock > after ? clock : after) << RANDOM_BITS) | BigInt(random)) as LoadId;
}

/**
 * Makes the ids of loads that belong together, such as those of one INSERT. Their random parts come from one draw and lie side by side, so they
 * differ. Were each drawn, two of the 168 of a week would be the same once in 300 such weeks, as all begin in one millisecond; and two such
 * INSERTs that meet in a millisecond would share an id a hundred times as often as by their 168 neighbours.
 * @param randomBelow a whole number from 0 to `below` - 1, unpredictable
 * @returns as {@link newLoadId}, without its random part
 */
export function createLoadIds(
  randomBelow: (below: number) => number,
): (serverNowMs: number, greatest: LoadId | undefined) => LoadId {
  let next = randomBelow(LOAD_ID_RANDOM_RANGE);
  return (serverNowMs, greatest) => {
    const random = next;
    next = (next + 1) % LOAD_ID_RANDOM_RANGE;
    return newLoadId(serverNowMs, greatest, random);
  };
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

/** The server's clock when the load began, milliseconds since 1970; never earlier than the truth. */
export function loadIdClockMs(id: LoadId): number {
  return Number(BigInt(id) >> RANDOM_BITS);
}
