/** Gives loads that are made together their ids. */
import { UnavailableError } from '../domain/errors.ts';
import { newLoadId, type LoadId } from '../domain/load-id.ts';
import type { LoadIds } from './ports.ts';

/** What a load is to be made of, and the greatest id so far of its table and hour. */
interface Place {
  readonly greatestLoadId?: LoadId | undefined;
}

/** The items, each with a load id of its own, above the greatest so far of its table and hour. */
export async function withLoadIds<T extends Place>(
  items: readonly T[],
  loadIds: LoadIds,
  signal: AbortSignal,
): Promise<(T & { readonly loadId: LoadId })[]> {
  const drawn = await loadIds.draw(items.length, signal);
  return items.map((item, position) => {
    const id = drawn[position];
    if (id === undefined) throw notEnough(items.length, drawn);
    return { ...item, loadId: newLoadId(id, item.greatestLoadId) };
  });
}

/** The same of one. */
export async function withLoadId<T extends Place>(
  item: T,
  loadIds: LoadIds,
  signal: AbortSignal,
): Promise<T & { readonly loadId: LoadId }> {
  const drawn = await loadIds.draw(1, signal);
  const [id] = drawn;
  if (id === undefined) throw notEnough(1, drawn);
  return { ...item, loadId: newLoadId(id, item.greatestLoadId) };
}

function notEnough(expected: number, drawn: readonly LoadId[]): UnavailableError {
  return new UnavailableError(`Cannot draw load ids: expected ${expected}, found ${drawn.length}`);
}
