/** The heatmap day x hour: what an average hour of the week looks like. */
import type { EChartsCoreOption } from 'echarts/core';
import { METRICS } from '../../../domain/metrics/metrics.ts';
import type { HeatCell } from '../../reader.ts';
import type { App } from '../state/app.ts';
import { hatching, themeColors, tooltip, tooltipStyle } from './chart.tsx';
import { averageViews, HOURS, WEEKDAYS } from './week-cells.ts';

/** The chart. */
export function heatmapChart(app: App, cells: readonly HeatCell[]): EChartsCoreOption {
  const { formats, t, text } = app;
  const colors = themeColors();
  const known = cells.filter((cell) => averageViews(cell) !== undefined);
  const label = { color: colors.muted, fontSize: 11 };
  const unknown = { color: hatching(colors.hatch) };
  const plain = { axisTick: { show: false }, axisLine: { show: false }, splitArea: { show: false } };
  return {
    grid: { left: 4, right: 4, top: 4, bottom: 4, containLabel: true },
    xAxis: { ...plain, type: 'category', data: HOURS.map(String), axisLabel: { ...label, interval: 2 } },
    yAxis: {
      ...plain,
      type: 'category',
      inverse: true,
      data: WEEKDAYS.map((weekday) => formats.weekday(weekday, 'short')),
      axisLabel: label,
    },
    visualMap: {
      show: false,
      min: 0,
      max: Math.max(1, ...known.map((cell) => averageViews(cell) ?? 0)),
      inRange: { color: [colors.soft, colors.accent] },
    },
    tooltip: {
      ...tooltipStyle(),
      formatter({ dataIndex }: { readonly dataIndex: number }) {
        const cell = cells[dataIndex];
        if (cell === undefined) return '';
        const title = `${formats.weekday(cell.weekday)}, ${String(cell.hourOfDay).padStart(2, '0')}:00`;
        if (averageViews(cell) === undefined) return tooltip(title, [], t('heatmapUnknown'));
        return tooltip(title, [
          [t('averageHour', { metric: text(METRICS.page_views.name) }), formats.count(averageViews(cell) ?? 0)],
          [t('hoursSeen'), formats.count(cell.hoursBuilt)],
        ]);
      },
    },
    series: [
      {
        type: 'heatmap',
        cursor: 'pointer',
        data: cells.map((cell) => {
          const value = [cell.hourOfDay, cell.weekday - 1, averageViews(cell) ?? 0];
          return averageViews(cell) === undefined ? { value, visualMap: false, itemStyle: unknown } : { value };
        }),
        itemStyle: { borderColor: colors.panel, borderWidth: 2, borderRadius: 3 },
      },
    ],
  };
}
