/** Journeys: which pages a visit sees, from its source to where it ends. */
import type { Random } from './random.ts';

export const PAGES = ['/home', '/product_a', '/product_b', '/cart', '/payment', '/confirmation'] as const;

/** A page of the shop. */
export type Page = (typeof PAGES)[number];

type Step = Page | 'end';

/** Where a page leads, by weight. Most visits look at a few pages; about one in twenty ends with a purchase. */
const STEPS: Readonly<Record<Page, readonly (readonly [Step, number])[]>> = {
  '/home': [
    ['/product_a', 30],
    ['/product_b', 22],
    ['/home', 14],
    ['/cart', 4],
    ['end', 30],
  ],
  '/product_a': [
    ['/home', 30],
    ['/product_b', 10],
    ['/cart', 26],
    ['end', 34],
  ],
  '/product_b': [
    ['/home', 32],
    ['/product_a', 12],
    ['/cart', 20],
    ['end', 36],
  ],
  '/cart': [
    ['/payment', 56],
    ['/home', 16],
    ['/product_a', 6],
    ['end', 22],
  ],
  '/payment': [
    ['/confirmation', 50],
    ['/cart', 12],
    ['/home', 8],
    ['end', 30],
  ],
  '/confirmation': [
    ['/home', 20],
    ['end', 80],
  ],
};

const ENTRY_PAGES: readonly (readonly [Page, number])[] = [
  ['/home', 72],
  ['/product_a', 16],
  ['/product_b', 12],
];

const LONGEST_JOURNEY = 20;

/** What led to a visit; null fields for those who typed the address. */
export interface Source {
  readonly refererUrl: string | null;
  readonly refererMedium: string | null;
  readonly utmMedium: string | null;
  readonly utmSource: string | null;
  readonly utmContent: string | null;
  readonly utmCampaign: string | null;
}

const SOURCE_SHARES = [
  ['facebook', 30],
  ['instagram', 29],
  ['mailchimp', 21],
  ['google', 15],
  ['bing', 2],
  ['direct', 3],
] as const;

/** How much likelier than elsewhere a visitor of this source goes on instead of leaving: sources differ in what they are worth. */
const STAYING: Readonly<Record<(typeof SOURCE_SHARES)[number][0], number>> = {
  facebook: 1,
  instagram: 0.85,
  mailchimp: 1.3,
  google: 1.15,
  bing: 0.9,
  direct: 1.2,
};

/** A visit's source and pages. */
export interface Journey {
  readonly source: Source;
  readonly pages: readonly Page[];
}

/** Makes the journey of one visit: at least one page, at most 20. */
export function makeJourney(random: Random): Journey {
  const name = random.weighted(SOURCE_SHARES);
  const leaving = 1 / STAYING[name];
  let page: Page = random.weighted(ENTRY_PAGES);
  const pages: Page[] = [page];
  while (pages.length < LONGEST_JOURNEY) {
    const steps = STEPS[page].map(([step, weight]) => [step, step === 'end' ? weight * leaving : weight] as const);
    const next = random.weighted(steps);
    if (next === 'end') break;
    page = next;
    pages.push(page);
  }
  return { source: makeSource(name, random), pages };
}

function makeSource(name: (typeof SOURCE_SHARES)[number][0], random: Random): Source {
  if (name === 'direct') {
    return {
      refererUrl: null,
      refererMedium: null,
      utmMedium: null,
      utmSource: null,
      utmContent: null,
      utmCampaign: null,
    };
  }
  const utmMedium = random.weighted([
    ['organic', 42],
    ['social', 23],
    ['cpc', 20],
    ['affiliate', 15],
  ]);
  const utmContent = random.weighted([
    ['ad_1', 6],
    ['ad_2', 19],
    ['ad_3', 30],
    ['ad_4', 23],
    ['ad_5', 22],
  ]);
  return {
    refererUrl: `www.${name}.com`,
    refererMedium: name === 'google' || name === 'bing' ? 'search' : 'internal',
    utmMedium,
    utmSource: name,
    utmContent,
    utmCampaign: random.chance(0.74) ? 'campaign_1' : 'campaign_2',
  };
}
