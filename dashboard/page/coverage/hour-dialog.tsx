/** Everything known of an hour: states, receipts, rejections, the runs, and how to load it again. */
import type { JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { CoverageState } from '../../../domain/coverage.ts';
import type { Hour } from '../../../domain/hour.ts';
import type { HourDetails } from '../../reader.ts';
import { visible } from '../format.ts';
import { useApp } from '../state/app.ts';
import { useQuery } from '../state/use-query.ts';
import { FailureNote } from '../ui/failure-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { Quarantine } from './quarantine.tsx';
import { ReceiptCard } from './receipt-card.tsx';

/** States whose word says all. */
const SAYS_ALL: ReadonlySet<CoverageState> = new Set(['loaded', 'not-loaded']);

/** The dialog. */
export function HourDialog({ hour, onClose }: { hour: Hour; onClose: () => void }): JSX.Element {
  const { t, formats } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const answer = useQuery<HourDetails>(`hour?hour=${hour}`);
  useEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    if (element && !element.open) element.showModal();
    return () => {
      element?.close();
      // the dialog leaves the page with its focus: who came by keyboard goes on from the hour
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="sheet-inner" aria-busy={answer.loading}>
        <header class="panel-head">
          <h2 id={heading}>{formats.hour(hour)} UTC</h2>
          <button type="button" class="button quiet" title={t('close')} onClick={onClose}>
            <Icon name="close" />
            <span class="unseen">{t('close')}</span>
          </button>
        </header>
        {answer.failure !== undefined && <FailureNote failure={answer.failure} />}
        {answer.failure === undefined && answer.data === undefined && <div class="skeleton" aria-hidden="true" />}
        {answer.data !== undefined && <Details details={answer.data} />}
      </div>
    </dialog>
  );
}

function Details({ details }: { details: HourDetails }): JSX.Element {
  const { t } = useApp();
  const quarantined = details.cells.reduce((sum, cell) => sum + cell.quarantined, 0);
  return (
    <>
      <States details={details} />
      <h3>{t('loadAgain')}</h3>
      <pre>
        <code>{`clickfeed load ${details.hour} --mode all`}</code>
      </pre>
      {details.rejections.length > 0 && <Rejections rejections={details.rejections} />}
      {quarantined > 0 && <Quarantine hour={details.hour} lines={quarantined} />}
      <h3>{t('receipts')}</h3>
      {details.receipts.length === 0 && <p class="nothing">{t('noReceipts')}</p>}
      {details.receipts.map((receipt) => (
        <ReceiptCard key={`${receipt.table}/${receipt.loadId}`} receipt={receipt} />
      ))}
    </>
  );
}

function States({ details }: { details: HourDetails }): JSX.Element {
  const { t, formats } = useApp();
  const { events } = details;
  return (
    <table class="figures states">
      <thead>
        <tr>
          <th scope="col">{t('table')}</th>
          <th scope="col">{t('coverage')}</th>
          <th scope="col" class="number">
            {t('rows')}
          </th>
          <th scope="col" class="number">
            {t('quarantined')}
          </th>
        </tr>
      </thead>
      <tbody>
        {details.cells.map((cell) => (
          <tr key={cell.table}>
            <th scope="row">{cell.table}</th>
            <td title={t(`meaning_${cell.state}`)}>
              <span class="state-word">
                <span class={`state ${cell.state}`} aria-hidden="true" />
                {t(`state_${cell.state}`)}
              </span>
              {!SAYS_ALL.has(cell.state) && <small>{t(`meaning_${cell.state}`)}</small>}
            </td>
            <td class="number">{formats.count(cell.rows)}</td>
            <td class="number">{formats.count(cell.quarantined)}</td>
          </tr>
        ))}
        <tr>
          <th scope="row">events</th>
          <td>{t(`events_${events.state}`)}</td>
          <td class="number">{formats.count(events.rows)}</td>
          <td class="number">–</td>
        </tr>
      </tbody>
    </table>
  );
}

function Rejections({ rejections }: Pick<HourDetails, 'rejections'>): JSX.Element {
  const { t, formats } = useApp();
  return (
    <>
      <h3>{t('rejections')}</h3>
      {rejections.map(({ table, key, reason, atMs }) => (
        <div key={`${key}/${atMs}`} class="receipt">
          <p>
            <strong>{table}</strong> · {reason} · {formats.time(atMs)}
          </p>
          <p class="key">{visible(key)}</p>
        </div>
      ))}
    </>
  );
}
