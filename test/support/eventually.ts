/** Waiting in tests: for a fact, not for a time. */

/** To look costs too: what comes soon is looked for often, what takes long ever more seldom. */
const FIRST_STEP_MS = 20;
const LAST_STEP_MS = 400;
const SHARE_OF_WAIT = 0.1;

/** Returns when the fact holds. @throws when it does not hold within the bound */
export async function eventually(fact: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const startMs = performance.now();
  while (!(await fact())) {
    const waitedMs = performance.now() - startMs;
    if (waitedMs > withinMs) throw new Error(`Wait for a fact: it did not hold within ${withinMs} ms`);
    const stepMs = Math.min(LAST_STEP_MS, Math.max(FIRST_STEP_MS, waitedMs * SHARE_OF_WAIT));
    await new Promise((resolve) => setTimeout(resolve, stepMs));
  }
}
