/** "Based on 97.2 % of hours": what the figures rest on. */
import type { JSX } from 'preact';
import type { Basis } from '../../reader.ts';
import { basisNote } from '../charts/time-chart.ts';
import { useApp } from '../state/app.ts';
import { CsvLink } from '../ui/csv-link.tsx';

/** The line, the way to the coverage, and the figures as CSV. */
export function BasisLine(props: { readonly basis: Basis | undefined; readonly csv: string }): JSX.Element {
  const { t } = useApp();
  return (
    <div class="basis">
      <div class="basis-text">{props.basis && <BasisText basis={props.basis} />}</div>
      <CsvLink path={props.csv} of={t('keyFigures')} />
    </div>
  );
}

function BasisText({ basis }: { readonly basis: Basis }): JSX.Element {
  const app = useApp();
  const { t, formats, go } = app;
  const note = basisNote(app, basis);
  return (
    <>
      <strong data-testid="basis">{t('basedOn', { share: formats.share(basisShare(basis)) })}</strong>
      <span class={note === undefined ? 'basis-note' : 'basis-note incomplete'}>
        {note ?? t('allComplete', { hours: formats.count(basis.hours) })}
      </span>
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
  );
}

/** Built hours among the hours that have ended. */
export function basisShare({ hours, hoursBuilt }: Basis): number {
  return hours === 0 ? 0 : hoursBuilt / hours;
}
