/** The overview: what the visitors of the shop look like, and what they buy. */
import type { JSX } from 'preact';
import { useApp } from '../state/app.ts';
import { PrintHead } from '../ui/print-head.tsx';
import { filterName } from '../ui/value-name.tsx';
import { BreakdownPanel } from './breakdown-panel.tsx';
import { FunnelPanel, ProductsPanel } from './funnel-panel.tsx';
import { HeatmapPanel } from './heatmap-panel.tsx';
import { KpiRow } from './kpi-row.tsx';
import { MapPanel } from './map-panel.tsx';
import { SeriesPanel } from './series-panel.tsx';

/** All panels of the overview. */
export function Overview(): JSX.Element {
  const app = useApp();
  const filters = app.address.filters.map((filter) => filterName(app, filter));
  return (
    <div class="grid">
      <PrintHead also={filters.length === 0 ? app.t('noFilters') : `${app.t('filters')}: ${filters.join('; ')}`} />
      <KpiRow />
      <SeriesPanel />
      <BreakdownPanel id="sources" titleKey="sources" />
      <BreakdownPanel id="pages" titleKey="pages" />
      <FunnelPanel />
      <ProductsPanel />
      <MapPanel />
      <BreakdownPanel id="places" titleKey="places" />
      <HeatmapPanel />
      <BreakdownPanel id="technology" titleKey="technology" />
      <BreakdownPanel id="visitors" titleKey="visitorsPanel" />
    </div>
  );
}
