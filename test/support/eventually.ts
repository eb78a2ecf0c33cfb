/** Waiting in tests: for a fact, not for a time. */

const STEP_MS = 20;

/** Returns as soon as the fact holds. @throws when it does not hold within the bound */
export async function eventually(fact: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await fact())) {
    if (performance.now() > endMs) throw new Error(`Wait for a fact: it did not hold within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
