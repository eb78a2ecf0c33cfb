/** A receipt: what was loaded, from which object, by which run. */
import type { ComponentChildren, JSX } from 'preact';
import type { ReceiptView } from '../../reader.ts';
import { visible } from '../format.ts';
import { useApp, type App } from '../state/app.ts';
import { Icon } from '../ui/icon.tsx';

/** The card. */
export function ReceiptCard({ receipt }: { receipt: ReceiptView }): JSX.Element {
  const app = useApp();
  const { t, formats } = app;
  const run = runAddress(app, receipt);
  return (
    <article class={receipt.current ? 'receipt current' : 'receipt'}>
      <header>
        <strong>{receipt.table}</strong>
        <span class={receipt.current ? 'badge good' : 'badge'}>
          {t(receipt.current ? 'isCurrent' : 'isNotCurrent')}
        </span>
        {run !== undefined && (
          <a href={run} target="_blank" rel="noreferrer">
            {t('temporalRun')} <Icon name="link" />
          </a>
        )}
      </header>
      <p class="key">{visible(receipt.object.key)}</p>
      <dl class="facts">
        <Fact name={t('lines')}>{formats.count(receipt.lines)}</Fact>
        <Fact name={t('rows')}>{formats.count(receipt.rows)}</Fact>
        <Fact name={t('quarantined')}>{formats.count(receipt.quarantined)}</Fact>
        <Fact name={t('objectSize')}>{formats.bytes(receipt.object.sizeBytes)}</Fact>
        <Fact name={t('unpackedSize')}>{formats.bytes(receipt.entrySizeBytes)}</Fact>
        <Fact name={t('modified')}>{formats.time(receipt.object.modifiedMs)}</Fact>
        <Fact name={t('committed')}>{formats.time(receipt.committedAtMs)}</Fact>
        <Fact name="CRC-32">{receipt.crc32.toString(16).padStart(8, '0')}</Fact>
        <Fact name="ETag">{visible(receipt.object.etag)}</Fact>
        <Fact name={t('loadId')}>{receipt.loadId}</Fact>
        <Fact name={t('workflow')}>{`${visible(receipt.workflowId)} · ${receipt.attempt}`}</Fact>
        <Counted name={t('drift')} counts={receipt.drift} />
        <Counted name={t('nulls')} counts={receipt.nulls} />
      </dl>
    </article>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Counted({ name, counts }: { name: string; counts: Readonly<Record<string, number>> }): JSX.Element | null {
  const { formats } = useApp();
  const said = Object.entries(counts).flatMap(([field, count]) =>
    count > 0 ? [`${visible(field)}: ${formats.count(count)}`] : [],
  );
  return said.length === 0 ? null : <Fact name={name}>{said.join(', ')}</Fact>;
}

/** The run in Temporal's Web UI; undefined when its address is not known. */
function runAddress({ surroundings }: App, { workflowId, runId }: ReceiptView): string | undefined {
  const ui = surroundings.temporalUi;
  if (ui === undefined || workflowId === '') return undefined;
  const path = ['namespaces', ui.namespace, 'workflows', workflowId, runId, 'history'].map(encodeURIComponent);
  return `${ui.url.replace(/\/$/, '')}/${path.join('/')}`;
}
