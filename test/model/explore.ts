/** Explores every state that can be reached, breadth first, so that a violation is told by a shortest path. */
import { Fingerprints } from './fingerprints.ts';

/** What is explored. Equal keys mean that what can happen from there on is equal. */
export interface Model<State> {
  readonly initial: State;
  keyOf(state: State): string;
  /** Every step that can be taken, with a name for the story. */
  steps(state: State): Iterable<readonly [name: string, next: State]>;
  /** What is wrong with this step, if anything. */
  stepFault(next: State, before: State, step: string): string | undefined;
  /** What is wrong with this state whatever led to it; asked once for each. */
  stateFault(state: State): string | undefined;
}

/** How far to go. */
export interface Bounds {
  /** More states than this and the exploration fails: it must not be cut short in silence. */
  readonly statesMax: number;
}

/** What came out. */
export interface Exploration {
  readonly states: number;
  readonly steps: number;
  /** Undefined: no state is wrong. */
  readonly violation?: { readonly fault: string; readonly story: readonly string[] };
}

/** How states were reached: the story of each is that of another one and a step. */
class Origins {
  readonly #names = new Map<string, number>();
  #from = new Int32Array(2 ** 16);
  #step = new Uint16Array(2 ** 16);

  set(number: number, from: number, step: string): void {
    if (number >= this.#from.length) {
      const [longerFrom, longerStep] = [new Int32Array(number * 2), new Uint16Array(number * 2)];
      longerFrom.set(this.#from);
      longerStep.set(this.#step);
      [this.#from, this.#step] = [longerFrom, longerStep];
    }
    const name = this.#names.get(step) ?? this.#names.size;
    this.#names.set(step, name);
    this.#from[number] = from;
    this.#step[number] = name;
  }

  storyTo(number: number): string[] {
    const names = [...this.#names.keys()];
    const story: string[] = [];
    for (let at = number; at > 0; at = this.#from[at] ?? 0) story.unshift(names[this.#step[at] ?? 0] ?? '');
    return story;
  }
}

/** @throws {RangeError} when there are more states than the bound */
export function explore<State>(model: Model<State>, { statesMax }: Bounds): Exploration {
  const known = new Fingerprints();
  const origins = new Origins();
  known.add(model.keyOf(model.initial));
  let frontier: (readonly [state: State, number: number])[] = [[model.initial, 0]];
  let steps = 0;
  while (frontier.length > 0) {
    const next: (readonly [State, number])[] = [];
    for (const [state, number] of frontier) {
      for (const [step, reached] of model.steps(state)) {
        steps += 1;
        const reachedNumber = known.add(model.keyOf(reached));
        const isNew = reachedNumber >= 0;
        const fault = model.stepFault(reached, state, step) ?? (isNew ? model.stateFault(reached) : undefined);
        if (fault !== undefined) {
          return { states: known.size, steps, violation: { fault, story: [...origins.storyTo(number), step] } };
        }
        if (!isNew) continue;
        origins.set(reachedNumber, number, step);
        next.push([reached, reachedNumber]);
      }
      if (known.size > statesMax) throw new RangeError(`Cannot explore all: more than ${statesMax} states`);
    }
    frontier = next;
  }
  return { states: known.size, steps };
}
