/** One hour of the demo feed: its page views, and the lines that they make in the four tables. */
import type { TableName } from '../../domain/catalogue.ts';
import { HOUR_MS, hourStartMs, type Hour } from '../../domain/hour.ts';
import { makeJourney, type Page, type Source } from './journey.ts';
import { pythonJson } from './python-json.ts';
import { Random } from './random.ts';
import { makeVisitor, type Visitor } from './visitor.ts';

/** What the content of the feed depends on. */
export interface FeedShape {
  readonly seed: number;
  /** Page views of an average hour; the rhythm of day and week goes around it. */
  readonly rowsPerHour: number;
}

/** Lines without their newlines, one per page view in every table; line i of all four belongs to the same page view. */
export type HourLines = Readonly<Record<TableName, readonly string[]>>;

/** Share of the average per UTC hour of the day: visitors are spread over the world, yet there is a night. Averages 1. */
const DAY_RHYTHM = [
  0.62, 0.55, 0.5, 0.48, 0.5, 0.58, 0.7, 0.85, 1.0, 1.1, 1.18, 1.22, 1.25, 1.28, 1.3, 1.32, 1.35, 1.4, 1.42, 1.38, 1.25,
  1.05, 0.95, 0.77,
];

/** Share of the average per UTC day of the week, Sunday first. Averages 1. */
const WEEK_RHYTHM = [0.88, 1.04, 1.02, 1.0, 1.02, 1.1, 0.94];

/** Visitors that the shop has, for each page view of an average hour. */
const VISITORS_PER_ROW = 30;

interface PageView {
  readonly timeMicros: number;
  readonly eventId: string;
  readonly page: Page;
  readonly visit: Visit;
}

/** The parts of lines that repeat on every page view of a visit, made once. */
interface Visit {
  readonly clickId: string;
  readonly visitor: Visitor;
  readonly source: Source;
  readonly deviceLine: string;
  readonly geoLine: string;
}

/** Page views of the hour: the rhythm of the shop with a little noise. */
export function countViews(shape: FeedShape, hour: Hour): number {
  const at = new Date(hourStartMs(hour));
  const rhythm = (DAY_RHYTHM[at.getUTCHours()] ?? 1) * (WEEK_RHYTHM[at.getUTCDay()] ?? 1);
  const noise = 0.9 + 0.2 * new Random(shape.seed, `views ${hour}`).fraction();
  return Math.max(1, Math.round(shape.rowsPerHour * rhythm * noise));
}

/** Makes an hour. The same shape and hour give the same lines, whatever else is generated. */
export function generateHour(shape: FeedShape, hour: Hour): HourLines {
  const views = makeViews(shape, hour);
  return {
    browser_events: views.map(browserLine),
    device_events: views.map(({ visit }) => visit.deviceLine),
    geo_events: views.map(({ visit }) => visit.geoLine),
    location_events: views.map(locationLine),
  };
}

function makeViews(shape: FeedShape, hour: Hour): PageView[] {
  const random = new Random(shape.seed, `hour ${hour}`);
  const count = countViews(shape, hour);
  const startMicros = hourStartMs(hour) * 1000;
  const views: PageView[] = [];
  while (views.length < count) {
    const visit = makeVisit(shape, random);
    const endMicros = startMicros + HOUR_MS * 1000;
    let timeMicros = startMicros + random.integer(0, HOUR_MS - 1) * 1000 + random.integer(0, 999);
    for (const page of visit.pages) {
      // A visit ends with the hour, so that every hour can be made alone.
      if (timeMicros >= endMicros || views.length === count) break;
      views.push({ timeMicros: roundSometimes(timeMicros, random), eventId: random.uuid(), page, visit });
      timeMicros += random.integer(3_000, random.chance(0.15) ? 240_000 : 25_000) * 1000;
    }
  }
  return views.sort((a, b) => a.timeMicros - b.timeMicros);
}

/** A few events fall on a whole second; the feed writes these without a fraction. */
function roundSometimes(timeMicros: number, random: Random): number {
  return random.chance(0.003) ? timeMicros - (timeMicros % 1_000_000) : timeMicros;
}

function makeVisit(shape: FeedShape, random: Random): Visit & { readonly pages: readonly Page[] } {
  const visitors = shape.rowsPerHour * VISITORS_PER_ROW;
  // Cubed: a few visitors come again and again, most of them once.
  const index = Math.floor(visitors * random.fraction() ** 3);
  const visitor = makeVisitor(new Random(shape.seed, `visitor ${index}`));
  const clickId = random.uuid();
  const { source, pages } = makeJourney(random);
  return {
    clickId,
    visitor,
    source,
    pages,
    deviceLine: deviceLine(clickId, visitor),
    geoLine: geoLine(clickId, visitor),
  };
}

function browserLine({ timeMicros, eventId, visit }: PageView): string {
  return pythonJson({
    event_id: eventId,
    event_timestamp: timestamp(timeMicros),
    event_type: 'pageview',
    click_id: visit.clickId,
    browser_name: visit.visitor.browserName,
    browser_user_agent: visit.visitor.userAgent,
    browser_language: visit.visitor.language,
  });
}

function deviceLine(clickId: string, visitor: Visitor): string {
  return pythonJson({
    click_id: clickId,
    os: visitor.os,
    os_name: visitor.osName,
    os_timezone: visitor.timezone,
    device_type: visitor.isMobile ? 'Mobile' : 'Computer',
    device_is_mobile: visitor.isMobile,
    user_custom_id: visitor.customId,
    user_domain_id: visitor.domainId,
  });
}

function geoLine(clickId: string, { place, ipAddress }: Visitor): string {
  return pythonJson({
    click_id: clickId,
    geo_latitude: place?.latitude ?? null,
    geo_longitude: place?.longitude ?? null,
    geo_country: place?.country ?? null,
    geo_timezone: place?.timezone ?? null,
    geo_region_name: place?.region ?? null,
    ip_address: ipAddress,
  });
}

function locationLine({ eventId, page, visit: { source } }: PageView): string {
  return pythonJson({
    event_id: eventId,
    page_url: `http://www.dummywebsite.com${page}`,
    page_url_path: page,
    referer_url: source.refererUrl,
    referer_medium: source.refererMedium,
    utm_medium: source.utmMedium,
    utm_source: source.utmSource,
    utm_content: source.utmContent,
    utm_campaign: source.utmCampaign,
  });
}

/** "2024-04-10 23:00:01.000042", without the fraction when it is zero. */
function timestamp(timeMicros: number): string {
  const micros = timeMicros % 1_000_000;
  const seconds = new Date((timeMicros - micros) / 1000).toISOString().slice(0, 19).replace('T', ' ');
  return micros === 0 ? seconds : `${seconds}.${String(micros).padStart(6, '0')}`;
}
