/** The facts of the BI views: page views, and beside them what is derived from whole sessions. */
import { VIEW_DIMENSIONS } from '../../../domain/metrics/dimensions.ts';
import { FUNNEL_STEPS, PURCHASE_PATH } from '../../../domain/metrics/pages.ts';
import type { Namer } from '../views.ts';
import {
  column,
  dimensionKeys,
  eventColumn,
  hashKey,
  keyColumn,
  known,
  ownColumn,
  VISITOR_ID,
  type BiColumn,
  type BiView,
} from './bi-columns.ts';

/** The visitor, the day and the hour, by a column of hours. */
function when(hour: string, whose: string): BiColumn[] {
  return [
    keyColumn('date', 'Date', `toDate(${hour}, 'UTC')`, 'bi_dates', `day of the hour ${whose}, UTC`),
    column('hour_of_day', 'Int32', `toInt32(toHour(${hour}, 'UTC'))`, `The hour ${whose}, UTC, 0 to 23`),
    keyColumn('visitor_id', 'String', VISITOR_ID, 'bi_visitors', 'the visitor, a hash'),
  ];
}

const PAGE_VIEWS: BiView = {
  name: 'bi_page_views',
  kind: 'fact',
  comment: 'The fact: one row per page view',
  columns: [
    column('page_view_id', 'String', `concat(toString(_load), '-', toString(_line))`, 'Identifies the row'),
    column('event_id', 'String', 'toString(event_id)', 'Event id of the feed'),
    column('click_id', 'String', 'toString(click_id)', 'The click that began the visit'),
    ...when('_hour', 'that delivered the page view'),
    column('viewed_at', "DateTime('UTC')", `toDateTime(event_timestamp, 'UTC')`, 'When the page was viewed, UTC'),
    keyColumn('page_key', 'String', hashKey([known('page_url_path')]), 'bi_pages'),
    ...dimensionKeys(eventColumn),
    column(
      'purchases',
      'Int32',
      `toInt32(ifNull(page_url_path = '${PURCHASE_PATH}', 0))`,
      `1 for a view of ${PURCHASE_PATH}, else 0`,
    ),
  ],
  from: (name) => `${name('events')} WHERE event_type = 'pageview'`,
};

const SESSION_ID = `concat(lower(hex(visitor)), '-', toString(toUnixTimestamp64Micro(started_at)))`;

const SESSIONS: BiView = {
  name: 'bi_sessions',
  kind: 'fact',
  comment: 'One row per session, with source, device and place of its first page view',
  columns: [
    column('session_id', 'String', SESSION_ID, 'Identifies the row'),
    ...when('hour', 'in which the session began'),
    column('began_at', "DateTime('UTC')", `toDateTime(started_at, 'UTC')`, 'First page view, UTC'),
    column(
      'lasted_seconds',
      'Int32',
      `toInt32(dateDiff('second', started_at, ended_at))`,
      'From the first to the last page view',
    ),
    column('page_views', 'Int32', 'toInt32(page_views)', 'Page views of the session'),
    column('purchases', 'Int32', 'toInt32(purchases)', `Views of ${PURCHASE_PATH}`),
    column('bounces', 'Int32', 'toInt32(page_views = 1)', '1 for a session with a single page view, else 0'),
    column('buying_sessions', 'Int32', 'toInt32(purchases > 0)', '1 for a session with a purchase, else 0'),
    column(
      'steps_reached',
      'Int32',
      'toInt32(steps_reached)',
      `Steps of the funnel reached in their order, 0 to ${FUNNEL_STEPS.length}: ${FUNNEL_STEPS.map(({ id }) => id).join(', ')}`,
    ),
    column('entry_page', 'String', known('entry_page'), 'First page'),
    column('exit_page', 'String', known('exit_page'), 'Last page'),
    ...dimensionKeys(ownColumn),
  ],
  from: (name) => name('sessions'),
};

const PURCHASES: BiView = {
  name: 'bi_purchases',
  kind: 'fact',
  comment: 'One row per purchase, with the product bought and what its session began with',
  columns: [
    column(
      'session_id',
      'String',
      `if(visitor = 0, ${known(`''`)}, ${SESSION_ID})`,
      'Session of the purchase; joins bi_sessions where the visitor is known',
    ),
    ...when('hour', 'in which the session of the purchase began'),
    column('product', 'String', known('product'), 'Last product page that the session saw before the purchase'),
    ...dimensionKeys(ownColumn),
  ],
  from: purchasesFrom,
};

/** Purchases of sessions, each with its product, and those of visitors that are not known, which belong to no session. */
function purchasesFrom(name: Namer): string {
  const dimensions = VIEW_DIMENSIONS.map(({ id }) => id);
  const list = dimensions.map(ownColumn).join(', ');
  const parts = name('session_parts');
  return `(SELECT visitor, started_at, hour, ${list}, toString(arrayJoin(products_bought)) AS product
FROM ${name('sessions')} WHERE purchases > 0
UNION ALL
SELECT visitor, started_at, _hour, ${list}, arrayJoin(arrayWithConstant(purchases, '')) FROM ${parts} WHERE visitor = 0)`;
}

/** All facts. */
export const BI_FACTS: readonly BiView[] = [PAGE_VIEWS, SESSIONS, PURCHASES];
