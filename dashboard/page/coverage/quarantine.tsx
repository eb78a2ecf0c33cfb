/** Quarantined lines: raw text of the feed, shown to operators only, who give their own name and password. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Hour } from '../../../domain/hour.ts';
import type { Failure, QuarantinedLine, QuarantineRequest } from '../../wire.ts';
import { visible } from '../format.ts';
import { useApp } from '../state/app.ts';
import { FailureNote } from '../ui/failure-note.tsx';

type Result = { readonly data: readonly QuarantinedLine[] } | { readonly error: Failure };

/** The form, and the lines once the operator may see them. */
export function Quarantine({ hour, lines }: { hour: Hour; lines: number }): JSX.Element {
  const { t, formats, surroundings } = useApp();
  const [result, setResult] = useState<Result | undefined>(undefined);
  return (
    <>
      <h3>{t('quarantinedOf', { lines: formats.count(lines) })}</h3>
      <p>{t('quarantineWhy')}</p>
      {surroundings.quarantine && result !== undefined && 'data' in result ? (
        <Lines lines={result.data} />
      ) : (
        surroundings.quarantine && <OperatorForm hour={hour} onResult={setResult} />
      )}
      {result !== undefined && 'error' in result && (
        <FailureNote failure={result.error} advice={result.error.kind === 'access' ? 'adviceOperator' : undefined} />
      )}
    </>
  );
}

function OperatorForm({ hour, onResult }: { hour: Hour; onResult: (result: Result) => void }): JSX.Element {
  const { t } = useApp();
  const [isAsking, setAsking] = useState(false);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const fields = new FormData(form);
    const field = (name: string): string => {
      const value = fields.get(name);
      return typeof value === 'string' ? value : '';
    };
    const body: QuarantineRequest = { hour, user: field('user'), password: field('password') };
    setAsking(true);
    onResult(await askLines(body));
    setAsking(false);
  };
  return (
    <form
      class="operator"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <label>
        {t('operator')}
        <input name="user" required autocomplete="username" />
      </label>
      <label>
        {t('password')}
        <input name="password" type="password" autocomplete="current-password" />
      </label>
      <button type="submit" class="button" disabled={isAsking}>
        {t('showLines')}
      </button>
    </form>
  );
}

async function askLines(body: QuarantineRequest): Promise<Result> {
  try {
    const response = await fetch('/api/quarantine', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Result;
  } catch {
    return { error: { kind: 'unavailable', message: 'Cannot reach the dashboard: expected its server to run' } };
  }
}

function Lines({ lines }: { lines: readonly QuarantinedLine[] }): JSX.Element {
  const { t } = useApp();
  return (
    <ol class="quarantined">
      {lines.map(({ table, key, line, reason, text }) => (
        <li key={`${key}/${line}`}>
          <p>
            <strong>{table}</strong> · {t('lineNumber', { line })} · {visible(reason)}
          </p>
          <pre>
            <code>{visible(text)}</code>
          </pre>
        </li>
      ))}
    </ol>
  );
}
