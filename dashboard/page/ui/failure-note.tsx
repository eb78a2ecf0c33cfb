/** Why there is no answer, and what to do. */
import type { JSX } from 'preact';
import type { Failure } from '../../wire.ts';
import { visible } from '../format.ts';
import { useApp } from '../state/app.ts';
import { Icon } from './icon.tsx';

const ADVICE = {
  input: 'adviceInput',
  access: 'adviceAccess',
  setup: 'adviceSetup',
  unavailable: 'adviceUnavailable',
  unexpected: 'adviceUnexpected',
} as const;

/** One failure. */
export function FailureNote({ failure }: { failure: Failure }): JSX.Element {
  const { t } = useApp();
  return (
    <div class="failure" role="alert">
      <Icon name="warning" />
      <div>
        <strong>{t(ADVICE[failure.kind])}</strong>
        <p>{visible(failure.message)}</p>
        {failure.kind !== 'input' && (
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
