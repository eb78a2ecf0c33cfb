/** A whole range of the feed, published quickly. */
import { TABLE_NAMES, type TableName } from '../../domain/catalogue.ts';
import { entryName, objectKey } from '../../domain/feed-object.ts';
import { hoursOf, type Hour, type HourRange } from '../../domain/hour.ts';
import { linesOf } from './feed-lines.ts';
import { putBytes } from './s3.ts';
import { zipOf } from './zip.ts';

const PUBLISHERS = 16;

/** What was published of one table. */
export type PublishedLines = ReadonlyMap<TableName, ReadonlyMap<Hour, number>>;

/** Publishes every hour of every table, with so many lines each. @returns how many they are, by table and hour */
export async function publishRange(
  prefix: string,
  range: HourRange,
  linesAt: number | ((table: TableName, hour: Hour) => number),
): Promise<PublishedLines> {
  const published = new Map(TABLE_NAMES.map((table) => [table, new Map<Hour, number>()]));
  const places = TABLE_NAMES.flatMap((table) => [...hoursOf(range)].map((hour) => ({ table, hour })));
  const publisher = async (): Promise<void> => {
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      const { table, hour } = place;
      const lines = linesOf(table, hour, typeof linesAt === 'number' ? linesAt : linesAt(table, hour));
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      await putBytes(prefix + objectKey(table, hour), await zipOf(entryName(table), bytes));
      published.get(table)?.set(hour, lines.length);
    }
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, publisher));
  return published;
}
