/** Keys of the feed: `year=2024/month=04/day=10/hour=23/browser_events.jsonl.zip` under the feed's prefix. */
import { isTableName, type TableName } from './catalogue.ts';
import { countHours, daysOf, parseHour, type Hour, type HourRange } from './hour.ts';

export const OBJECT_FORMATS = ['zip', 'jsonl', 'gz', 'zst'] as const;

/** How the lines are packed: `.jsonl.zip`, `.jsonl`, `.jsonl.gz`, `.jsonl.zst`. */
export type ObjectFormat = (typeof OBJECT_FORMATS)[number];

/** One object as a listing shows it. */
export interface ListedObject {
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** An object of the feed: the listing's facts and what its key says. */
export interface FeedObject extends ListedObject {
  readonly table: TableName;
  readonly hour: Hour;
  readonly format: ObjectFormat;
}

const EXTENSIONS: Readonly<Record<ObjectFormat, string>> = {
  zip: '.jsonl.zip',
  jsonl: '.jsonl',
  gz: '.jsonl.gz',
  zst: '.jsonl.zst',
};

const KEY = /^year=(\d{4})\/month=(\d{2})\/day=(\d{2})\/hour=(\d{2})\/([a-z_]+)\.jsonl(?:\.(zip|gz|zst))?$/;

/** The folder of an hour below the feed's prefix, with its final slash. */
export function hourFolder(hour: Hour): string {
  return `${dayFolder(hour)}hour=${hour.slice(11, 13)}/`;
}

/** The folder of the UTC day of an hour below the feed's prefix, with its final slash. */
export function dayFolder(hour: Hour): string {
  return `year=${hour.slice(0, 4)}/month=${hour.slice(5, 7)}/day=${hour.slice(8, 10)}/`;
}

/** The key of (table, hour) below the feed's prefix. */
export function objectKey(table: TableName, hour: Hour, format: ObjectFormat = 'zip'): string {
  return `${hourFolder(hour)}${table}${EXTENSIONS[format]}`;
}

/** The one name that the entry of a zip archive must have. */
export function entryName(table: TableName): string {
  return `${table}.jsonl`;
}

/**
 * The narrowest prefixes that hold a window, one LIST each: `.../hour=23/browser_events` for one hour, else a folder per day.
 * Below an hour's folder the table's name is part of the prefix, so that the answer is one short page.
 */
export function windowPrefixes(feedPrefix: string, range: HourRange, table: TableName): string[] {
  if (countHours(range) === 1) return [`${feedPrefix}${hourFolder(range.from)}${table}`];
  return [...daysOf(range)].map((day) => feedPrefix + dayFolder(day.from));
}

/** What the key of a listed object says, or undefined for a foreign key (folder marker, _SUCCESS, other extension, upper case). */
export function readKey(feedPrefix: string, listed: ListedObject): FeedObject | undefined {
  if (!listed.key.startsWith(feedPrefix)) return undefined;
  const match = KEY.exec(listed.key.slice(feedPrefix.length));
  const table = match?.[5];
  if (!match || table === undefined || !isTableName(table)) return undefined;
  const hour = readHour(`${match[1]}-${match[2]}-${match[3]}T${match[4]}`);
  if (hour === undefined) return undefined;
  const format = (match[6] ?? 'jsonl') as ObjectFormat;
  return { ...listed, table, hour, format };
}

function readHour(text: string): Hour | undefined {
  try {
    return parseHour(text);
  } catch {
    return undefined; // month=13 is a foreign key, not an error
  }
}
