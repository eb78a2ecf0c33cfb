/** Paths of the panels' questions below /api/. */
import { writePanelQuery } from '../../address.ts';
import type { App } from './app.ts';

/** The path of a panel for the page's range and filters. */
export function panelPath(app: App, panel: string, params: Readonly<Record<string, string | number>> = {}): string {
  return `${panel}?${writePanelQuery({ range: app.range, filters: app.address.filters }, params)}`;
}

/** Values of a dimension in its CSV, at most: a page shows fewer. */
export const CSV_ROWS = 1000;

/** The same as CSV. */
export function csvPath(path: string): string {
  return path.replace('?', '.csv?');
}
