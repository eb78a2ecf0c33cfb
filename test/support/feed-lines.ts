/** Valid lines of the feed, built by number: small, deterministic, each different. */
import type { TableName } from '../../domain/catalogue.ts';
import { hourStartMs, type Hour } from '../../domain/hour.ts';

/** A UUID that carries two numbers. */
export function uuidOf(kind: number, number: number): string {
  const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0');
  return `${hex(kind, 8)}-0000-4000-8000-${hex(number, 12)}`;
}

/** The fields of line `number` (from 0) of a table; the four tables join as those of the feed do. */
export function fieldsOf(table: TableName, hour: Hour, number: number): Record<string, unknown> {
  const click = uuidOf(2, Math.floor(number / 3));
  const event = uuidOf(1, number);
  switch (table) {
    case 'browser_events':
      return {
        event_id: event,
        event_timestamp:
          new Date(hourStartMs(hour) + (number % 3_600_000)).toISOString().slice(0, 23).replace('T', ' ') + '042',
        event_type: 'pageview',
        click_id: click,
        browser_name: 'Firefox',
        browser_user_agent: `Mozilla/5.0 (X11; Linux x86_64; rv:${number})`,
        browser_language: 'or_IN',
      };
    case 'device_events':
      return {
        click_id: click,
        os: 'X11; Linux x86_64',
        os_name: 'Linux',
        os_timezone: 'Europe/London',
        device_type: 'Computer',
        device_is_mobile: number % 2 === 0,
        user_custom_id: `user${Math.floor(number / 3)}@example.com`,
        user_domain_id: uuidOf(3, Math.floor(number / 3)),
      };
    case 'geo_events':
      return {
        click_id: click,
        geo_latitude: '50.82709',
        geo_longitude: '-6.9747',
        geo_country: 'DE',
        geo_timezone: 'Europe/Berlin',
        geo_region_name: 'Köln',
        ip_address: `203.0.113.${number % 256}`,
      };
    case 'location_events':
      return {
        event_id: event,
        page_url: 'http://www.dummywebsite.com/home',
        page_url_path: '/home',
        referer_url: 'www.facebook.com',
        referer_medium: 'internal',
        utm_medium: 'organic',
        utm_source: 'facebook',
        utm_content: 'ad_4',
        utm_campaign: 'campaign_2',
      };
  }
}

/** `count` valid lines; `change` may replace fields of single lines. */
export function linesOf(
  table: TableName,
  hour: Hour,
  count: number,
  change: (fields: Record<string, unknown>, number: number) => Record<string, unknown> = (fields) => fields,
): string[] {
  return Array.from({ length: count }, (_, number) => JSON.stringify(change(fieldsOf(table, hour, number), number)));
}
