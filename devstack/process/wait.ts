/** Bounded waiting. */
import { setTimeout as sleep } from 'node:timers/promises';

/** How long to wait, and how often to look. */
export interface WaitLimits {
  readonly timeoutMs: number;
  readonly intervalMs?: number;
}

/**
 * Looks again and again until `look` returns a value other than undefined.
 * @throws {Error} the last error of `look`, or a plain one that names `what`, when the time is over
 */
export async function waitFor<T>(what: string, look: () => Promise<T | undefined>, limits: WaitLimits): Promise<T> {
  const endMs = performance.now() + limits.timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= endMs) {
      throw new Error(`Waited in vain for ${what}: not there after ${limits.timeoutMs} ms`, { cause: failure });
    }
    await sleep(limits.intervalMs ?? 50);
  }
}
