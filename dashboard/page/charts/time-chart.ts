/** The time chart: bars while they can be told apart, a line beyond; hatched where hours are missing or not complete. */
import type { EChartsCoreOption } from 'echarts/core';
import { METRICS, type MetricId } from '../../../domain/metrics/metrics.ts';
import type { Basis, Grain, SeriesPoint } from '../../reader.ts';
import type { App } from '../state/app.ts';
import { hatching, themeColors, tooltip, tooltipStyle } from './chart.tsx';

const BARS_MOST = 200;

/** Whether a bucket does not show all that happened: hours missing, partly loaded, to be built again, or quarantined. */
export function isIncomplete({ hours, hoursBuilt, hoursStale, hoursIncomplete, hoursQuarantined }: Basis): boolean {
  return hoursBuilt < hours || hoursStale > 0 || hoursIncomplete > 0 || hoursQuarantined > 0;
}

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

/** A bucket's value; undefined where no hour is built, for nothing is known of it. */
export function pointValue({ values, basis }: SeriesPoint, metric: MetricId): number | undefined {
  return basis.hoursBuilt === 0 ? undefined : values[metric];
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
      { type: 'value', min: 0, max: 1, show: false },
    ],
    tooltip: {
      ...tooltipStyle(),
      trigger: 'axis',
      axisPointer: { type: isBar ? 'shadow' : 'line' },
      formatter(params: readonly { readonly dataIndex: number }[]) {
        const point = points[params[0]?.dataIndex ?? 0];
        if (point === undefined) return '';
        const value = formats.value(pointValue(point, metric), unit);
        return tooltip(formats.bucket(point.start, grain), [[text(name), value]], basisNote(app, point.basis));
      },
    },
    series: [hatchSeries(points), valueSeries(points, metric)],
  };
}

/** Bands over the whole height where a bucket is not complete. */
function hatchSeries(points: readonly SeriesPoint[]): object {
  return {
    name: 'incomplete',
    type: 'bar',
    yAxisIndex: 1,
    barWidth: '100%',
    barGap: '-100%',
    silent: true,
    z: 3, // over the bar: an hour that is partly there is hatched too
    itemStyle: { color: hatching(themeColors().hatch) },
    data: points.map(({ basis }) => (isIncomplete(basis) ? 1 : null)),
  };
}

function valueSeries(points: readonly SeriesPoint[], metric: MetricId): object {
  const { accent } = themeColors();
  const data = points.map((point) => pointValue(point, metric) ?? null);
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
