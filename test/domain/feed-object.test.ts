import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { OBJECT_FORMATS, objectKey, readKey, windowPrefixes } from '../../domain/feed-object.ts';
import { addHours, hourAt, parseHour } from '../../domain/hour.ts';

const listed = (key: string) => ({ key, etag: '"e"', sizeBytes: 1, modifiedMs: 1 });
const anyHour = fc.integer({ min: 0, max: 1_000_000 }).map((hours) => hourAt(hours * 3_600_000));

describe('objectKey()', () => {
  it('builds the publisher’s key', () => {
    expect(objectKey('browser_events', parseHour('2024-04-10T23'))).toBe(
      'year=2024/month=04/day=10/hour=23/browser_events.jsonl.zip',
    );
  });
});

describe('readKey()', () => {
  it('reads back what objectKey() builds, under any prefix', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TABLE_NAMES),
        anyHour,
        fc.constantFrom(...OBJECT_FORMATS),
        fc.constantFrom('', 'feed/', 'a/b=c/'),
        (table, hour, format, prefix) => {
          expect(readKey(prefix, listed(prefix + objectKey(table, hour, format)))).toMatchObject({
            table,
            hour,
            format,
          });
        },
      ),
    );
  });
  it.each([
    'year=2024/month=04/day=10/hour=23/',
    'year=2024/month=04/day=10/hour=23/_SUCCESS',
    'year=2024/month=04/day=10/hour=23/browser_events.csv.zip',
    'year=2024/month=04/day=10/hour=23/Browser_events.jsonl.zip',
    'year=2024/month=04/day=10/hour=23/browser_events.jsonl.ZIP',
    'year=2024/month=04/day=10/hour=23/other_events.jsonl.zip',
    'year=2024/month=04/day=10/hour=23/x/browser_events.jsonl.zip',
    'year=2024/month=13/day=10/hour=23/browser_events.jsonl.zip',
    'year=2024/month=02/day=30/hour=23/browser_events.jsonl.zip',
    'year=2024/month=04/day=10/hour=24/browser_events.jsonl.zip',
    'x/year=2024/month=04/day=10/hour=23/browser_events.jsonl.zip',
  ])('calls %s foreign', (key) => {
    expect(readKey('', listed(key))).toBeUndefined();
  });
});

describe('windowPrefixes()', () => {
  const hour = parseHour('2024-04-10T23');
  it('narrows one hour to the table', () => {
    expect(windowPrefixes('p/', { from: hour, to: addHours(hour, 1) }, 'geo_events')).toEqual([
      'p/year=2024/month=04/day=10/hour=23/geo_events',
    ]);
  });
  it('takes one folder per day for more', () => {
    expect(windowPrefixes('', { from: hour, to: addHours(hour, 2) }, 'geo_events')).toEqual([
      'year=2024/month=04/day=10/',
      'year=2024/month=04/day=11/',
    ]);
  });
});
