/** Values that must not come out anywhere, and where to look for them. */
import { randomUUID } from 'node:crypto';
import type { TableName } from '../../domain/catalogue.ts';
import type { Hour } from '../../domain/hour.ts';
import { linesOf } from '../support/feed-lines.ts';
import { rawZip } from '../adapters/archive/raw-zip.ts';
import type { Service } from '../support/service.ts';

/** What a terminal would obey: clears the screen, sets a title, turns the writing round. */
export const CONTROL = '\u001b[2J\u001b]0;owned\u0007\u202e';
/** The same for a matcher; a line feed is no harm. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
export const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** Personal values, each in another place of the feed. */
export interface Persons {
  /** In a row. */
  readonly email: string;
  readonly address: string;
  /** In a line that is quarantined. */
  readonly quarantinedEmail: string;
  /** In a field that nobody declared. */
  readonly strayEmail: string;
}

/** New ones for each test, so that nobody else can have written them. */
export function newPersons(): Persons {
  const email = (where: string): string => `${where}-${randomUUID()}@example.com`;
  return {
    email: email('row'),
    address: `2001:db8:${randomUUID().slice(9, 18).replace('-', ':')}::7`,
    quarantinedEmail: email('quarantine'),
    strayEmail: email('stray'),
  };
}

/** The lines of an hour with the canaries in them. */
export function canaryLines(table: TableName, hour: Hour, persons: Persons): string[] {
  const lines = linesOf(table, hour, 20, (fields, number) => {
    if (number !== 3) return fields;
    if (table === 'device_events') return { ...fields, user_custom_id: persons.email };
    return table === 'geo_events' ? { ...fields, ip_address: persons.address } : fields;
  });
  const stray = JSON.stringify({ ...JSON.parse(lines[4] ?? ''), [`stray${CONTROL}`]: persons.strayEmail });
  const bad = JSON.stringify({ user_custom_id: persons.quarantinedEmail, note: CONTROL, ip_address: persons.address });
  return [...lines, stray, bad, bad.replace('"note"', CONTROL)];
}

/** An archive whose entry has a name that a terminal would obey: in UTF-8, which the flag says. */
export function canaryArchive(): Buffer {
  return rawZip([{ name: `geo_events.jsonl${CONTROL}`, content: '{}\n', flags: 0x800 }]);
}

/** Every history of the namespace, payloads as their text. */
export async function historiesOf({ client }: Service): Promise<string> {
  const histories: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    histories.push(JSON.stringify(history, payloadAsText));
  }
  return histories.join('\n');
}

/** A replacer for JSON: the bytes of payloads, which a history gives as base64, as the text that they are. */
function payloadAsText(key: string, value: unknown): unknown {
  return key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value;
}
