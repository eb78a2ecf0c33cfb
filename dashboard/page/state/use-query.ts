/** Asks the server: the answer, or why there is none; cancelled as soon as the question changes. */
import { useEffect, useState } from 'preact/hooks';
import type { QueryProgress } from '../../reader.ts';
import type { Failure } from '../../wire.ts';
import { ask, AskError, UNREACHABLE } from './ask.ts';

/** Where a question stands. While it is asked again the former answer stays, so that nothing jumps. */
export interface Answer<T> {
  readonly data: T | undefined;
  /** Whether `data` answers an earlier question. */
  readonly loading: boolean;
  readonly progress: QueryProgress | undefined;
  readonly failure: Failure | undefined;
}

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
    const onProgress = (progress: QueryProgress): void => {
      update({ progress });
    };
    ask<T>(path, { signal: controller.signal, onProgress }).then(
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
