/** The time chart: bars while they can be told apart, a line beyond; hatched from above by the share of hours that are not complete. */
import type { EChartsCoreOption } from 'echarts/core';
import { METRICS, type MetricId } from '../../../domain/metrics/metrics.ts';
import type { Basis, Grain, SeriesPoint } from '../../reader.ts';
import type { App } from '../state/app.ts';
import { hatchedShare, isIncomplete } from './completeness.ts';
import { hatching, themeColors, tooltip, tooltipStyle } from './chart.tsx';

const BARS_MOST = 200;

/** Why a bucket is hatched, in words; undefined when it is complete. */
export function basisNote(app: App, basis: Basis): string | undefined {
  const { t, formats } = app;
  const notes = [
    [basis.hours - basis.hoursBuilt, 'hoursMissing'],
    [basis.hoursIncomplete, 'hoursIncomplete'],
    [basis.hoursStale, 'hoursStale'],
    [basis.hoursQuarantined, 'hoursQuarantined'],
  ] as const;
  const said = notes.flatMap(([hours, key]) => (hours > 0 ? [t(key, { hours: formats.count(hours) })] : []));
  return said.length === 0 ? undefined : said.join('; ');
}

const HOURS_WITH_TICKS = 72;

/** Hours on the axis: midnights with their day, and the quarters of a day where they leave the days their space. */
function isTick(points: readonly SeriesPoint[], index: number): boolean {
  const hourOfDay = Number(points[index]?.start.slice(11));
  return hourOfDay % (points.length <= HOURS_WITH_TICKS ? 6 : 24) === 0;
}

/** The chart. */
export function timeChart(app: App, points: readonly SeriesPoint[], metric: MetricId, grain: Grain): EChartsCoreOption {
  const { formats, text } = app;
  const { unit, name } = METRICS[metric];
  const colors = themeColors();
  const isBar = points.length <= BARS_MOST;
  const axis = { axisLine: { lineStyle: { color: colors.line } }, axisTick: { show: false } };
  return {
    grid: { left: 8, right: 12, top: 16, bottom: 4, containLabel: true },
    xAxis: {
      ...axis,
      type: 'category',
      data: points.map(({ start }) => formats.tick(start, grain)),
      axisLabel: {
        color: colors.muted,
        hideOverlap: true,
        ...(grain === 'hour' ? { interval: (index: number) => isTick(points, index) } : {}),
      },
    },
    yAxis: [
      {
        type: 'value',
        min: 0,
        ...(unit === 'count' ? { minInterval: 1 } : {}),
        splitLine: { lineStyle: { color: colors.line } },
        axisLabel: {
          color: colors.muted,
          formatter: (value: number) => (unit === 'share' ? formats.share(value) : formats.short(value)),
        },
      },
      // Downwards: what is missing hangs from above, and does not look like a part of the value.
      { type: 'value', min: 0, max: 1, show: false, inverse: true },
    ],
    tooltip: {
      ...tooltipStyle(),
      trigger: 'axis',
      axisPointer: { type: isBar ? 'shadow' : 'line' },
      formatter(params: readonly { readonly dataIndex: number }[]) {
        const point = points[params[0]?.dataIndex ?? 0];
        if (point === undefined) return '';
        const value = formats.value(point.values[metric], unit);
        const rows = [[text(name), value] as const, ...completeHours(app, point.basis)];
        return tooltip(formats.bucket(point.start, grain), rows, basisNote(app, point.basis));
      },
    },
    series: [hatchSeries(points), valueSeries(points, metric)],
  };
}

/** "Complete hours: 98.2 % (165 of 168)"; nothing for what is complete, or a single hour. */
function completeHours({ t, formats }: App, basis: Basis): (readonly [string, string])[] {
  if (!isIncomplete(basis) || basis.hours < 2) return [];
  const counts = { complete: formats.count(basis.hoursComplete), hours: formats.count(basis.hours) };
  return [[t('completeHours'), t('shareOfHours', { share: formats.share(1 - hatchedShare(basis)), ...counts })]];
}

/** However little is missing, it is seen. */
const HATCH_LEAST_PX = 4;

/** Hangs from above each bucket by the share of its hours that are not complete: a whole hour, or a whole week, is hatched whole. */
function hatchSeries(points: readonly SeriesPoint[]): object {
  return {
    name: 'incomplete',
    type: 'bar',
    yAxisIndex: 1,
    barWidth: '100%',
    barGap: '-100%',
    barMinHeight: HATCH_LEAST_PX,
    silent: true,
    z: 3, // over the bar: an hour that is partly there is hatched too
    itemStyle: { color: hatching(themeColors().hatch) },
    data: points.map(({ basis }) => (isIncomplete(basis) ? hatchedShare(basis) : null)),
  };
}

function valueSeries(points: readonly SeriesPoint[], metric: MetricId): object {
  const { accent } = themeColors();
  const data = points.map(({ values }) => values[metric] ?? null);
  if (points.length <= BARS_MOST) {
    const itemStyle = { color: accent, borderRadius: [3, 3, 0, 0] };
    return { type: 'bar', data, z: 2, barWidth: '72%', cursor: 'pointer', itemStyle };
  }
  return {
    type: 'line',
    data,
    z: 2,
    showSymbol: false,
    lineStyle: { width: 1.5, color: accent },
    areaStyle: { color: accent, opacity: 0.12 },
    itemStyle: { color: accent },
  };
}
