/** What the overview asks when it is opened and nothing is chosen in it, and what one click asks then. Pure; shared by page and server. */
import { hasSessionsOnly, type DimensionId } from '../domain/metrics/dimensions.ts';
import { writePanelQuery } from './address.ts';
import { defaultGrain, grainsOf } from './ranges.ts';
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

/** Panels of values, each with the dimensions that it offers; it opens with the first. */
export const VALUE_PANELS = {
  sources: ['source', 'medium', 'campaign', 'content', 'referer', 'referer_medium'],
  pages: ['page', 'entry_page', 'exit_page'],
  places: ['country', 'region'],
  technology: ['device', 'os', 'browser'],
  visitors: ['language', 'visitor_kind'],
} as const satisfies Readonly<Record<string, readonly DimensionId[]>>;

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
  return [
    ask(query, 'kpis', { family: 'views' }),
    ask(query, 'series', { grain: series.grain, family: series.family }),
    ...Object.values(VALUE_PANELS).map(([dimension]) => askValues(query, dimension)),
    ask(query, 'map', { limit: OPENING.places }),
    ask(query, 'heatmap'),
    ask(query, 'kpis', { family: 'sessions' }),
    ask(query, 'funnel'),
    ask(query, 'products'),
  ];
}

/** What one click more asks of page views: another grain, another dimension. A test holds these against the page, too. */
export function nextQuestions(query: PanelQuery): Question[] {
  const grains = grainsOf(query.range).filter((grain) => grain !== defaultGrain(query.range));
  const dimensions = Object.values(VALUE_PANELS).flatMap(([, ...others]): readonly DimensionId[] => others);
  return [
    ...grains.map((grain) => ask(query, 'series', { grain, family: 'views' })),
    ...dimensions.filter((id) => !hasSessionsOnly(id)).map((id) => askValues(query, id)),
  ];
}

function ask(query: PanelQuery, panel: string, params?: Readonly<Record<string, string | number>>): Question {
  return { panel, search: writePanelQuery(query, params) };
}

/** A breakdown of page views. */
function askValues(query: PanelQuery, dimension: DimensionId): Question {
  return ask(query, 'breakdown', { dimension, family: 'views', limit: OPENING.values });
}
