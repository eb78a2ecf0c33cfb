/** Counts of fields that the catalogue does not know. */

/** Unknown fields that are counted by name, and how much of a name; the receipt must stay small. The rest is counted as {@link OTHER_FIELDS}. */
const DRIFT_NAMES = 100;
const DRIFT_NAME_CHARS = 100;
/** Stands for all unknown fields beyond the limit in the counts. */
export const OTHER_FIELDS = '(other fields)';

/** Adds the unknown fields of one line to the counts: each field once. */
export function countDrift(drift: Record<string, number>, fields: readonly string[]): void {
  let hasOthers = false;
  for (const field of fields) {
    const name = field.slice(0, DRIFT_NAME_CHARS);
    const known = drift[name];
    if (known !== undefined) drift[name] = known + 1;
    else if (Object.keys(drift).length < DRIFT_NAMES) drift[name] = 1;
    else hasOthers = true;
  }
  if (hasOthers) drift[OTHER_FIELDS] = (drift[OTHER_FIELDS] ?? 0) + 1;
}
