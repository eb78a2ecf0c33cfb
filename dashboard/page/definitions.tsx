/** Every metric, dimension and line of the scorecard in words. */
import type { JSX } from 'preact';
import { COVERAGE_STATES } from '../../domain/coverage.ts';
import { DIMENSION_IDS } from '../../domain/metrics/dimensions.ts';
import { METRIC_IDS } from '../../domain/metrics/metrics.ts';
import { SCORECARD_LINES } from '../../domain/metrics/scorecard.ts';
import { useApp } from './state/app.ts';
import { DimensionDefinition, FunnelDefinition, MetricDefinition } from './ui/definition.tsx';

/** The view. */
export function Definitions(): JSX.Element {
  const { t, text } = useApp();
  return (
    <div class="definitions">
      <section class="panel">
        <h2>{t('metrics')}</h2>
        {METRIC_IDS.map((id) => (
          <MetricDefinition key={id} id={id} />
        ))}
        <FunnelDefinition />
      </section>
      <section class="panel">
        <h2>{t('dimensions')}</h2>
        {DIMENSION_IDS.map((id) => (
          <DimensionDefinition key={id} id={id} />
        ))}
      </section>
      <section class="panel">
        <h2>{t('coverage')}</h2>
        {COVERAGE_STATES.map((state) => (
          <div key={state} class="definition">
            <h3>
              <span class={`state ${state}`} aria-hidden="true" /> {t(`state_${state}`)}
            </h3>
            <p>{t(`meaning_${state}`)}</p>
          </div>
        ))}
      </section>
      <section class="panel">
        <h2>{t('scorecard')}</h2>
        {SCORECARD_LINES.map(({ id, name, meaning }) => (
          <div key={id} class="definition">
            <h3>{text(name)}</h3>
            <p>{text(meaning)}</p>
          </div>
        ))}
      </section>
    </div>
  );
}
