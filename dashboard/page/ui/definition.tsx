/** Definitions, one click away. */
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { DIMENSIONS, type DimensionId } from '../../../domain/metrics/dimensions.ts';
import { METRICS, type MetricId } from '../../../domain/metrics/metrics.ts';
import { FUNNEL, FUNNEL_STEPS, funnelStepSql } from '../../../domain/metrics/pages.ts';
import type { Text } from '../../../domain/metrics/text.ts';
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
  /** What else is defined, in front of metrics and dimensions. */
  readonly children?: ComponentChildren;
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
      {props.children}
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
  const { t } = useApp();
  const expressions = Object.entries(METRICS[id].sql).map(([view, sql]): Expression => ({
    name: t('overView', { view }),
    sql,
  }));
  return <DefinitionText {...METRICS[id]} expressions={expressions} />;
}

/** The same of the way to a purchase, step by step. */
export function FunnelDefinition(): JSX.Element {
  const { t } = useApp();
  const expressions = FUNNEL_STEPS.map((step): Expression => {
    const page = 'path' in step ? step.path : `${step.prefix}…`;
    return { name: `${t(`step_${step.id}`)}, ${page}`, sql: funnelStepSql(step.id) };
  });
  return <DefinitionText {...FUNNEL} expressions={expressions} />;
}

interface Expression {
  readonly name: string;
  readonly sql: string;
}

function DefinitionText(props: {
  readonly name: Text;
  readonly meaning: Text;
  readonly caveat: Text;
  readonly expressions: readonly Expression[];
}): JSX.Element {
  const { text } = useApp();
  const caveat = text(props.caveat);
  return (
    <div class="definition">
      <h3>{text(props.name)}</h3>
      <p>{text(props.meaning)}</p>
      {caveat !== '' && <p class="caveat">{caveat}</p>}
      <details>
        <summary>SQL</summary>
        <dl>
          {props.expressions.map(({ name, sql }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <code>{sql}</code>
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
