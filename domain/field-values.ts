/** What the fields of the catalogue accept, and how an accepted value is written for the exact INSERT. */
import type { Field, FieldKind } from './catalogue.ts';
import { unescapeString, type Member } from './json-scanner.ts';

/** The JSON token that the exact INSERT gets, or why there is none. */
export type FieldValue = { readonly token: string } | { readonly reason: string };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TIMESTAMP = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})(?:\.\d{1,6})?$/;
const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** Years that are taken: what DateTime64 holds in every precision and on every supported ClickHouse, from the epoch on. */
export const TIMESTAMP_YEARS = { first: 1970, last: 2261 } as const;
/** A double has no more; more digits would be altered. */
const SIGNIFICANT_DIGITS = 17;
/** Smallest normal double; below it digits are lost. */
const SMALLEST_DOUBLE = 2 ** -1022;

/**
 * Judges the value of a known field that is not null.
 * A text is passed on as written; a UUID is put in lower case; a coordinate becomes a string that holds the same number text.
 */
export function readField(field: Field, member: Member): FieldValue {
  return READERS[field.kind](field, member);
}

const READERS: Readonly<Record<FieldKind, (field: Field, member: Member) => FieldValue>> = {
  uuid: readUuid,
  timestamp: readTimestamp,
  text: readText,
  category: readText,
  latitude: (field, member) => readCoordinate(field, member, 90),
  longitude: (field, member) => readCoordinate(field, member, 180),
  boolean: readBoolean,
};

function wrongType(field: Field, member: Member, expected: string): FieldValue {
  const found = member.kind === 'string' ? 'other text' : member.kind;
  return { reason: `wrong type: ${field.name}: found ${found}, expected ${expected}` };
}

function outOfRange(field: Field, expected: string): FieldValue {
  return { reason: `out of range: ${field.name}: expected ${expected}` };
}

function readUuid(field: Field, member: Member): FieldValue {
  const text = member.kind === 'string' ? unescapeString(member.raw) : '';
  if (!UUID.test(text)) return wrongType(field, member, 'a UUID');
  return { token: `"${text.toLowerCase()}"` };
}

function readTimestamp(field: Field, member: Member): FieldValue {
  const text = member.kind === 'string' ? unescapeString(member.raw) : '';
  const match = TIMESTAMP.exec(text);
  if (match === null) return wrongType(field, member, 'YYYY-MM-DD HH:MM:SS with up to 6 digits of fraction');
  const seconds = text.slice(0, 19);
  const ms = Date.parse(`${seconds.replace(' ', 'T')}Z`);
  // The calendar is checked by the way back: JavaScript takes 30 February for 1 March, and 24:00 for the next day.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19).replace('T', ' ') !== seconds) {
    return outOfRange(field, 'a date and time of the calendar');
  }
  const year = Number(match[1]);
  const { first, last } = TIMESTAMP_YEARS;
  if (year < first || year > last) return outOfRange(field, `a year from ${first} to ${last}`);
  return { token: `"${text}"` };
}

function readText(field: Field, member: Member): FieldValue {
  return member.kind === 'string' ? { token: member.raw } : wrongType(field, member, 'a string');
}

function readCoordinate(field: Field, member: Member, limitDegrees: number): FieldValue {
  const text = member.kind === 'string' ? unescapeString(member.raw) : member.raw;
  if ((member.kind !== 'string' && member.kind !== 'number') || !JSON_NUMBER.test(text)) {
    return wrongType(field, member, 'a number');
  }
  const degrees = Number(text);
  if (!(Math.abs(degrees) <= limitDegrees)) return outOfRange(field, `-${limitDegrees} to ${limitDegrees}`);
  const digits = significantDigits(text);
  if (digits > SIGNIFICANT_DIGITS || (digits > 0 && Math.abs(degrees) < SMALLEST_DOUBLE)) {
    return outOfRange(field, `a number that a double holds, of at most ${SIGNIFICANT_DIGITS} digits`);
  }
  return { token: `"${text}"` };
}

/** Digits from the first to the last that is not zero; 0 for zero itself. */
function significantDigits(number: string): number {
  const mantissa = number.replace(/[eE].*$/, '').replace(/[^0-9]/g, '');
  return mantissa.replace(/^0+/, '').replace(/0+$/, '').length;
}

function readBoolean(field: Field, member: Member): FieldValue {
  const isExact = member.kind === 'boolean' || member.raw === '0' || member.raw === '1';
  return isExact ? { token: member.raw } : wrongType(field, member, 'true, false, 1 or 0');
}
