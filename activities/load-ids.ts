/** Gives loads that are made together their ids. */
import { UnavailableError } from '../domain/errors.ts';
import { newLoadId, type LoadId } from '../domain/load-id.ts';
import type { LoadIds } from './ports.ts';

/** The items, each with a load id of its own, above the greatest so far of its table and hour. */
export async function withLoadIds<T extends { readonly greatestLoadId?: LoadId | undefined }>(
  items: readonly T[],
  loadIds: LoadIds,
  signal: AbortSignal,
): Promise<(T & { readonly loadId: LoadId })[]> {
  const drawn = await loadIds.draw(items.length, signal);
  return items.map((item, position) => {
    const id = drawn[position];
    if (id === undefined) {
      throw new UnavailableError(`Cannot draw load ids: expected ${items.length}, found ${drawn.length}`);
    }
    return { ...item, loadId: newLoadId(id, item.greatestLoadId) };
  });
}
