/** The way to a purchase with what is lost at each step, and what was bought. */
import type { JSX } from 'preact';
import { FUNNEL, FUNNEL_STEPS } from '../../../domain/metrics/pages.ts';
import type { Funnel, FunnelStep, Products } from '../../reader.ts';
import { useApp } from '../state/app.ts';
import { csvPath, panelPath } from '../state/paths.ts';
import { useQuery } from '../state/use-query.ts';
import { Definition, FunnelDefinition } from '../ui/definition.tsx';
import { Panel } from '../ui/panel.tsx';
import { nameOf, ValueName } from '../ui/value-name.tsx';

/** The funnel. */
export function FunnelPanel(): JSX.Element {
  const app = useApp();
  const { text, t } = app;
  const path = panelPath(app, 'funnel');
  const answer = useQuery<Funnel>(path);
  return (
    <Panel
      id="funnel"
      title={text(FUNNEL.name)}
      answer={answer}
      csv={csvPath(path)}
      isEmpty={(funnel) => funnel.sessions === 0 || !isKnown(funnel)}
      whyEmpty={(funnel) => (isKnown(funnel) ? 'nothingHere' : 'nothingKnown')}
      help={
        <Definition of={text(FUNNEL.name)} metrics={['sessions', 'conversion']}>
          <FunnelDefinition />
        </Definition>
      }
    >
      {({ steps, sessions }) => (
        <>
          <ol class="funnel">
            {steps.map((step) => (
              <Step key={step.step} step={step} most={Math.max(1, steps[0]?.sessions ?? 0)} />
            ))}
          </ol>
          <p class="more">{t('ofSessions', { sessions: app.formats.value(sessions, 'count') })}</p>
        </>
      )}
    </Panel>
  );
}

/** Else its zeros would say that nobody came that far. */
function isKnown({ steps }: Funnel): boolean {
  return steps.every(({ sessions }) => sessions !== undefined);
}

function Step({ step, most }: { step: FunnelStep; most: number }): JSX.Element {
  const { t, formats, keep } = useApp();
  const definition = FUNNEL_STEPS.find(({ id }) => id === step.step);
  const path = definition !== undefined && 'path' in definition ? definition.path : undefined;
  const reached = step.sessions ?? 0;
  const lost = step.shareOfPrevious === undefined ? undefined : 1 - step.shareOfPrevious;
  return (
    <li data-step={step.step}>
      <div class="funnel-name">
        {path === undefined ? (
          <span>{t(`step_${step.step}`)}</span>
        ) : (
          <button
            type="button"
            class="value-button"
            onClick={() => {
              keep({ dimension: 'page', value: path });
            }}
          >
            {t(`step_${step.step}`)}
          </button>
        )}
        <b>{formats.count(reached)}</b>
      </div>
      <div class="funnel-bar" aria-hidden="true">
        <div style={{ width: `${((reached / most) * 100).toFixed(1)}%` }} />
      </div>
      <div class="funnel-loss">
        {step.step === FUNNEL_STEPS[0].id || lost === undefined ? (
          <span>&nbsp;</span>
        ) : (
          <>
            {t('wentOn', { share: formats.share(1 - lost) })} ·{' '}
            <span class="lost">{t('lost', { share: formats.share(lost) })}</span>
          </>
        )}
      </div>
    </li>
  );
}

/** What was bought. */
export function ProductsPanel(): JSX.Element {
  const app = useApp();
  const { t, formats } = app;
  const path = panelPath(app, 'products');
  const answer = useQuery<Products>(path);
  return (
    <Panel
      id="products"
      title={t('products')}
      answer={answer}
      csv={csvPath(path)}
      isEmpty={({ rows }) => rows.length === 0}
      whyEmpty={({ purchases }) => (purchases === undefined ? 'nothingKnown' : 'noPurchases')}
      help={<Definition of={t('products')} dimensions={['product']} metrics={['purchases']} />}
    >
      {({ rows, purchases: all = 0 }) => (
        <ul class="products">
          {rows.map(({ product, purchases }) => (
            <li key={product ?? '\u{0}'}>
              <div class="funnel-name">
                <button
                  type="button"
                  class="value-button"
                  title={t('filterBy', { value: nameOf(app, 'product', product) })}
                  onClick={() => {
                    app.keep({ dimension: 'product', value: product });
                  }}
                >
                  <ValueName dimension="product" value={product} />
                </button>
                <b>{formats.count(purchases)}</b>
              </div>
              <div class="funnel-bar" aria-hidden="true">
                <div style={{ width: `${((purchases / Math.max(1, all)) * 100).toFixed(1)}%` }} />
              </div>
              <div class="funnel-loss">{t('ofPurchases', { share: formats.share(purchases / Math.max(1, all)) })}</div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
