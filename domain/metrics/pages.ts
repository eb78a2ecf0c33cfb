/** What the paths of the shop's pages mean, and the way to a purchase. */
import type { Text } from './text.ts';

/** A page view of this page is a purchase. */
export const PURCHASE_PATH = '/confirmation';

/** Paths that begin so are product pages. */
export const PRODUCT_PREFIX = '/product';

/** The steps to a purchase, in order; see {@link FUNNEL}. */
export const FUNNEL_STEPS = [
  { id: 'home', path: '/home' },
  { id: 'product', prefix: PRODUCT_PREFIX },
  { id: 'cart', path: '/cart' },
  { id: 'payment', path: '/payment' },
  { id: 'confirmation', path: PURCHASE_PATH },
] as const;

/** Id of a step of the funnel. */
export type FunnelStepId = (typeof FUNNEL_STEPS)[number]['id'];

/** The way to a purchase as it is defined. */
export const FUNNEL: { readonly name: Text; readonly meaning: Text; readonly caveat: Text } = {
  name: { en: 'Way to a purchase', ru: 'Путь к покупке' },
  meaning: {
    en: 'Sessions that reached a step after all the steps before it.',
    ru: 'Сессии, дошедшие до шага после всех предыдущих шагов.',
  },
  caveat: {
    en: 'Other pages may lie between the steps. A purchase that skips a step is in the conversion, and not in the last step.',
    ru: 'Между шагами могут быть другие страницы. Покупка в обход шага входит в конверсию, но не в последний шаг.',
  },
};

/** SQL that counts the sessions which reached a step, over the view `sessions` and over `bi_sessions`. */
export function funnelStepSql(id: FunnelStepId): string {
  return `countIf(steps_reached >= ${FUNNEL_STEPS.findIndex((step) => step.id === id) + 1})`;
}

/** A session ends when no page view of the visitor follows within this time. */
export const SESSION_GAP_MINUTES = 30;
