/**
 * Fewer requests at a time after SlowDown, more again with every one that goes well, as TCP does it.
 * Nothing here looks at a clock: the limiter of the SDK's adaptive retries waits for an hour when the clock is put back by one.
 */

/** Requests of one client that wait for their turn. */
export interface Pace {
  /** Requests at a time, at the moment. */
  readonly limit: number;
  /**
   * Runs a request when fewer than the limit are running.
   * @param isThrottled whether this error of a request says that there were too many
   */
  run<T>(request: () => Promise<T>, isThrottled: (error: unknown) => boolean): Promise<T>;
}

/** @param most requests at a time while the store does not complain */
export function createPace(most: number): Pace {
  let limit = most;
  let running = 0;
  let slowdowns = 0;
  const waiting: (() => void)[] = [];
  const startNext = (): void => {
    while (running < Math.floor(limit)) {
      const next = waiting.shift();
      if (next === undefined) return;
      running += 1;
      next();
    }
  };
  const slowDown = (): void => {
    slowdowns += 1;
    limit = Math.max(1, running / 2);
  };
  return {
    get limit() {
      return Math.floor(limit);
    },
    run: async (request, isThrottled) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        startNext();
      });
      const slowdownsBefore = slowdowns;
      try {
        const answer = await request();
        limit = Math.min(most, limit + 1 / limit);
        return answer;
      } catch (error) {
        // Of those that ran together one complaint is enough: the others were sent before it was heard.
        if (isThrottled(error) && slowdowns === slowdownsBefore) slowDown();
        throw error;
      } finally {
        running -= 1;
        startNext();
      }
    },
  };
}
