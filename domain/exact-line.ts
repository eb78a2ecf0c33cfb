/** The exact path for one line: parses it strictly, checks every field, keeps unknown ones; or says why it cannot become a row. */
import { decodeUtf8 } from './byte-check.ts';
import type { Table } from './catalogue.ts';
import { readField } from './field-values.ts';
import { lineMark } from './line-mark.ts';
import { scanObject, type Member } from './json-scanner.ts';
import { QUARANTINE_TEXT_BYTES, type QuarantinedLine } from './lines.ts';

/** A line that is proven: what the exact INSERT gets for it. */
export interface ExactRow {
  /**
   * One JSON object and a line feed: `_n`, every field of the table (null where it is missing), and `_extra`:
   * '' or the text of a JSON object of the unknown fields, their names and values as written.
   */
  readonly row: string;
  /** Names of the fields that the catalogue does not know. */
  readonly driftFields: readonly string[];
}

/**
 * Judges one line, without its line end.
 * @param index the object's place in the INSERT, 1-based; the row carries it in `_n`, see line-mark.ts
 * @param lineNumber 1-based number of the line in the entry; the row carries it in `_n`, too
 */
export function exactLine(line: Buffer, index: number, lineNumber: number, table: Table): ExactRow | QuarantinedLine {
  const text = decodeUtf8(line);
  if (text === undefined) return quarantine(line, lineNumber, 'not UTF-8');
  const scanned = scanObject(text);
  if ('problem' in scanned) return quarantine(line, lineNumber, `not JSON: ${scanned.problem}`);
  const members = new Map(scanned.members.map((member) => [member.name, member]));
  const tokens: string[] = [`"_n":${lineMark(index, lineNumber)}`];
  for (const field of table.fields) {
    const member = members.get(field.name);
    members.delete(field.name);
    if (member === undefined || member.kind === 'null') {
      if (!field.optional) return quarantine(line, lineNumber, `missing field: ${field.name}`);
      tokens.push(`"${field.name}":null`);
      continue;
    }
    const value = readField(field, member);
    if ('reason' in value) return quarantine(line, lineNumber, value.reason);
    tokens.push(`"${field.name}":${value.token}`);
  }
  const unknown = [...members.values()]; // a Map keeps the order
  tokens.push(`"_extra":${JSON.stringify(extraOf(unknown))}`);
  return { row: `{${tokens.join(',')}}\n`, driftFields: unknown.map(({ name }) => name) };
}

function extraOf(unknown: readonly Member[]): string {
  if (unknown.length === 0) return '';
  return `{${unknown.map(({ rawName, raw }) => `${rawName}:${raw}`).join(',')}}`;
}

function quarantine(line: Buffer, lineNumber: number, reason: string): QuarantinedLine {
  if (line.length <= QUARANTINE_TEXT_BYTES) return { lineNumber, ...textOf(line), reason };
  const cut = `${reason} (text cut after ${QUARANTINE_TEXT_BYTES} of ${line.length} bytes)`;
  return { lineNumber, ...textOf(line.subarray(0, cutEnd(line))), reason: cut };
}

function textOf(bytes: Buffer): Pick<QuarantinedLine, 'text' | 'encoding'> {
  const text = decodeUtf8(bytes);
  return text === undefined ? { text: bytes.toString('base64'), encoding: 'base64' } : { text, encoding: 'utf8' };
}

/** Where to cut so that no character is halved: before the continuation bytes 10xxxxxx at the limit. */
function cutEnd(line: Buffer): number {
  let end = QUARANTINE_TEXT_BYTES;
  while (end > QUARANTINE_TEXT_BYTES - 4 && ((line[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}
