/** A generated feed and its figures computed in plain TypeScript, from the page views themselves, with no idea of parts or rollups. */
import type { Filter, PanelQuery } from '../../../../dashboard/reader.ts';
import { TABLE_NAMES, type TableName } from '../../../../domain/catalogue.ts';
import { addHours, hourAt, hoursOf, hourStartMs, type Hour, type HourRange } from '../../../../domain/hour.ts';
import type { DimensionId } from '../../../../domain/metrics/dimensions.ts';
import { uuidOf } from '../../../support/feed-lines.ts';

/** One event of the generated feed. Undefined: no line to join, or no value. */
export interface ModelView {
  readonly number: number;
  readonly hour: Hour;
  readonly atMs: number;
  readonly type: string;
  readonly click: number;
  readonly visitor: number | undefined;
  readonly page: string | undefined;
  readonly latitude: number | undefined;
  readonly longitude: number | undefined;
  readonly hasLocation: boolean;
  readonly hasGeo: boolean;
  readonly dimensions: Readonly<Partial<Record<DimensionId, string>>>;
}

/** A session of the model. */
export interface ModelSession {
  readonly visitor: number;
  readonly views: readonly ModelView[];
}

const LOCATION_DIMENSIONS = ['source', 'medium', 'campaign', 'content', 'referer', 'referer_medium'];
const DEVICE_DIMENSIONS = ['device', 'os'];
const PAGES = ['/home', '/product_a', '/product_b', '/cart', '/payment', '/confirmation'];

/** Small seeded generator (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Visits of `visitors` visitors over `hours` hours from `start`; pauses around half an hour, so that sessions cross hours and end within them. */
export function generateViews(start: Hour, hours: number, visitors: number, seed: number): ModelView[] {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const endMs = hourStartMs(addHours(start, hours));
  const views: ModelView[] = [];
  for (let visitor = 1; visitor <= visitors; visitor += 1) {
    const isKnown = random() > 0.1;
    let atMs = hourStartMs(start) + Math.floor(random() * hours * 3_600_000);
    for (let visit = 0; visit < 1 + random() * 3 && atMs < endMs; visit += 1) {
      const visitFields = visitOf(pick, random);
      const click = visitor * 100 + visit;
      for (let view = 0; view < 1 + random() * 8 && atMs < endMs; view += 1) {
        const hasLocation = random() > 0.03;
        views.push({
          number: views.length,
          hour: hourAt(atMs),
          atMs,
          type: random() > 0.04 ? 'pageview' : 'click',
          click,
          visitor: isKnown ? visitor : undefined,
          page: hasLocation ? (random() > 0.2 ? PAGES[Math.min(view, 5)] : pick(PAGES)) : undefined,
          hasLocation,
          ...visitFields,
          dimensions: dimensionsOf(visitFields.dimensions, {
            hasLocation,
            isKnown,
            browser: pick(['Chrome', 'Chrome', 'Opera']),
          }),
        });
        // Exactly 30 minutes belongs to the session, a millisecond more does not.
        atMs += pick([1_000, 60_000, 600_000, 1_800_000, 1_800_001, 2_400_000]);
      }
      atMs += Math.floor(random() * 3 * 3_600_000);
    }
  }
  return views;
}

type VisitFields = Pick<ModelView, 'latitude' | 'longitude' | 'hasGeo' | 'dimensions'>;

function visitOf(pick: <T>(list: readonly T[]) => T, random: () => number): VisitFields {
  const hasGeo = random() > 0.1;
  const country = pick(['DE', 'US', undefined]);
  const dimensions = {
    source: pick(['google', 'bing', undefined]),
    medium: pick(['cpc', 'social']),
    campaign: pick(['campaign_1', 'campaign_2']),
    content: pick(['ad_1', 'ad_2']),
    referer: pick(['www.google.com', undefined]),
    referer_medium: pick(['internal', 'search']),
    device: pick(['Mobile', 'Computer']),
    os: pick(['iOS', 'Linux']),
    language: pick(['or_IN', 'de_DE']),
    ...(hasGeo ? { country, region: pick(['Köln', "L'Aquila"]) } : {}),
  };
  return {
    hasGeo,
    latitude: hasGeo ? Math.round(random() * 160 - 80) : undefined,
    longitude: hasGeo ? Math.round(random() * 340 - 170) : undefined,
    dimensions: dimensions as ModelView['dimensions'],
  };
}

function dimensionsOf(
  visit: ModelView['dimensions'],
  { hasLocation, isKnown, browser }: { hasLocation: boolean; isKnown: boolean; browser: string },
): ModelView['dimensions'] {
  const missing = [...(hasLocation ? [] : LOCATION_DIMENSIONS), ...(isKnown ? [] : DEVICE_DIMENSIONS)];
  const own: [string, string][] = [...Object.entries(visit), ['browser', browser]];
  return Object.fromEntries(own.filter(([id]) => !missing.includes(id)));
}

/** The lines of an hour of the model. */
export function linesOfHour(views: readonly ModelView[], hour: Hour): Record<TableName, string[]> {
  const lines: Record<TableName, string[]> = {
    browser_events: [],
    device_events: [],
    geo_events: [],
    location_events: [],
  };
  for (const view of views) {
    if (view.hour !== hour) continue;
    for (const table of TABLE_NAMES) {
      const fields = fieldsOf(view, table);
      if (fields !== undefined) lines[table].push(JSON.stringify(fields));
    }
  }
  return lines;
}

/** The lines of each hour of a range that has page views, ascending. */
export function linesOfHours(views: readonly ModelView[], range: HourRange): Map<Hour, Record<TableName, string[]>> {
  const hours = [...hoursOf(range)].map((hour) => [hour, linesOfHour(views, hour)] as const);
  return new Map(hours.filter(([, lines]) => lines.browser_events.length > 0));
}

function fieldsOf(view: ModelView, table: TableName): Record<string, unknown> | undefined {
  const { dimensions } = view;
  const click = uuidOf(2, view.click);
  const event = uuidOf(1, view.number);
  switch (table) {
    case 'browser_events':
      return {
        event_id: event,
        event_timestamp: new Date(view.atMs).toISOString().slice(0, 23).replace('T', ' '),
        event_type: view.type,
        click_id: click,
        browser_name: dimensions.browser,
        browser_user_agent: 'Mozilla/5.0',
        browser_language: dimensions.language,
      };
    case 'device_events':
      return view.visitor === undefined
        ? undefined
        : {
            click_id: click,
            os: 'X11',
            os_name: dimensions.os,
            os_timezone: 'Europe/London',
            device_type: dimensions.device,
            device_is_mobile: dimensions.device === 'Mobile',
            user_custom_id: `user${view.visitor}@example.com`,
            user_domain_id: uuidOf(3, view.visitor),
          };
    case 'geo_events':
      return view.hasGeo
        ? {
            click_id: click,
            geo_latitude: String(view.latitude),
            geo_longitude: String(view.longitude),
            geo_country: dimensions.country ?? null,
            geo_timezone: 'Europe/Berlin',
            geo_region_name: dimensions.region,
            ip_address: '203.0.113.7',
          }
        : undefined;
    case 'location_events':
      return view.hasLocation
        ? {
            event_id: event,
            page_url: `http://www.example.com${view.page}`,
            page_url_path: view.page,
            referer_url: dimensions.referer ?? null,
            referer_medium: dimensions.referer_medium,
            utm_medium: dimensions.medium,
            utm_source: dimensions.source ?? null,
            utm_content: dimensions.content,
            utm_campaign: dimensions.campaign,
          }
        : undefined;
  }
}

/** The page views of the range, of all visitors. */
function inRange(views: readonly ModelView[], { range }: PanelQuery): ModelView[] {
  return views.filter((view) => view.type === 'pageview' && range.from <= view.hour && view.hour < range.to);
}

/** The sessions of the range that pass the filters. */
export function sessionsOf(views: readonly ModelView[], query: PanelQuery): ModelSession[] {
  const byVisitor = new Map<number, ModelView[]>();
  for (const view of inRange(views, query)) {
    if (view.visitor !== undefined) byVisitor.set(view.visitor, [...(byVisitor.get(view.visitor) ?? []), view]);
  }
  const sessions: ModelSession[] = [];
  for (const [visitor, own] of byVisitor) {
    own.sort((a, b) => a.atMs - b.atMs || a.number - b.number);
    let current: ModelView[] = [];
    for (const view of own) {
      const last = current.at(-1);
      if (last !== undefined && view.atMs - last.atMs > 30 * 60_000) {
        sessions.push({ visitor, views: current });
        current = [];
      }
      current.push(view);
    }
    sessions.push({ visitor, views: current });
  }
  return sessions.filter((session) => query.filters.every((filter) => sessionPasses(views, query, session, filter)));
}

/** The page views of the range that pass the filters. */
export function viewsOf(views: readonly ModelView[], query: PanelQuery): ModelView[] {
  const { filters } = query;
  if (filters.some(({ dimension }) => ['entry_page', 'exit_page', 'product'].includes(dimension))) {
    return sessionsOf(views, query).flatMap((session) => session.views);
  }
  return inRange(views, query).filter((view) =>
    filters.every((filter) => viewValue(views, query, view, filter.dimension) === filter.value),
  );
}

/** Value of a dimension that a page view has of its own. */
export function viewValue(
  views: readonly ModelView[],
  query: PanelQuery,
  view: ModelView,
  dimension: DimensionId,
): string | null {
  switch (dimension) {
    case 'page':
      return view.page ?? null;
    case 'weekday':
      return String(((new Date(hourStartMs(view.hour)).getUTCDay() + 6) % 7) + 1);
    case 'hour_of_day':
      return String(Number(view.hour.slice(11)));
    case 'visitor_kind':
      return view.visitor === undefined ? null : kindOf(views, query, view.visitor);
    default:
      return view.dimensions[dimension] ?? null;
  }
}

function kindOf(views: readonly ModelView[], { range }: PanelQuery, visitor: number): string {
  const isKnown = views.some((view) => view.type === 'pageview' && view.visitor === visitor && view.hour < range.from);
  return isKnown ? 'returning' : 'new';
}

/** Values of a dimension that a session has: several pages and products, else one. */
export function sessionValues(
  views: readonly ModelView[],
  query: PanelQuery,
  session: ModelSession,
  dimension: DimensionId,
): (string | null)[] {
  const first = session.views[0]!;
  switch (dimension) {
    case 'page':
      return [...new Set(session.views.map((view) => view.page ?? null))];
    case 'entry_page':
      return [first.page ?? null];
    case 'exit_page':
      return [session.views.at(-1)!.page ?? null];
    case 'product':
      return [...new Set(productsBought(session))];
    default:
      return [viewValue(views, query, first, dimension)];
  }
}

function sessionPasses(
  views: readonly ModelView[],
  query: PanelQuery,
  session: ModelSession,
  { dimension, value }: Filter,
): boolean {
  return sessionValues(views, query, session, dimension).includes(value);
}

/** The last product page before each purchase. */
export function productsBought({ views }: ModelSession): (string | null)[] {
  return views.flatMap((view, index) => {
    if (view.page !== '/confirmation') return [];
    const before = views.slice(0, index).filter((earlier) => earlier.page?.startsWith('/product') === true);
    return [before.at(-1)?.page ?? null];
  });
}

/** How many steps of home, product, cart, payment, confirmation a session took in this order. */
export function stepsReached({ views }: ModelSession): number {
  const steps = [/^\/home$/, /^\/product/, /^\/cart$/, /^\/payment$/, /^\/confirmation$/];
  let reached = 0;
  for (const view of views) if (reached < 5 && steps[reached]!.test(view.page ?? '')) reached += 1;
  return reached;
}

/** The metrics of page views. */
export function viewMetrics(views: readonly ModelView[]): Record<string, number> {
  return {
    page_views: views.length,
    visitors: new Set(views.flatMap((view) => view.visitor ?? [])).size,
    purchases: views.filter((view) => view.page === '/confirmation').length,
  };
}

/** The metrics of sessions; shares of nothing are left out. */
export function sessionMetrics(sessions: readonly ModelSession[]): Record<string, number> {
  const count = sessions.length;
  if (count === 0) return { sessions: 0 };
  const total = sessions.reduce((sum, session) => sum + session.views.length, 0);
  return {
    sessions: count,
    pages_per_session: total / count,
    bounce_rate: sessions.filter((session) => session.views.length === 1).length / count,
    conversion: sessions.filter(({ views }) => views.some((view) => view.page === '/confirmation')).length / count,
  };
}
