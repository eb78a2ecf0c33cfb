/**
 * Lines of any number of hours, cheaply: a day of the demo feed is made, and for every other day its dates and ids are written over.
 * No two hours share an event or a click, and the tables of an hour still belong together.
 */
import { generateHour, type HourLines } from '../../devstack/demo/hour.ts';
import type { TableName } from '../../domain/catalogue.ts';
import { hourAt, hourStartMs, parseHour, type Hour } from '../../domain/hour.ts';

/** What the lines depend on. */
export interface TemplatesPlan {
  readonly seed: number;
  readonly linesPerObject: number;
  /** Put behind the fields of every line: `, "name": value`. */
  readonly moreFields?: string;
}

/** The quietest hour of the week has 0.48 x 0.88 x 0.9 of the average: so many are made, and the first are taken. */
const QUIETEST_HOUR = 0.37;
const DAY_MS = 86_400_000;
const TEMPLATE_DAY_MS = hourStartMs(parseHour('2024-05-01T00'));
const TEMPLATE_DATE = '2024-05-01';
/** The fields that are written over: the id's first characters, the date's. */
const ID_FIELDS = /"(?:event_id|click_id)": "/g;
const TIME_FIELDS = /"event_timestamp": "/g;
const ID_CHARS = 4;
const HEX = Buffer.from('0123456789abcdef', 'latin1');

interface Template {
  readonly text: Buffer;
  /** Where the values begin. */
  readonly ids: Int32Array;
  readonly dates: Int32Array;
}

/** Makes texts; holds one day. */
export class FeedTemplates {
  readonly #plan: TemplatesPlan;
  readonly #hours = new Map<Hour, Readonly<Record<TableName, Template>>>();

  constructor(plan: TemplatesPlan) {
    this.#plan = plan;
  }

  /** The lines of a table's hour, each ending with a line feed. */
  text(table: TableName, hour: Hour): Buffer {
    const day = Math.floor(hourStartMs(hour) / DAY_MS);
    const { text, ids, dates } = this.#template(hourAt(TEMPLATE_DAY_MS + (hourStartMs(hour) % DAY_MS)))[table];
    const copy = Buffer.from(text);
    for (const begin of dates) copy.write(hour, begin, TEMPLATE_DATE.length, 'latin1');
    for (const begin of ids) mark(copy, begin, day);
    return copy;
  }

  #template(hour: Hour): Readonly<Record<TableName, Template>> {
    const made = this.#hours.get(hour) ?? templatesOf(this.#lines(hour));
    this.#hours.set(hour, made);
    return made;
  }

  #lines(hour: Hour): HourLines {
    const { seed, linesPerObject, moreFields = '' } = this.#plan;
    const all = generateHour({ seed, rowsPerHour: Math.ceil(linesPerObject / QUIETEST_HOUR) }, hour);
    const cut = (table: TableName): readonly string[] => {
      const lines = all[table].slice(0, linesPerObject);
      if (lines.length < linesPerObject) {
        throw new Error(`Cannot make ${hour}: found ${lines.length} lines, expected ${linesPerObject}`);
      }
      return moreFields === '' ? lines : lines.map((line) => `${line.slice(0, -1)}${moreFields}}`);
    };
    return {
      browser_events: cut('browser_events'),
      device_events: cut('device_events'),
      geo_events: cut('geo_events'),
      location_events: cut('location_events'),
    };
  }
}

function templatesOf(lines: HourLines): Readonly<Record<TableName, Template>> {
  return {
    browser_events: templateOf(lines.browser_events),
    device_events: templateOf(lines.device_events),
    geo_events: templateOf(lines.geo_events),
    location_events: templateOf(lines.location_events),
  };
}

function templateOf(lines: readonly string[]): Template {
  const text = Buffer.from(`${lines.join('\n')}\n`);
  // Every byte is one character here, so that places in the string are places in the buffer.
  const chars = text.toString('latin1');
  const endsOf = (field: RegExp): Int32Array =>
    Int32Array.from(chars.matchAll(field), (match) => match.index + match[0].length);
  return { text, ids: endsOf(ID_FIELDS), dates: endsOf(TIME_FIELDS) };
}

/** Mixes the day into the first characters of an id: different for each day, the same in every table. */
function mark(text: Buffer, begin: number, day: number): void {
  for (let i = 0; i < ID_CHARS; i += 1) {
    const char = text[begin + i] ?? 0;
    const digit = char >= 0x61 ? char - 0x61 + 10 : char - 0x30;
    text[begin + i] = HEX[digit ^ ((day >> (4 * i)) & 15)] ?? 0;
  }
}
