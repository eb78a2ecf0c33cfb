/** Why there is no answer, and what to do. */
import type { JSX } from 'preact';
import type { Failure } from '../../wire.ts';
import { visible } from '../format.ts';
import { useApp } from '../state/app.ts';
import type { TextKey } from '../texts/texts.ts';
import { Icon } from './icon.tsx';

const ADVICE = {
  input: 'adviceInput',
  access: 'adviceAccess',
  setup: 'adviceSetup',
  unavailable: 'adviceUnavailable',
  unexpected: 'adviceUnexpected',
} as const;

/**
 * One failure.
 * @param advice in place of the usual one, where asking again lies in a form beside it
 */
export function FailureNote({ failure, advice }: { failure: Failure; advice?: TextKey | undefined }): JSX.Element {
  const { t } = useApp();
  return (
    <div class="failure" role="alert">
      <Icon name="warning" />
      <div>
        <strong>{t(advice ?? ADVICE[failure.kind])}</strong>
        <p>{visible(failure.message)}</p>
        {failure.kind !== 'input' && advice === undefined && (
          <button
            type="button"
            class="link"
            onClick={() => {
              location.reload();
            }}
          >
            {t('tryAgain')}
          </button>
        )}
      </div>
    </div>
  );
}
