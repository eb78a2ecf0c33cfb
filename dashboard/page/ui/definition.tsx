/** Definitions, one click away. */
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { DIMENSIONS, type DimensionId } from '../../../domain/metrics/dimensions.ts';
import { METRICS, type MetricId } from '../../../domain/metrics/metrics.ts';
import { useApp } from '../state/app.ts';
import { Popover } from './popover.tsx';
import { Icon } from './icon.tsx';

/** A button that opens the definition of metrics and dimensions. */
export function Definition(props: {
  readonly of: string;
  readonly metrics?: readonly MetricId[];
  readonly dimensions?: readonly DimensionId[];
  /** A sentence in front. */
  readonly note?: string;
}): JSX.Element {
  const { t } = useApp();
  const id = useId();
  return (
    <Popover
      id={`definition-${id}`}
      class="help"
      label={t('definitionOf', { name: props.of })}
      button={<Icon name="help" />}
    >
      {props.note !== undefined && <p>{props.note}</p>}
      {props.metrics?.map((metric) => (
        <MetricDefinition key={metric} id={metric} />
      ))}
      {props.dimensions?.map((dimension) => (
        <DimensionDefinition key={dimension} id={dimension} />
      ))}
    </Popover>
  );
}

/** Name, meaning, caveat and SQL of a metric. */
export function MetricDefinition({ id }: { id: MetricId }): JSX.Element {
  const { text, t } = useApp();
  const { name, meaning, caveat, sql } = METRICS[id];
  return (
    <div class="definition">
      <h3>{text(name)}</h3>
      <p>{text(meaning)}</p>
      {text(caveat) !== '' && <p class="caveat">{text(caveat)}</p>}
      <details>
        <summary>SQL</summary>
        <dl>
          {Object.entries(sql).map(([source, expression]) => (
            <div key={source}>
              <dt>{t('overView', { view: source })}</dt>
              <dd>
                <code>{expression}</code>
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}

/** Name and meaning of a dimension. */
export function DimensionDefinition({ id }: { id: DimensionId }): JSX.Element {
  const { text } = useApp();
  const { name, meaning } = DIMENSIONS[id];
  return (
    <div class="definition">
      <h3>{text(name)}</h3>
      <p>{text(meaning)}</p>
    </div>
  );
}
