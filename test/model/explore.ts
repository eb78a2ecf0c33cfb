/** Explores every state that can be reached, breadth first, so that a violation is told by a shortest path. */

/** What is explored. Equal keys mean equal states. */
export interface Model<State> {
  readonly initial: State;
  keyOf(state: State): string;
  /** Every step that can be taken, with a name for the story. */
  steps(state: State): Iterable<readonly [name: string, next: State]>;
  /** What is wrong with this step, if anything. */
  faultOf(next: State, before: State, step: string): string | undefined;
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

/** @throws {RangeError} when there are more states than the bound */
export function explore<State>(model: Model<State>, { statesMax }: Bounds): Exploration {
  const origins = new Map<string, readonly [from: string, step: string]>();
  let frontier: State[] = [model.initial];
  origins.set(model.keyOf(model.initial), ['', '']);
  let steps = 0;
  while (frontier.length > 0) {
    const next: State[] = [];
    for (const state of frontier) {
      const key = model.keyOf(state);
      for (const [step, reached] of model.steps(state)) {
        steps += 1;
        const fault = model.faultOf(reached, state, step);
        if (fault !== undefined) {
          return { states: origins.size, steps, violation: { fault, story: [...storyTo(key, origins), step] } };
        }
        const reachedKey = model.keyOf(reached);
        if (origins.has(reachedKey)) continue;
        origins.set(reachedKey, [key, step]);
        next.push(reached);
      }
      if (origins.size > statesMax) throw new RangeError(`Cannot explore all: more than ${statesMax} states`);
    }
    frontier = next;
  }
  return { states: origins.size, steps };
}

function storyTo(key: string, origins: ReadonlyMap<string, readonly [from: string, step: string]>): string[] {
  const story: string[] = [];
  for (let at = origins.get(key); at !== undefined && at[1] !== ''; at = origins.get(at[0])) story.unshift(at[1]);
  return story;
}
