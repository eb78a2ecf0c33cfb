/** The rhythm of the week. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { addHours } from '../../../domain/hour.ts';
import type { HeatCell } from '../../reader.ts';
import { Chart } from '../charts/chart.tsx';
import { heatmapChart } from '../charts/heatmap-chart.ts';
import { averageViews, cellsOfRange, HOURS, WEEKDAYS } from '../charts/week-cells.ts';
import { useApp } from '../state/app.ts';
import { csvPath, panelPath } from '../state/paths.ts';
import { useQuery } from '../state/use-query.ts';
import { Definition } from '../ui/definition.tsx';
import { Panel } from '../ui/panel.tsx';
import { TableToggle } from '../ui/table-toggle.tsx';

/** The panel. */
export function HeatmapPanel(): JSX.Element {
  const app = useApp();
  const { t } = app;
  const [asTable, setAsTable] = useState(false);
  const path = panelPath(app, 'heatmap');
  const answer = useQuery<HeatCell[]>(path);
  return (
    <Panel
      id="heatmap"
      title={t('heatmap')}
      answer={answer}
      csv={csvPath(path)}
      isEmpty={(cells) => cells.every(({ values }) => (values.page_views ?? 0) === 0)}
      help={<Definition of={t('heatmap')} note={t('heatmapMeans')} dimensions={['weekday', 'hour_of_day']} />}
      controls={<TableToggle asTable={asTable} onToggle={setAsTable} />}
    >
      {(cells) => (asTable ? <HeatmapTable cells={cells} /> : <Heatmap cells={cells} />)}
    </Panel>
  );
}

function Heatmap(props: { readonly cells: readonly HeatCell[] }): JSX.Element {
  const app = useApp();
  const ended = addHours(app.extent.lastCompleteHour, 1);
  const { from, to } = app.range;
  const cells = useMemo(
    () => cellsOfRange(props.cells, { from, to: to < ended ? to : ended }),
    [props.cells, from, to, ended],
  );
  const option = useMemo(() => heatmapChart(app, cells), [cells, app.language, app.theme]);
  return (
    <Chart
      class="chart medium"
      option={option}
      label={app.t('heatmapMeans')}
      onClick={({ dataIndex }) => {
        const cell = cells[dataIndex];
        if (cell === undefined) return;
        app.keep(
          { dimension: 'weekday', value: String(cell.weekday) },
          { dimension: 'hour_of_day', value: String(cell.hourOfDay) },
        );
      }}
    />
  );
}

function HeatmapTable({ cells }: { cells: readonly HeatCell[] }): JSX.Element {
  const { formats, t, keep } = useApp();
  const cellOf = new Map(cells.map((cell) => [`${cell.weekday}-${cell.hourOfDay}`, cell]));
  return (
    <div class="scroll medium" tabIndex={0} role="region" aria-label={t('heatmapMeans')}>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">{t('hourOfDay')}</th>
            {WEEKDAYS.map((weekday) => (
              <th key={weekday} scope="col" class="number">
                <button
                  type="button"
                  class="link"
                  title={formats.weekday(weekday)}
                  onClick={() => {
                    keep({ dimension: 'weekday', value: String(weekday) });
                  }}
                >
                  {formats.weekday(weekday, 'short')}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {HOURS.map((hour) => (
            <tr key={hour}>
              <th scope="row">
                <button
                  type="button"
                  class="link"
                  onClick={() => {
                    keep({ dimension: 'hour_of_day', value: String(hour) });
                  }}
                >
                  {`${String(hour).padStart(2, '0')}:00`}
                </button>
              </th>
              {WEEKDAYS.map((weekday) => {
                const cell = cellOf.get(`${weekday}-${hour}`);
                return (
                  <td key={weekday} class="number">
                    {formats.value(cell && averageViews(cell), 'count')}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
