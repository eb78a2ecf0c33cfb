/** A breakdown: the values of a dimension, largest first; a click on one filters everything. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { DIMENSIONS, hasSessionsOnly, type DimensionId } from '../../../domain/metrics/dimensions.ts';
import { METRICS } from '../../../domain/metrics/metrics.ts';
import { OPENING, VALUE_PANELS } from '../../opening.ts';
import type { Breakdown, BreakdownRow } from '../../reader.ts';
import { useApp } from '../state/app.ts';
import { CSV_ROWS, csvPath, panelPath } from '../state/paths.ts';
import { useQuery } from '../state/use-query.ts';
import type { TextKey } from '../texts/texts.ts';
import { Definition } from '../ui/definition.tsx';
import { Panel } from '../ui/panel.tsx';
import { Segments, Select } from '../ui/segments.tsx';
import { nameOf, ValueName } from '../ui/value-name.tsx';
import { BREAKDOWN_METRICS, type Family } from './families.ts';

/** The panel of some dimensions, one at a time. */
export function BreakdownPanel(props: {
  readonly id: keyof typeof VALUE_PANELS;
  readonly titleKey: TextKey;
}): JSX.Element {
  const app = useApp();
  const { t, text } = app;
  const dimensions: readonly DimensionId[] = VALUE_PANELS[props.id];
  const [dimension, setDimension] = useState<DimensionId>(VALUE_PANELS[props.id][0]);
  const [chosenFamily, setFamily] = useState<Family>('views');
  const [isWhole, setWhole] = useState(false);
  const family = hasSessionsOnly(dimension) ? 'sessions' : chosenFamily;
  const answer = useQuery<Breakdown>(panelPath(app, 'breakdown', { dimension, family, limit: OPENING.values }));
  return (
    <Panel
      id={props.id}
      title={t(props.titleKey)}
      answer={answer}
      isEmpty={({ rows }) => rows.length === 0}
      csv={csvPath(panelPath(app, 'breakdown', { dimension, family, limit: CSV_ROWS }))}
      help={
        <Definition
          of={text(DIMENSIONS[dimension].name)}
          dimensions={[dimension]}
          metrics={BREAKDOWN_METRICS[family]}
          note={t('clickFilters')}
        />
      }
      controls={
        <>
          <Select
            label={t('dimension')}
            value={dimension}
            choices={dimensions.map((value) => ({ value, label: text(DIMENSIONS[value].name) }))}
            onChoose={(value) => {
              setDimension(value);
              setWhole(false);
            }}
          />
          {!hasSessionsOnly(dimension) && (
            <Segments
              label={t('counted')}
              value={family}
              choices={[
                { value: 'views', label: t('byViews') },
                { value: 'sessions', label: t('bySessions') },
              ]}
              onChoose={setFamily}
            />
          )}
        </>
      }
    >
      {(breakdown) => {
        const shown = isWhole ? breakdown.rows : breakdown.rows.slice(0, OPENING.valuesShown);
        return (
          <>
            <BreakdownTable breakdown={{ ...breakdown, rows: shown }} family={family} />
            <More
              shown={shown.length}
              breakdown={breakdown}
              onMore={() => {
                setWhole(true);
              }}
            />
          </>
        );
      }}
    </Panel>
  );
}

function More(props: {
  readonly breakdown: Breakdown;
  readonly shown: number;
  readonly onMore: () => void;
}): JSX.Element {
  const { t, formats } = useApp();
  const { rows, distinctValues } = props.breakdown;
  return (
    <p class="more">
      {t('ofValues', { shown: props.shown, all: formats.count(distinctValues) })}
      {rows.length > props.shown && (
        <button type="button" class="link" onClick={props.onMore}>
          {t('showMore')}
        </button>
      )}
    </p>
  );
}

function BreakdownTable({ breakdown, family }: { breakdown: Breakdown; family: Family }): JSX.Element {
  const { text } = useApp();
  const metrics = BREAKDOWN_METRICS[family];
  const lead = metrics[0] ?? 'page_views';
  const most = Math.max(1, ...breakdown.rows.map(({ values }) => values[lead] ?? 0));
  const name = text(DIMENSIONS[breakdown.dimension].name);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={name}>
      <table class="figures bars">
        <thead>
          <tr>
            <th scope="col">{name}</th>
            {metrics.map((id) => (
              <th key={id} scope="col" class="number">
                {text(METRICS[id].name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {breakdown.rows.map((row) => (
            <Row
              key={row.value ?? '\u{0}'}
              row={row}
              dimension={breakdown.dimension}
              metrics={metrics}
              share={(row.values[lead] ?? 0) / most}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row(props: {
  readonly row: BreakdownRow;
  readonly dimension: DimensionId;
  readonly metrics: (typeof BREAKDOWN_METRICS)[Family];
  readonly share: number;
}): JSX.Element {
  const app = useApp();
  const { row, dimension } = props;
  const kept = app.address.filters.some((filter) => filter.dimension === dimension && filter.value === row.value);
  return (
    <tr class={kept ? 'kept' : ''}>
      <th scope="row">
        <div class="bar" style={{ width: `${(props.share * 100).toFixed(1)}%` }} aria-hidden="true" />
        <button
          type="button"
          class="value-button"
          aria-pressed={kept}
          title={app.t('filterBy', { value: nameOf(app, dimension, row.value) })}
          onClick={() => {
            app.keep({ dimension, value: row.value });
          }}
        >
          <ValueName dimension={dimension} value={row.value} />
        </button>
      </th>
      {props.metrics.map((id) => (
        <td key={id} class="number">
          {app.formats.value(row.values[id], METRICS[id].unit)}
        </td>
      ))}
    </tr>
  );
}
