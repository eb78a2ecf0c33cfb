/** What the overview asks when it is opened and nothing is chosen in it. Pure; shared by page and server. */
import type { HourRange } from '../domain/hour.ts';
import type { DimensionId } from '../domain/metrics/dimensions.ts';
import { writePanelQuery } from './address.ts';
import { defaultGrain } from './ranges.ts';

/** How much of each panel comes at first. */
export const OPENING = {
  /** Of a breakdown. */
  rows: 8,
  /** Of the map. */
  places: 300,
  countries: 300,
} as const;

/** A panel and its parameters, as they stand in an address below /api/. */
export interface Question {
  readonly panel: string;
  readonly search: URLSearchParams;
}

const DIMENSIONS_SHOWN: readonly DimensionId[] = ['source', 'page', 'country', 'device', 'language'];

/** The questions of an overview that is opened over `range`. A test holds them against those of the page. */
export function openingQuestions(range: HourRange): Question[] {
  const ask = (panel: string, params?: Readonly<Record<string, string | number>>): Question => {
    return { panel, search: writePanelQuery({ range, filters: [] }, params) };
  };
  return [
    ask('kpis', { family: 'views' }),
    ask('series', { grain: defaultGrain(range), family: 'views' }),
    ...DIMENSIONS_SHOWN.map((dimension) => ask('breakdown', { dimension, family: 'views', limit: OPENING.rows })),
    ask('map', { limit: OPENING.places }),
    ask('breakdown', { dimension: 'country', family: 'views', limit: OPENING.countries }),
    ask('heatmap'),
    ask('kpis', { family: 'sessions' }),
    ask('funnel'),
    ask('products'),
  ];
}
