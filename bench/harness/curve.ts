/** How far something has come at which time. */

const SAY_EVERY_MS = 10_000;
const TENTHS = 10;

/** Collects points and tells the speed between them. */
export class Curve {
  readonly #total: number;
  readonly #say: (line: string) => void;
  readonly #startedMs = performance.now();
  readonly #points: { readonly ms: number; readonly done: number }[] = [{ ms: 0, done: 0 }];
  #saidMs = 0;

  constructor(total: number, say: (line: string) => void) {
    this.#total = total;
    this.#say = say;
  }

  /** So many are done by now. */
  add(done: number): void {
    const last = this.#points.at(-1);
    if (last === undefined || done <= last.done) return;
    const ms = performance.now() - this.#startedMs;
    this.#points.push({ ms, done });
    if (ms - this.#saidMs < SAY_EVERY_MS) return;
    const speed = ((done - last.done) * 1000) / (ms - last.ms);
    this.#say(
      `${Math.round(ms / 1000)} s: ${done} of ${this.#total}, ${Math.round((done * 1000) / ms)}/s, now ${Math.round(speed)}/s`,
    );
    this.#saidMs = ms;
  }

  /** The speed in each tenth, per second; points in between are interpolated. */
  tenths(): number[] {
    const ends = Array.from({ length: TENTHS + 1 }, (_, i) => this.#msAt((this.#total * i) / TENTHS));
    return ends.slice(1).map((ms, i) => (this.#total / TENTHS / (ms - (ends[i] ?? 0))) * 1000);
  }

  #msAt(done: number): number {
    const after = this.#points.findIndex((point) => point.done >= done);
    const end = this.#points[after];
    const begin = this.#points[after - 1];
    if (end === undefined) throw new RangeError(`Cannot tell when ${done} were done`);
    if (begin === undefined) return end.ms;
    return begin.ms + ((end.ms - begin.ms) * (done - begin.done)) / (end.done - begin.done);
  }
}
