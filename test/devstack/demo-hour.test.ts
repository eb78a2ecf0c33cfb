import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countViews, generateHour } from '../../devstack/demo/hour.ts';
import { pythonJson } from '../../devstack/demo/python-json.ts';
import { Random } from '../../devstack/demo/random.ts';
import { CATALOGUE, TABLE_NAMES } from '../../domain/catalogue.ts';
import { exactLine } from '../../domain/exact-line.ts';
import { addHours, parseHour } from '../../domain/hour.ts';

const SHAPE = { seed: 7, rowsPerHour: 300 };
const START = parseHour('2024-04-10T23');
const anyHour = fc.integer({ min: 0, max: 30_000 }).map((count) => addHours(START, count));

type Fields = Record<string, string | boolean | null>;

function parse(lines: readonly string[]): Fields[] {
  return lines.map((line) => JSON.parse(line) as Fields);
}

describe('generateHour()', () => {
  test('gives the same lines for the same hour, whatever was generated before', () => {
    fc.assert(
      fc.property(anyHour, anyHour, (hour, other) => {
        const alone = generateHour(SHAPE, hour);
        generateHour(SHAPE, other);
        expect(generateHour(SHAPE, hour)).toEqual(alone);
      }),
      { numRuns: 10 },
    );
  });

  test('gives other lines for another seed and for another hour', () => {
    const lines = generateHour(SHAPE, START).browser_events[0];
    expect(generateHour({ ...SHAPE, seed: 8 }, START).browser_events[0]).not.toBe(lines);
    expect(generateHour(SHAPE, addHours(START, 1)).browser_events[0]).not.toBe(lines);
  });

  test('makes lines that all become rows, with no unknown field', () => {
    fc.assert(
      fc.property(anyHour, (hour) => {
        const lines = generateHour(SHAPE, hour);
        for (const table of TABLE_NAMES) {
          for (const [i, line] of lines[table].entries()) {
            expect(exactLine(Buffer.from(line), 1, i + 1, CATALOGUE[table])).toMatchObject({ driftFields: [] });
          }
        }
      }),
      { numRuns: 5 },
    );
  });

  test('puts the same page view on the same line of all tables', () => {
    const lines = generateHour(SHAPE, START);
    const [browser, device, geo, location] = TABLE_NAMES.map((table) => parse(lines[table]));
    expect(browser?.map((row) => row['event_id'])).toEqual(location?.map((row) => row['event_id']));
    expect(browser?.map((row) => row['click_id'])).toEqual(device?.map((row) => row['click_id']));
    expect(browser?.map((row) => row['click_id'])).toEqual(geo?.map((row) => row['click_id']));
    expect(new Set(browser?.map((row) => row['event_id'])).size).toBe(browser?.length);
  });

  test('repeats device and geo of a click without change', () => {
    const { device_events, geo_events } = generateHour(SHAPE, START);
    for (const lines of [device_events, geo_events]) {
      const clicks = new Set(parse(lines).map((row) => row['click_id']));
      expect(new Set(lines).size).toBe(clicks.size);
      expect(clicks.size).toBeLessThan(lines.length / 2);
    }
  });

  test('keeps event times inside the hour, in order, and drops a zero fraction', () => {
    const shape = { seed: 1, rowsPerHour: 4000 };
    const times = parse(generateHour(shape, START).browser_events).map((row) => String(row['event_timestamp']));
    expect(times.every((time) => /^2024-04-10 23:\d\d:\d\d(\.\d{6})?$/.test(time))).toBe(true);
    expect(times).toEqual([...times].sort());
    expect(times.some((time) => time.length === 19)).toBe(true);
  });

  test('writes text beyond ASCII as escapes', () => {
    const lines = Object.values(generateHour({ seed: 1, rowsPerHour: 2000 }, START)).flat();
    expect(lines.every((line) => /^[ -~]*$/.test(line))).toBe(true);
    expect(lines.some((line) => line.includes('S\\u00e3o Paulo'))).toBe(true);
  });

  test('leads some visits to a purchase, each page less often than the one before it', () => {
    const shape = { seed: 1, rowsPerHour: 4000 };
    const paths = parse(generateHour(shape, START).location_events).map((row) => row['page_url_path']);
    const count = (path: string): number => paths.filter((one) => one === path).length;
    const funnel = [count('/home'), count('/product_a') + count('/product_b'), count('/cart'), count('/payment')];
    expect([...funnel, count('/confirmation')]).toEqual([...funnel, count('/confirmation')].sort((a, b) => b - a));
    expect(count('/confirmation')).toBeGreaterThan(20);
  });

  test('brings visitors back in other hours under new clicks', () => {
    const [first, later] = [START, addHours(START, 24)].map((hour) => parse(generateHour(SHAPE, hour).device_events));
    const visitors = new Set(first?.map((row) => row['user_domain_id']));
    const returning = later?.filter((row) => visitors.has(row['user_domain_id'] ?? null)) ?? [];
    expect(returning.length).toBeGreaterThan(0);
    const clicks = new Set(first?.map((row) => row['click_id']));
    expect(returning.some((row) => clicks.has(row['click_id'] ?? null))).toBe(false);
  });
});

describe('countViews()', () => {
  test('averages rowsPerHour over weeks, with a night and a weekend', () => {
    const shape = { seed: 3, rowsPerHour: 1000 };
    const counts = Array.from({ length: 24 * 7 * 4 }, (_, i) => countViews(shape, addHours(START, i)));
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(mean).toBeGreaterThan(970);
    expect(mean).toBeLessThan(1030);
    expect(countViews(shape, parseHour('2024-05-01T03'))).toBeLessThan(
      countViews(shape, parseHour('2024-05-01T17')) / 2,
    );
  });
});

describe('pythonJson()', () => {
  test('says what JSON.parse reads back, in ASCII', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.stringMatching(/^[a-z_]+$/),
          fc.oneof(fc.string({ unit: 'binary' }), fc.boolean(), fc.constant(null)),
        ),
        (fields) => {
          const line = pythonJson(fields);
          expect(line).toMatch(/^[ -~]*$/);
          expect(JSON.parse(line)).toEqual({ ...fields });
        },
      ),
    );
  });

  test('puts a space behind colons and commas', () => {
    expect(pythonJson({ a: 'ö', b: true, c: null })).toBe('{"a": "\\u00f6", "b": true, "c": null}');
  });
});

describe('Random', () => {
  test('makes UUIDs of version 4', () => {
    const random = new Random(1, 'uuids');
    const uuids = Array.from({ length: 1000 }, () => random.uuid());
    expect(new Set(uuids).size).toBe(1000);
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('weighs choices', () => {
    const random = new Random(1, 'weights');
    const picks = Array.from({ length: 4000 }, () =>
      random.weighted([
        ['a', 3],
        ['b', 1],
        ['never', 0],
      ]),
    );
    const share = picks.filter((pick) => pick === 'a').length / picks.length;
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.8);
    expect(picks).not.toContain('never');
  });
});
