/** What is published of an hour, and when: the objects, with the imperfections that a real feed has. Pure. */
import { TABLE_NAMES, type TableName } from '../../domain/catalogue.ts';
import { HOUR_MS, hourStartMs, type Hour } from '../../domain/hour.ts';
import { generateHour, type FeedShape, type HourLines } from './hour.ts';
import { Random } from './random.ts';

export const IMPERFECTIONS = [
  'late', // the object of one table comes a quarter of an hour after the others
  'absent', // the object of one table never comes
  'republished', // the object of one table comes cut short, and whole later on
  'bad-lines', // one object holds a few lines that cannot become rows
  'new-field', // the lines of one object carry a field that the catalogue does not know
] as const;

/** One of {@link IMPERFECTIONS}. */
export type Imperfection = (typeof IMPERFECTIONS)[number];

/** The demo feed: its content and its flaws. */
export interface DemoFeed extends FeedShape {
  readonly imperfections: readonly Imperfection[];
}

/** The demo feed as `up` publishes it unless told otherwise. */
export const DEFAULT_FEED: DemoFeed = { seed: 20240410, rowsPerHour: 1000, imperfections: IMPERFECTIONS };

/** An object to publish, without its content. */
export interface Publication {
  readonly hour: Hour;
  readonly table: TableName;
  /** 1, or 2 when the object is published once more. */
  readonly version: number;
  /** How long after the hour's regular time it comes. */
  readonly delayMs: number;
  readonly imperfection?: Imperfection;
}

/** The content of a publication. */
export interface PublishedLines {
  /** Without their newlines. */
  readonly lines: readonly string[];
  /** How many of them cannot become rows. */
  readonly badLines: number;
}

/** One hour in so many has a flaw, the imperfections taking turns: with all five on, each comes every 35 hours. */
const FLAW_PERIOD_HOURS = 7;

const LATE_MS = 15 * 60_000;
const REPUBLISHED_AFTER_MS = 10 * 60_000;
/** Part of the lines that the first version of a republished object holds. */
const CUT_SHORT = 0.9;
/** The unknown field, as a publisher might add it one day. */
const NEW_FIELD = { name: 'schema_version', value: '2' };

/** The flaw of an hour, and the table that has it. At most one, so that what is seen can be told apart. */
export function flawOf(feed: DemoFeed, hour: Hour): { imperfection: Imperfection; table: TableName } | undefined {
  const hourNumber = hourStartMs(hour) / HOUR_MS + new Random(feed.seed, 'first flaw').integer(0, 100);
  if (hourNumber % FLAW_PERIOD_HOURS !== 0) return undefined;
  const imperfection = feed.imperfections[(hourNumber / FLAW_PERIOD_HOURS) % feed.imperfections.length];
  if (imperfection === undefined) return undefined;
  return { imperfection, table: new Random(feed.seed, `flaw of ${hour}`).pick(TABLE_NAMES) };
}

/** Everything that is published of an hour, in order of time. */
export function publicationsOf(feed: DemoFeed, hour: Hour): Publication[] {
  const flaw = flawOf(feed, hour);
  const publications = TABLE_NAMES.flatMap((table): Publication[] => {
    const regular = { hour, table, version: 1, delayMs: 0 };
    if (flaw?.table !== table) return [regular];
    const { imperfection } = flaw;
    if (imperfection === 'absent') return [];
    const first = { ...regular, imperfection, delayMs: imperfection === 'late' ? LATE_MS : 0 };
    if (imperfection !== 'republished') return [first];
    return [first, { ...first, version: 2, delayMs: REPUBLISHED_AFTER_MS }];
  });
  return publications.sort((a, b) => a.delayMs - b.delayMs);
}

/** The lines of a publication. `lines` are those of its hour, from {@link generateHour}. */
export function linesOf(feed: DemoFeed, publication: Publication, lines: HourLines): PublishedLines {
  const own = lines[publication.table];
  switch (publication.imperfection) {
    case 'republished':
      return { lines: publication.version === 1 ? own.slice(0, Math.ceil(own.length * CUT_SHORT)) : own, badLines: 0 };
    case 'bad-lines':
      return withBadLines(own, new Random(feed.seed, `bad lines of ${publication.hour}`));
    case 'new-field':
      return {
        lines: own.map((line) => `${line.slice(0, -1)}, "${NEW_FIELD.name}": "${NEW_FIELD.value}"}`),
        badLines: 0,
      };
    default:
      return { lines: own, badLines: 0 };
  }
}

/** Spoiled copies put between the good lines: few enough that the object as a whole is not refused. */
function withBadLines(good: readonly string[], random: Random): PublishedLines {
  const lines = [...good];
  for (const spoil of SPOILERS) lines.splice(random.integer(0, lines.length), 0, spoil(random.pick(good)));
  return { lines, badLines: SPOILERS.length };
}

/** Ways in which lines break in real feeds: cut off, not JSON at all, an id that is null. Every table begins with an id. */
const SPOILERS: readonly ((line: string) => string)[] = [
  (line) => line.slice(0, Math.floor(line.length / 2)),
  () => 'Traceback (most recent call last):',
  (line) => line.replace(/^\{"(\w+)": "[^"]*"/, '{"$1": null'),
];

/** The lines of one publication alone; {@link linesOf} serves all four of an hour with one generation. */
export function generatePublication(feed: DemoFeed, publication: Publication): PublishedLines {
  return linesOf(feed, publication, generateHour(feed, publication.hour));
}
