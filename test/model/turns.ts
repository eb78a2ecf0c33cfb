/** Actors whose steps take place one after the other, in an order that the test chooses. */

/** Hands out turns: an actor asks before each step, and goes on when it is its turn. It may ask for several steps at once. */
export class Turns {
  #asking: { readonly name: string; readonly go: () => void }[] = [];
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
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.#asking.push({ name, go: resolve });
      this.#notify();
    });
    try {
      return await work();
    } finally {
      this.#taken -= 1;
      this.#notify();
    }
  }

  /** Lets one step after the other be taken, until all have ended. @param choose says which of so many is next */
  async run(choose: (count: number) => number, afterEach: () => Promise<void>): Promise<void> {
    for (;;) {
      await this.#untilAllAsk();
      const next = this.#asking[choose(this.#asking.length)];
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
