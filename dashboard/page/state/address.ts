/** What the page shows, as it stands in its address, so that a link leads to the same view. Pure. */
import { isMetricId, type MetricId } from '../../../domain/metrics/metrics.ts';
import { parseHour, type Hour } from '../../../domain/hour.ts';
import { readFilter, writeFilter } from '../../address.ts';
import { DEFAULT_PRESET, PRESETS, type Preset, type RangeChoice } from '../../ranges.ts';
import { GRAINS, type Filter, type Grain } from '../../reader.ts';

export const VIEWS = ['overview', 'coverage', 'scorecard', 'definitions'] as const;
/** One of the page's views. */
export type View = (typeof VIEWS)[number];

/** The page's address, read. */
export interface PageAddress {
  readonly view: View;
  readonly range: RangeChoice;
  readonly filters: readonly Filter[];
  /** Of the time chart. */
  readonly metric: MetricId;
  /** Undefined: what suits the range. */
  readonly grain: Grain | undefined;
  /** Month of the coverage calendar, 2024-04; undefined: the newest. */
  readonly month: string | undefined;
  /** The hour whose details are open. */
  readonly hour: Hour | undefined;
}

const DEFAULTS = { range: DEFAULT_PRESET, metric: 'page_views' } as const;

/** Reads an address. What cannot be meant is left out: an old link still opens the page. */
export function readAddress(url: URL): PageAddress {
  const { searchParams: params } = url;
  const metric = params.get('metric') ?? '';
  const grain = params.get('grain');
  const month = params.get('month') ?? '';
  return {
    view: VIEWS.find((view) => url.pathname === viewPath(view)) ?? 'overview',
    range: readRange(params),
    filters: params.getAll('f').flatMap((text) => attempt(() => readFilter(text)) ?? []),
    metric: isMetricId(metric) ? metric : DEFAULTS.metric,
    grain: GRAINS.find((known) => known === grain),
    month: /^\d{4}-(0[1-9]|1[0-2])$/.test(month) ? month : undefined,
    hour: attempt(() => parseHour(params.get('hour') ?? '')),
  };
}

function readRange(params: URLSearchParams): RangeChoice {
  const preset = params.get('range') ?? '';
  if (Object.hasOwn(PRESETS, preset)) return preset as Preset;
  const from = attempt(() => parseHour(params.get('from') ?? ''));
  const to = attempt(() => parseHour(params.get('to') ?? ''));
  return from !== undefined && to !== undefined && from < to ? { from, to } : DEFAULTS.range;
}

/** Writes what {@link readAddress} reads; defaults are left out. */
export function writeAddress(address: PageAddress): string {
  const params = new URLSearchParams();
  if (typeof address.range !== 'string') {
    params.set('from', address.range.from);
    params.set('to', address.range.to);
  } else if (address.range !== DEFAULTS.range) params.set('range', address.range);
  for (const filter of address.filters) params.append('f', writeFilter(filter));
  if (address.metric !== DEFAULTS.metric) params.set('metric', address.metric);
  if (address.grain !== undefined) params.set('grain', address.grain);
  if (address.month !== undefined) params.set('month', address.month);
  if (address.hour !== undefined) params.set('hour', address.hour);
  const query = params.toString();
  return viewPath(address.view) + (query === '' ? '' : `?${query}`);
}

/** The path of a view. */
export function viewPath(view: View): string {
  return view === 'overview' ? '/' : `/${view}`;
}

/** The filters with one more; it replaces another of the same dimension. */
export function withFilter(filters: readonly Filter[], ...added: readonly Filter[]): Filter[] {
  const dimensions = new Set(added.map(({ dimension }) => dimension));
  return [...filters.filter(({ dimension }) => !dimensions.has(dimension)), ...added];
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
