/** Paths of the panels' questions below /api/. */
import { writePanelQuery } from '../../address.ts';
import type { App } from './app.ts';

/** The path of a panel for the page's range and filters. */
export function panelPath(app: App, panel: string, params: Readonly<Record<string, string | number>> = {}): string {
  const search = writePanelQuery({ range: app.range, filters: app.address.filters });
  for (const [name, value] of Object.entries(params)) search.set(name, String(value));
  return `${panel}?${search}`;
}

/** The same as CSV. */
export function csvPath(path: string): string {
  return path.replace('?', '.csv?');
}
