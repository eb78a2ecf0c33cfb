/** Page views of the real sample, every joined column compared with the lines themselves. */
import { expect, test } from 'vitest';
import { TABLE_NAMES } from '../../../../domain/catalogue.ts';
import { parseHour } from '../../../../domain/hour.ts';
import { createInsightFixture, HAS_SAMPLE, sampleLines } from './fixture.ts';

const HOUR = parseHour('2022-11-28T20');
const PERSONAL = ['user_custom_id', 'ip_address'];

type Fields = Readonly<Record<string, unknown>>;

test.skipIf(!HAS_SAMPLE)(
  'buildEvents() joins the 300 page views of the feed sample (skipped unless CLICKFEED_FEED_SAMPLE names it)',
  async () => {
    const fixture = await createInsightFixture();
    await fixture.loadHour(HOUR, Object.fromEntries(TABLE_NAMES.map((table) => [table, sampleLines(table)])));

    const pages = await fixture.database.rows<{ page: string; views: string }>(
      'SELECT page_url_path AS page, count() AS views FROM events GROUP BY page ORDER BY views DESC',
    );
    expect(pages).toEqual([
      { page: '/home', views: '125' },
      { page: '/product_a', views: '67' },
      { page: '/product_b', views: '50' },
      { page: '/cart', views: '29' },
      { page: '/payment', views: '19' },
      { page: '/confirmation', views: '10' },
    ]);

    const rows = await fixture.database.rows<Fields>('SELECT * FROM events ORDER BY _line');
    expect(rows).toHaveLength(300);
    const [browser, device, geo, location] = TABLE_NAMES.map((table) =>
      sampleLines(table).map((line) => JSON.parse(line) as Fields),
    );
    rows.forEach((row, index) => {
      // Line i of all four files belongs to the same page view.
      const expected = { ...location![index], ...geo![index], ...device![index], ...browser![index] } as Fields;
      for (const [field, value] of Object.entries(expected)) {
        if (!PERSONAL.includes(field)) expect([field, shown(field, row[field])]).toEqual([field, shown(field, value)]);
      }
      expect(row).toMatchObject({ has_location: true, has_device: true, has_geo: true });
      expect(row['user_custom_id']).toMatch(/^[0-9a-f]{64}$/i);
      expect(row['ip_address']).toMatch(/^\d+\.\d+\.\d+\.0$/);
    });
    expect(JSON.stringify(rows)).not.toContain(device![0]!['user_custom_id']);
  },
);

/** Coordinates come as text, instants sometimes without a fraction. */
function shown(field: string, value: unknown): unknown {
  if (/latitude|longitude/.test(field)) return Number(value);
  if (field === 'event_timestamp') return String(value).padEnd(20, '.').padEnd(26, '0');
  return value;
}
