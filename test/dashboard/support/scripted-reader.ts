/** A reader whose answers a test writes: for what a server does only by chance, such as being slow or away. */
import type { DashboardReader } from '../../../dashboard/reader.ts';
import { parseHour } from '../../../domain/hour.ts';

const HOUR = parseHour('2024-05-01T00');
const BASIS = { hours: 24, hoursBuilt: 24, hoursStale: 0, hoursIncomplete: 0, hoursQuarantined: 0, hoursComplete: 24 };

/** Answers of a small feed; the test replaces those that it is about. */
export function scriptedReader(over: Partial<DashboardReader> = {}): DashboardReader {
  const extent = {
    firstHour: HOUR,
    lastHour: parseHour('2024-05-01T23'),
    lastCompleteHour: parseHour('2024-05-01T23'),
  };
  return {
    extent: () => Promise.resolve(extent),
    kpis: ({ range }, family) =>
      Promise.resolve({
        current: family === 'views' ? { page_views: 10, visitors: 5, purchases: 1 } : { sessions: 4 },
        previous: {},
        previousRange: range,
        basis: BASIS,
        previousBasis: { ...BASIS, hoursBuilt: 0 },
      }),
    series: () => Promise.resolve([{ start: HOUR, values: { page_views: 10 }, basis: BASIS }]),
    breakdown: (_, { dimension }) =>
      Promise.resolve({
        dimension,
        rows: [{ value: 'google', values: { page_views: 10, visitors: 5, purchases: 1 } }],
        distinctValues: 1,
        total: { page_views: 10 },
      }),
    funnel: () => Promise.resolve({ steps: [{ step: 'home', sessions: 3, shareOfPrevious: 1 }], sessions: 3 }),
    products: () => Promise.resolve({ rows: [{ product: '/product_a', purchases: 1 }], purchases: 1 }),
    map: () => Promise.resolve([]),
    heatmap: () => Promise.resolve([{ weekday: 3, hourOfDay: 0, values: { page_views: 10 }, hoursBuilt: 1 }]),
    coverage: () =>
      Promise.resolve({
        cells: [{ table: 'browser_events' as const, hour: HOUR, state: 'loaded' as const, rows: 10, quarantined: 0 }],
      }),
    coverageDays: () => Promise.resolve([{ day: '2024-05-01', states: { loaded: 1 }, quarantined: 0 }]),
    hour: (hour) =>
      Promise.resolve({ hour, cells: [], receipts: [], rejections: [], events: { state: 'built' as const, rows: 10 } }),
    scorecard: (range) => Promise.resolve({ range, judgedAtMs: 0, lines: [], proof: [] }),
    ...over,
  };
}
