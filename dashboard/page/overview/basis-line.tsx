/** "Based on 97.2 % of hours": what the figures rest on. */
import type { JSX } from 'preact';
import type { Basis } from '../../reader.ts';
import { basisNote } from '../charts/time-chart.ts';
import { useApp } from '../state/app.ts';
import { Icon } from '../ui/icon.tsx';

/** The line, and the way to the coverage. */
export function BasisLine(props: {
  readonly basis: Basis | undefined;
  readonly previous: Basis | undefined;
  readonly csv: string;
}): JSX.Element {
  const app = useApp();
  const { t, formats, go } = app;
  const { basis, previous } = props;
  const note = basis && basisNote(app, basis);
  return (
    <div class="basis">
      {basis === undefined ? (
        <span>&nbsp;</span>
      ) : (
        <>
          <strong data-testid="basis">{t('basedOn', { share: formats.share(basisShare(basis)) })}</strong>
          <span class={note === undefined ? 'basis-note' : 'basis-note incomplete'}>
            {note ?? t('allComplete', { hours: formats.count(basis.hours) })}
          </span>
          {previous !== undefined && previous.hoursBuilt > 0 && (
            <span class="basis-before">{t('changeAgainst', { share: formats.share(basisShare(previous)) })}</span>
          )}
          <button
            type="button"
            class="link"
            onClick={() => {
              go({ view: 'coverage', hour: undefined });
            }}
          >
            {t('seeCoverage')}
          </button>
        </>
      )}
      <a class="button quiet" href={`/api/${props.csv}`} download title={t('csvOf', { panel: t('keyFigures') })}>
        <Icon name="download" />
        <span>CSV</span>
      </a>
    </div>
  );
}

/** Built hours among the hours that have ended. */
export function basisShare({ hours, hoursBuilt }: Basis): number {
  return hours === 0 ? 0 : hoursBuilt / hours;
}
