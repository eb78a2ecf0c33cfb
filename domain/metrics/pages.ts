/** What the paths of the shop's pages mean. */

/** A page view of this page is a purchase. */
export const PURCHASE_PATH = '/confirmation';

/** Paths that begin so are product pages. */
export const PRODUCT_PREFIX = '/product';

/** The steps to a purchase, in order. A step is reached when its page was seen after all the steps before it. */
export const FUNNEL_STEPS = [
  { id: 'home', path: '/home' },
  { id: 'product', prefix: PRODUCT_PREFIX },
  { id: 'cart', path: '/cart' },
  { id: 'payment', path: '/payment' },
  { id: 'confirmation', path: PURCHASE_PATH },
] as const;

/** Id of a step of the funnel. */
export type FunnelStepId = (typeof FUNNEL_STEPS)[number]['id'];

/** A session ends when no page view of the visitor follows within this time. */
export const SESSION_GAP_MINUTES = 30;
