/** Asks the server. Who asks what is under way already shares its answer; it is cancelled when all who asked are gone. */
import type { QueryProgress } from '../../reader.ts';
import type { AnswerLine, Failure } from '../../wire.ts';

/** An answer that failed. */
export class AskError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** When the server cannot be reached, or breaks off. */
export const UNREACHABLE: Failure = {
  kind: 'unavailable',
  message: 'Cannot reach the dashboard: expected its server to run',
};

/** How a question is watched and cancelled. */
export interface AskOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: QueryProgress) => void;
}

const underWay = new Map<string, Question>();

/** Asks for `/api/<path>`. */
export function ask<T>(path: string, options: AskOptions): Promise<T> {
  return questionOf(path).join(options) as Promise<T>;
}

/** Asks before there is anyone who waits for it: the answer is kept until someone asks the same. */
export function askAhead<T>(path: string): Promise<T> {
  return questionOf(path).answer as Promise<T>;
}

function questionOf(path: string): Question {
  const known = underWay.get(path);
  if (known !== undefined) return known;
  const question = new Question(path);
  underWay.set(path, question);
  return question;
}

class Question {
  readonly answer: Promise<unknown>;
  readonly #path: string;
  readonly #gone = new AbortController();
  readonly #askers = new Set<AskOptions>();

  constructor(path: string) {
    this.#path = path;
    this.answer = read(path, this.#gone.signal, (progress) => {
      for (const { onProgress } of this.#askers) onProgress(progress);
    });
    this.answer.catch(() => undefined); // told to those who join
  }

  join(options: AskOptions): Promise<unknown> {
    this.#askers.add(options);
    options.signal.addEventListener('abort', () => {
      this.#askers.delete(options);
      if (this.#askers.size > 0) return;
      this.#forget();
      this.#gone.abort();
    });
    // Parts that are drawn together ask together: all of them still find an answer that came ahead.
    const forget = (): void => {
      setTimeout(() => {
        this.#forget();
      });
    };
    this.answer.then(forget, forget);
    return this.answer;
  }

  #forget(): void {
    if (underWay.get(this.#path) === this) underWay.delete(this.#path);
  }
}

async function read(path: string, signal: AbortSignal, onProgress: AskOptions['onProgress']): Promise<unknown> {
  const response = await fetch(`/api/${path}`, { signal });
  let data: { readonly data: unknown } | undefined;
  for await (const line of linesOf(response)) {
    if ('progress' in line) onProgress(line.progress);
    else if ('error' in line) throw new AskError(line.error);
    else data = line;
  }
  if (data === undefined) throw new AskError(UNREACHABLE);
  return data.data;
}

async function* linesOf(response: Response): AsyncGenerator<AnswerLine<unknown>> {
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line) as AnswerLine<unknown>;
  }
}
