/** The world map: countries by their page views, places as dots. */
import type { EChartsCoreOption } from 'echarts/core';
import { METRICS } from '../../../domain/metrics/metrics.ts';
import type { BreakdownRow, MapPlace } from '../../reader.ts';
import { visible } from '../format.ts';
import type { App } from '../state/app.ts';
import { nameOf } from '../ui/value-name.tsx';
import { themeColors, tooltip, tooltipStyle } from './chart.tsx';

/** Name of the map that world.ts registers. */
export const WORLD = 'world';
const DOT_LEAST_PX = 4;
const DOT_MOST_PX = 22;

/** The chart. Dots show places; the colour of a country its share, on a scale of roots, or one country would hide the others. */
export function mapChart(app: App, countries: readonly BreakdownRow[], places: readonly MapPlace[]): EChartsCoreOption {
  const { formats, text } = app;
  const colors = themeColors();
  const dots = places.filter(({ latitude, longitude }) => latitude !== undefined && longitude !== undefined);
  const most = Math.max(1, ...dots.map(({ pageViews }) => pageViews));
  const viewsOf = new Map(countries.map(({ value, values }) => [value ?? '', values.page_views ?? 0]));
  const views = text(METRICS.page_views.name);
  return {
    tooltip: {
      ...tooltipStyle(),
      formatter({ seriesType, dataIndex, name }: { seriesType: string; dataIndex: number; name: string }) {
        const place = seriesType === 'scatter' ? dots[dataIndex] : undefined;
        if (place === undefined) {
          return tooltip(nameOf(app, 'country', name), [[views, formats.count(viewsOf.get(name) ?? 0)]]);
        }
        const title = [place.region, place.country === null ? null : formats.country(visible(place.country))];
        return tooltip(title.flatMap((part) => (part === null ? [] : [visible(part)])).join(', '), [
          [views, formats.count(place.pageViews)],
        ]);
      },
    },
    geo: {
      map: WORLD,
      roam: false,
      left: 0,
      right: 0,
      top: 4,
      bottom: 4,
      itemStyle: { areaColor: colors.land, borderColor: colors.panel, borderWidth: 0.6 },
      emphasis: { label: { show: false }, itemStyle: { areaColor: colors.accent } },
      select: { disabled: true },
    },
    visualMap: {
      show: false,
      seriesIndex: 0,
      min: 0,
      max: Math.sqrt(Math.max(1, ...viewsOf.values())),
      inRange: { color: [colors.soft, colors.accent] },
    },
    series: [
      {
        type: 'map',
        geoIndex: 0,
        data: [...viewsOf].map(([name, value]) => ({ name, value: Math.sqrt(value) })),
      },
      {
        type: 'scatter',
        coordinateSystem: 'geo',
        data: dots.map(({ longitude, latitude }) => [longitude, latitude]),
        symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) =>
          DOT_LEAST_PX + (DOT_MOST_PX - DOT_LEAST_PX) * Math.sqrt((dots[dataIndex]?.pageViews ?? 0) / most),
        itemStyle: { color: colors.accent, opacity: 0.55, borderColor: colors.panel, borderWidth: 1 },
      },
    ],
  };
}
