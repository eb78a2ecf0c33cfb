/** Numbers, times and names as people read them in their language. Times are UTC, as the feed's hours are. */
import type { Language } from '../../domain/metrics/text.ts';
import type { MetricUnit } from '../../domain/metrics/metrics.ts';
import type { ScorecardUnit } from '../../domain/metrics/scorecard.ts';
import { hourStartMs, type Hour } from '../../domain/hour.ts';
import type { Grain } from '../reader.ts';

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
/** 2024-01-01 was a Monday. */
const MONDAY_MS = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
/** What would change the text around it, or hide in it: control characters, direction marks, zero-width characters. */
const INVISIBLE = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** The formats of a language. */
export class Formats {
  readonly #language: Language;
  readonly #formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
  readonly #countries: Intl.DisplayNames;
  readonly #languages: Intl.DisplayNames;

  constructor(language: Language) {
    this.#language = language;
    this.#countries = new Intl.DisplayNames([language], { type: 'region' });
    this.#languages = new Intl.DisplayNames([language], { type: 'language' });
  }

  /** 1,234,567 */
  count(value: number): string {
    return this.#number('count', { maximumFractionDigits: 0 }).format(value);
  }

  /** 1.2M, for axes and cards. */
  short(value: number): string {
    return this.#number('short', { notation: 'compact', maximumFractionDigits: 1 }).format(value);
  }

  /** 97.2 %; more digits only where they tell something. */
  share(value: number): string {
    const digits = value !== 0 && Math.abs(value) < 0.001 ? 4 : Math.abs(value) > 0.99 && value < 1 ? 2 : 1;
    return this.#number(`share${digits}`, { style: 'percent', maximumFractionDigits: digits }).format(value);
  }

  /** 3.21 */
  ratio(value: number): string {
    return this.#number('ratio', { maximumFractionDigits: 2 }).format(value);
  }

  /** 1.4 GB */
  bytes(value: number): string {
    const power = value < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(value) / 3));
    const unit = BYTE_UNITS[power] ?? 'byte';
    return this.#number(unit, { style: 'unit', unit, maximumFractionDigits: 1 }).format(value / 1000 ** power);
  }

  /** 42 s, 12.5 min, 3.2 h, 4 d */
  seconds(value: number): string {
    const [unit, size] =
      Math.abs(value) < 120
        ? (['second', 1] as const)
        : Math.abs(value) < 7200
          ? (['minute', 60] as const)
          : Math.abs(value) < 172_800
            ? (['hour', 3600] as const)
            : (['day', 86_400] as const);
    return this.#number(unit, { style: 'unit', unit, maximumFractionDigits: 1 }).format(value / size);
  }

  /** A value of a metric or of a line of the scorecard; a dash when it is not defined. */
  value(value: number | undefined, unit: MetricUnit | ScorecardUnit): string {
    return value === undefined ? '–' : this[unit](value);
  }

  /** The change against before, with its sign. */
  change(now: number, before: number, unit: MetricUnit): string {
    if (unit === 'share') {
      const points = this.#number('points', { maximumFractionDigits: 1, signDisplay: 'exceptZero' });
      return `${points.format((now - before) * 100)} ${this.#language === 'ru' ? 'п. п.' : 'pp'}`;
    }
    const percent = { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' } as const;
    return this.#number('change', percent).format(now / before - 1);
  }

  /** 10 Apr 2024, 23:00 */
  hour(hour: Hour): string {
    return this.time(hourStartMs(hour));
  }

  /** 10 Apr 2024, 23:04 */
  time(ms: number): string {
    return withoutYearWord(this.#date('time', { dateStyle: 'medium', timeStyle: 'short' }).format(ms));
  }

  /** 10 Apr 2024 */
  day(hour: Hour): string {
    return withoutYearWord(this.#date('day', { dateStyle: 'medium' }).format(hourStartMs(hour)));
  }

  /** The bucket of a time chart. */
  bucket(start: Hour, grain: Grain): string {
    if (grain === 'hour') return this.hour(start);
    if (grain === 'month') return this.month(start.slice(0, 7));
    return this.day(start);
  }

  /** The bucket on an axis, where space is short. */
  tick(start: Hour, grain: Grain): string {
    const ms = hourStartMs(start);
    if (grain === 'month') return this.#date('tick-month', { month: 'short', year: '2-digit' }).format(ms);
    if (grain !== 'hour') return this.#date('tick-day', { day: 'numeric', month: 'short' }).format(ms);
    if (start.endsWith('T00')) return this.tick(start, 'day');
    return this.#date('tick-hour', { hour: '2-digit', minute: '2-digit' }).format(ms);
  }

  /** April 2024, of "2024-04". */
  month(month: string): string {
    const text = this.#date('month', { month: 'long', year: 'numeric' }).format(Date.parse(`${month}-01T00:00:00Z`));
    return withoutYearWord(text.charAt(0).toUpperCase() + text.slice(1));
  }

  /** Monday, of 1; also Mon. */
  weekday(weekday: number, form: 'long' | 'short' = 'long'): string {
    return this.#date(`weekday-${form}`, { weekday: form }).format(MONDAY_MS + (weekday - 1) * DAY_MS);
  }

  /** The country's name, of its code; the code when it is unknown. */
  country(code: string): string {
    return attempt(() => this.#countries.of(code)) ?? code;
  }

  /** The language's name, of a locale such as ru_RU. */
  locale(locale: string): string {
    return attempt(() => this.#languages.of(locale.replaceAll('_', '-'))) ?? locale;
  }

  #number(name: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const known = this.#formats.get(name) as Intl.NumberFormat | undefined;
    const format = known ?? new Intl.NumberFormat(this.#language, options);
    this.#formats.set(name, format);
    return format;
  }

  #date(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const known = this.#formats.get(name) as Intl.DateTimeFormat | undefined;
    const locale = this.#language === 'en' ? 'en-GB' : 'ru'; // 24 hours, day before month
    const format = known ?? new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
    this.#formats.set(name, format);
    return format;
  }
}

/** Russian dates end with an abbreviated "year", which takes space and says nothing beside a year. */
function withoutYearWord(date: string): string {
  return date.replace(/\sг\./, '');
}

/** A text of the feed made harmless to read: what is invisible in it is shown by its code. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (mark) => `\\u{${mark.charCodeAt(0).toString(16)}}`);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
