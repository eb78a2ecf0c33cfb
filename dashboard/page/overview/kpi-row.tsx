/** The KPI row: each metric with its change against the range of equal length before. */
import type { JSX } from 'preact';
import { METRICS, METRIC_IDS, type MetricId } from '../../../domain/metrics/metrics.ts';
import type { Kpis } from '../../reader.ts';
import { useApp } from '../state/app.ts';
import { csvPath, panelPath } from '../state/paths.ts';
import { useQuery, type Answer } from '../state/use-query.ts';
import { Definition } from '../ui/definition.tsx';
import { FailureNote } from '../ui/failure-note.tsx';
import { Icon } from '../ui/icon.tsx';
import { isViewMetric } from './families.ts';
import { BasisLine, basisShare } from './basis-line.tsx';

/** How far apart the shares of known hours may be for counts to be judged against each other. */
const SHARE_APART_MOST = 0.05;

/** The row, and what it is based on. */
export function KpiRow(): JSX.Element {
  const app = useApp();
  const path = (family: string): string => panelPath(app, 'kpis', { family });
  const views = useQuery<Kpis>(path('views'));
  const sessions = useQuery<Kpis>(path('sessions'));
  const failure = views.failure ?? sessions.failure;
  return (
    <section class="kpis" aria-label={app.t('keyFigures')} aria-busy={views.loading || sessions.loading}>
      <BasisLine basis={views.data?.basis} csv={csvPath(panelPath(app, 'key-figures'))} />
      {failure !== undefined && <FailureNote failure={failure} />}
      <ul>
        {METRIC_IDS.map((id) => (
          <Kpi key={id} id={id} answer={isViewMetric(id) ? views : sessions} />
        ))}
      </ul>
      <p class="legend">{views.data && <Comparison {...views.data} />}</p>
    </section>
  );
}

/** What the changes are against. */
function Comparison({ previousRange, previousBasis }: Kpis): JSX.Element {
  const { t, formats } = useApp();
  if (previousBasis.hoursBuilt === 0) return <>{t('nothingBefore')}</>;
  const range = t('rangeText', { from: formats.hour(previousRange.from), to: formats.hour(previousRange.to) });
  return <>{t('changeAgainst', { range, share: formats.share(basisShare(previousBasis)) })}</>;
}

function Kpi({ id, answer }: { id: MetricId; answer: Answer<Kpis> }): JSX.Element {
  const { text, formats, address, go, t } = useApp();
  const { name, unit } = METRICS[id];
  const value = answer.data?.current[id];
  const shown = answer.data === undefined && answer.loading ? '…' : formats.value(value, unit);
  const chosen = address.metric === id;
  return (
    <li class={chosen ? 'kpi chosen' : 'kpi'} data-metric={id}>
      <div class="kpi-name">
        <span>{text(name)}</span>
        <Definition of={text(name)} metrics={[id]} />
      </div>
      <div class="kpi-figure">
        <button
          type="button"
          class={answer.loading ? 'kpi-value waiting' : 'kpi-value'}
          style={{ '--characters': shown.length }}
          aria-label={`${text(name)}: ${shown}`}
          aria-pressed={chosen}
          title={t('showInChart')}
          onClick={() => {
            go({ metric: id }, 'replace');
          }}
        >
          {shown}
        </button>
      </div>
      <Change id={id} kpis={answer.data} />
    </li>
  );
}

function Change({ id, kpis }: { id: MetricId; kpis: Kpis | undefined }): JSX.Element {
  const { formats, t } = useApp();
  const { unit, better } = METRICS[id];
  const now = kpis?.current[id];
  const before = kpis?.previous[id];
  if (kpis === undefined) return <span class="change">&nbsp;</span>;
  const isComparable = kpis.previousBasis.hoursBuilt > 0 && now !== undefined && before !== undefined;
  if (!isComparable) return <span class="change">{t('noEarlierData')}</span>;
  if (before === 0 && unit !== 'share') return <span class="change">{t('noneBefore')}</span>;
  const against = t('againstBefore', { value: formats.value(before, unit) });
  const change = formats.change(now, before, unit);
  const direction = change === formats.change(before, before, unit) ? 'same' : now > before ? 'up' : 'down';
  const isJudged = direction !== 'same' && better !== 'neither' && (unit !== 'count' || isAlikeComplete(kpis));
  return (
    <span class={!isJudged ? 'change' : direction === better ? 'change good' : 'change bad'} title={against}>
      {direction !== 'same' && <Icon name={direction} />}
      {change}
      <span class="unseen">{` ${against}`}</span>
    </span>
  );
}

/** A range of which fewer hours are known has smaller counts: that is neither good nor bad. */
function isAlikeComplete({ basis, previousBasis }: Kpis): boolean {
  return Math.abs(basisShare(basis) - basisShare(previousBasis)) <= SHARE_APART_MOST;
}
