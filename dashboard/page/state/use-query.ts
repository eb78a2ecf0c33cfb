/** Asks the server: the answer, or why there is none; cancelled as soon as the question changes. */
import { useEffect, useState } from 'preact/hooks';
import type { QueryProgress } from '../../reader.ts';
import type { AnswerLine, Failure } from '../../wire.ts';

/** Where a question stands. While it is asked again the former answer stays, so that nothing jumps. */
export interface Answer<T> {
  readonly data: T | undefined;
  /** Whether `data` answers an earlier question. */
  readonly loading: boolean;
  readonly progress: QueryProgress | undefined;
  readonly failure: Failure | undefined;
}

const UNREACHABLE: Failure = {
  kind: 'unavailable',
  message: 'Cannot reach the dashboard: expected its server to run',
};

/**
 * Asks for `/api/<path>`; undefined: nothing yet.
 * @param version asks again when it changes
 */
export function useQuery<T>(path: string | undefined, version = 0): Answer<T> {
  const question = `${path ?? ''}#${version}`;
  const [answer, setAnswer] = useState<Answer<T> & { readonly question: string }>({
    question,
    data: undefined,
    loading: true,
    progress: undefined,
    failure: undefined,
  });
  useEffect(() => {
    if (path === undefined) return undefined;
    const controller = new AbortController();
    setAnswer(({ data }) => ({ question, data, loading: true, progress: undefined, failure: undefined }));
    const update = (change: Partial<Answer<T>>): void => {
      if (!controller.signal.aborted) setAnswer((former) => ({ ...former, ...change }));
    };
    ask<T>(path, controller.signal, (progress) => {
      update({ progress });
    }).then(
      (data) => {
        update({ data, loading: false, failure: undefined });
      },
      (error: unknown) => {
        update({ data: undefined, loading: false, failure: error instanceof AskError ? error.failure : UNREACHABLE });
      },
    );
    return () => {
      controller.abort();
    };
  }, [path, version]);
  // until the effect has run, the answer is that of the question before
  return answer.question === question ? answer : { ...answer, loading: true, progress: undefined };
}

class AskError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

async function ask<T>(path: string, signal: AbortSignal, onProgress: (progress: QueryProgress) => void): Promise<T> {
  const response = await fetch(`/api/${path}`, { signal });
  let data: { readonly data: T } | undefined;
  for await (const line of linesOf<T>(response)) {
    if ('progress' in line) onProgress(line.progress);
    else if ('error' in line) throw new AskError(line.error);
    else data = line;
  }
  if (data === undefined) throw new AskError(UNREACHABLE);
  return data.data;
}

async function* linesOf<T>(response: Response): AsyncGenerator<AnswerLine<T>> {
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line) as AnswerLine<T>;
  }
}
