/** Bounded concurrency, deterministic: workers take items in order. */

/**
 * Does `work` on the items in order, at most `concurrency` at a time. Ends early when `enough` says so before an item
 * is taken; what is in flight is finished. The first error stops the taking and is thrown once the rest is finished.
 * @returns how many items were taken
 */
export async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
  enough: () => boolean | Promise<boolean> = () => false,
): Promise<number> {
  let taken = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (!failed && taken < items.length && !(await enough())) {
      const item = items[taken];
      if (item === undefined) return; // another worker took the last one while this one asked whether it is enough
      taken += 1;
      await work(item).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return taken;
}
