/** Actors whose steps take place one after the other, in an order that the test chooses. */

/** A step that waits for its turn. */
export interface Asking {
  /** The actor. */
  readonly name: string;
  readonly what: string;
}

/** Hands out turns: an actor asks before each step, and goes on when it is its turn. It may ask for several steps at once. */
export class Turns {
  #asking: (Asking & { readonly go: () => void })[] = [];
  /** Steps that are being taken. */
  #taken = 0;
  readonly #alive = new Set<string>();
  #notify: () => void = () => undefined;

  /** Starts an actor; what it throws is given to `onError`. */
  start(name: string, act: () => Promise<unknown>, onError: (error: unknown) => void): void {
    this.#alive.add(name);
    void act()
      .catch(onError)
      .finally(() => {
        this.#alive.delete(name);
        this.#notify();
      });
  }

  /** Takes a step when it is the actor's turn. */
  async step<T>(asking: Asking, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.#asking.push({ ...asking, go: resolve });
      this.#notify();
    });
    try {
      return await work();
    } finally {
      this.#taken -= 1;
      this.#notify();
    }
  }

  /** Lets one step after the other be taken, until all have ended. @param choose says which is next: its index */
  async run(choose: (asking: readonly Asking[]) => number, afterEach: () => Promise<void>): Promise<void> {
    for (;;) {
      await this.#untilAllAsk();
      const next = this.#asking[choose(this.#asking)];
      if (next === undefined) return;
      this.#asking = this.#asking.filter((each) => each !== next);
      this.#taken += 1;
      next.go();
      await this.#untilAllAsk();
      await afterEach();
    }
  }

  async #untilAllAsk(): Promise<void> {
    const isAsking = (name: string): boolean => this.#asking.some((each) => each.name === name);
    while (this.#taken > 0 || ![...this.#alive].every(isAsking)) {
      await new Promise<void>((resolve) => {
        this.#notify = resolve;
      });
    }
  }
}

/** Whose turn it is: for so many steps, until the actor stands before a step of that name, or to its end. */
export interface Stretch {
  readonly who: string;
  readonly steps?: number;
  /** How the name of the step begins. */
  readonly until?: string;
}

/**
 * Follows the stretches; those of actors that have ended or take no part are left out. Behind the last one whoever asks longest is next.
 * @throws {Error} at its call, when an actor ends without having come to the step that is waited for
 */
export function inOrder(stretches: readonly Stretch[]): (asking: readonly Asking[]) => number {
  let at = 0;
  let taken = 0;
  return (asking) => {
    for (; at < stretches.length; at += 1, taken = 0) {
      const { who, steps = Infinity, until } = stretches[at] ?? { who: '' };
      const index = asking.findIndex(({ name }) => name === who);
      const what = asking[index]?.what;
      if (until !== undefined && what === undefined) throw new Error(`${who} never came to: ${until}`);
      if (what === undefined || taken >= steps || (until !== undefined && what.startsWith(until))) continue;
      taken += 1;
      return index;
    }
    return 0;
  };
}
