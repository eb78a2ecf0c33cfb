/** The time chart, one metric at a time. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { METRICS, type MetricId } from '../../../domain/metrics/metrics.ts';
import { addHours, type Hour, type HourRange } from '../../../domain/hour.ts';
import { GRAIN_HOURS } from '../../ranges.ts';
import type { Grain, SeriesPoint } from '../../reader.ts';
import { Chart } from '../charts/chart.tsx';
import { isIncomplete } from '../charts/completeness.ts';
import { basisNote, timeChart } from '../charts/time-chart.ts';
import { useApp } from '../state/app.ts';
import { csvPath, panelPath } from '../state/paths.ts';
import { useQuery } from '../state/use-query.ts';
import { Definition } from '../ui/definition.tsx';
import { Panel } from '../ui/panel.tsx';
import { Segments, Select } from '../ui/segments.tsx';
import { TableToggle } from '../ui/table-toggle.tsx';
import { familyOf, SERIES_METRICS } from './families.ts';
import { seriesShown } from './series-shown.ts';

/** The panel. */
export function SeriesPanel(): JSX.Element {
  const app = useApp();
  const { t, text, address, range, go } = app;
  const [asTable, setAsTable] = useState(false);
  const { metric, grain, grains } = seriesShown(address, range);
  const path = panelPath(app, 'series', { grain, family: familyOf(metric) });
  const answer = useQuery<SeriesPoint[]>(path);
  return (
    <Panel
      id="series"
      title={t('overTime', { metric: text(METRICS[metric].name) })}
      help={<Definition of={text(METRICS[metric].name)} metrics={[metric]} note={t('hatchedMeans')} />}
      answer={answer}
      csv={csvPath(path)}
      isEmpty={(points) => points.length === 0}
      controls={
        <>
          <Select
            label={t('metric')}
            value={metric}
            choices={SERIES_METRICS.map((value) => ({ value, label: text(METRICS[value].name) }))}
            onChoose={(value) => {
              go({ metric: value }, 'replace');
            }}
          />
          <Segments
            label={t('grain')}
            value={grain}
            choices={grains.map((value) => ({ value, label: t(value) }))}
            onChoose={(value) => {
              go({ grain: value }, 'replace');
            }}
          />
          <TableToggle asTable={asTable} onToggle={setAsTable} />
        </>
      }
    >
      {(points) => <Series points={points} metric={metric} grain={grain} asTable={asTable} />}
    </Panel>
  );
}

interface SeriesProps {
  readonly points: readonly SeriesPoint[];
  readonly metric: MetricId;
  readonly grain: Grain;
  readonly asTable: boolean;
}

function Series({ points, metric, grain, asTable }: SeriesProps): JSX.Element {
  const app = useApp();
  const option = useMemo(() => timeChart(app, points, metric, grain), [points, metric, grain, app.language, app.theme]);
  const zoom = (start: Hour): void => {
    if (grain !== 'hour') app.go({ range: bucketRange(start, grain, app.range), grain: undefined });
  };
  if (asTable) return <SeriesTable points={points} metric={metric} grain={grain} onZoom={zoom} />;
  const hatched = points.filter(({ basis }) => isIncomplete(basis)).length;
  const label = app.t('chartLabel', {
    metric: app.text(METRICS[metric].name),
    buckets: points.length,
    hatched,
  });
  return (
    <>
      <Chart
        class="chart tall"
        option={option}
        label={label}
        onClick={({ dataIndex }) => {
          const point = points[dataIndex];
          if (point !== undefined) zoom(point.start);
        }}
      />
      <p class="legend">
        <span class="hatch" aria-hidden="true" />
        {app.t('hatchedMeans')}
      </p>
    </>
  );
}

/** The hours of a bucket that lie in the range. */
export function bucketRange(start: Hour, grain: Grain, range: HourRange): HourRange {
  const end =
    grain === 'month'
      ? addHours(`${addHours(start, 32 * 24).slice(0, 7)}-01T00` as Hour, 0)
      : addHours(start, GRAIN_HOURS[grain]);
  return { from: start > range.from ? start : range.from, to: end < range.to ? end : range.to };
}

function SeriesTable(props: Omit<SeriesProps, 'asTable'> & { readonly onZoom: (start: Hour) => void }): JSX.Element {
  const app = useApp();
  const { t, text, formats } = app;
  const { unit, name } = METRICS[props.metric];
  return (
    <div class="scroll tall" tabIndex={0} role="region" aria-label={text(name)}>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">{t(props.grain)}</th>
            <th scope="col" class="number">
              {text(name)}
            </th>
            <th scope="col">{t('completeness')}</th>
          </tr>
        </thead>
        <tbody>
          {props.points.map((point) => (
            <tr key={point.start}>
              <th scope="row">
                {props.grain === 'hour' ? (
                  formats.bucket(point.start, props.grain)
                ) : (
                  <button
                    type="button"
                    class="link"
                    onClick={() => {
                      props.onZoom(point.start);
                    }}
                  >
                    {formats.bucket(point.start, props.grain)}
                  </button>
                )}
              </th>
              <td class="number">{formats.value(point.values[props.metric], unit)}</td>
              <td>{basisNote(app, point.basis) ?? t('complete')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
