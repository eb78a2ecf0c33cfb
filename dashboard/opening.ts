/** What the overview asks when it is opened and nothing is chosen in it. Pure; shared by page and server. */
import type { DimensionId } from '../domain/metrics/dimensions.ts';
import { writePanelQuery } from './address.ts';
import { defaultGrain } from './ranges.ts';
import type { Grain, PanelQuery } from './reader.ts';

/** How much of each panel comes at first. */
export const OPENING = {
  /** Of a breakdown: what is asked for, and what of it is shown. The map is coloured by the same countries. */
  values: 300,
  valuesShown: 8,
  /** Of the map. */
  places: 300,
} as const;

/** A panel and its parameters, as they stand in an address below /api/. */
export interface Question {
  readonly panel: string;
  readonly search: URLSearchParams;
}

const DIMENSIONS_SHOWN: readonly DimensionId[] = ['source', 'page', 'country', 'device', 'language'];

/** What the time chart of an overview shows. */
export interface OpeningSeries {
  readonly family: 'views' | 'sessions';
  readonly grain: Grain;
}

/** The questions of an overview that is opened with `query`. A test holds them against those of the page. */
export function openingQuestions(
  query: PanelQuery,
  series: OpeningSeries = { family: 'views', grain: defaultGrain(query.range) },
): Question[] {
  const ask = (panel: string, params?: Readonly<Record<string, string | number>>): Question => {
    return { panel, search: writePanelQuery(query, params) };
  };
  return [
    ask('kpis', { family: 'views' }),
    ask('series', { grain: series.grain, family: series.family }),
    ...DIMENSIONS_SHOWN.map((dimension) => ask('breakdown', { dimension, family: 'views', limit: OPENING.values })),
    ask('map', { limit: OPENING.places }),
    ask('heatmap'),
    ask('kpis', { family: 'sessions' }),
    ask('funnel'),
    ask('products'),
  ];
}
