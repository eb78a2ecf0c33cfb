/** Ledger events to and from the rows of `loads`. */
import type { TableName } from '../../domain/catalogue.ts';
import type { RejectionReason } from '../../domain/errors.ts';
import { hourAt, type Hour } from '../../domain/hour.ts';
import type {
  AbandonedEvent,
  ObjectVersion,
  Receipt,
  RejectedEvent,
  RestoredEvent,
  TruncatedEvent,
} from '../../domain/ledger.ts';
import { asLoadId } from '../../domain/load-id.ts';
import type { WindowEvent } from '../../domain/window-state.ts';
import { hourSeconds } from './rows.ts';
import { LEDGER_COLUMNS } from './tables.ts';

/** What can be written to the ledger. */
export type LedgerEvent =
  ({ readonly event: 'committed' } & Receipt) | AbandonedEvent | RejectedEvent | TruncatedEvent | RestoredEvent;

/** A row of `loads` on its way in: instants as numbers, ids as text. */
export type LedgerRow = Readonly<Record<string, unknown>>;

const INPUT_TYPES: Readonly<Record<string, string>> = {
  event: 'String',
  hour: 'UInt32',
  hour_from: 'UInt32',
  hour_to: 'UInt32',
  object_modified: 'Int64',
};

/** Names of the columns, in order. */
export const LEDGER_COLUMN_NAMES: readonly string[] = LEDGER_COLUMNS.map(({ name }) => name);

/** The structure for `input()` that {@link ledgerRow} fills. */
export const LEDGER_INPUT: string = LEDGER_COLUMNS.map(({ name, type }) => `${name} ${INPUT_TYPES[name] ?? type}`).join(
  ', ',
);

/** What makes a column of each input value. */
export const LEDGER_CONVERSIONS: readonly string[] = LEDGER_COLUMN_NAMES.map((name) => {
  if (name === 'object_modified') return `fromUnixTimestamp64Milli(${name}, 'UTC')`;
  return INPUT_TYPES[name] === 'UInt32' ? `toDateTime(${name}, 'UTC')` : name;
});

const EMPTY_ROW: LedgerRow = {
  table_name: '',
  hour: 0,
  load_id: '0',
  object_key: '',
  object_etag: '',
  object_size_bytes: 0,
  object_modified: 0,
  crc32: 0,
  entry_size_bytes: 0,
  lines: 0,
  rows: 0,
  quarantined: 0,
  drift: {},
  nulls: {},
  seen: [],
  workflow_id: '',
  run_id: '',
  attempt: 0,
  worker: '',
  reason: '',
  detail: '',
  truncation_id: '',
  tables: [],
  hour_from: 0,
  hour_to: 0,
};

/** The row of an event. */
export function ledgerRow(event: LedgerEvent): LedgerRow {
  return { ...EMPTY_ROW, event: event.event, ...specificsOf(event) };
}

function specificsOf(event: LedgerEvent): LedgerRow {
  switch (event.event) {
    case 'committed':
      return { ...placeOf(event), ...objectOf(event.object), ...receiptOf(event) };
    case 'rejected':
      return { ...placeOf(event), ...objectOf(event.object), reason: event.reason, detail: event.detail };
    case 'abandoned':
      return { ...placeOf(event), reason: event.reason };
    case 'truncated':
      return {
        truncation_id: event.truncationId,
        tables: event.tables,
        hour_from: hourSeconds(event.from),
        hour_to: hourSeconds(event.to),
      };
    case 'restored':
      return { truncation_id: event.truncationId };
  }
}

function placeOf({ table, hour, loadId }: { table: TableName; hour: Hour; loadId: string }): LedgerRow {
  return { table_name: table, hour: hourSeconds(hour), load_id: loadId };
}

function objectOf({ key, etag, sizeBytes, modifiedMs }: ObjectVersion): LedgerRow {
  return { object_key: key, object_etag: etag, object_size_bytes: sizeBytes, object_modified: modifiedMs };
}

function receiptOf(receipt: Receipt): LedgerRow {
  return {
    crc32: receipt.crc32,
    entry_size_bytes: receipt.entrySizeBytes,
    lines: receipt.lines,
    rows: receipt.rows,
    quarantined: receipt.quarantined,
    drift: receipt.drift,
    nulls: receipt.nulls,
    seen: receipt.seen,
    workflow_id: receipt.workflowId,
    run_id: receipt.runId,
    attempt: receipt.attempt,
    worker: receipt.worker,
  };
}

/** A row of `loads` as {@link EVENT_COLUMNS} reads it. */
export interface EventRow {
  readonly event: LedgerEvent['event'] | 'clock';
  readonly table_name: TableName;
  readonly hour_s: number;
  readonly load_id: string;
  readonly object_key: string;
  readonly object_etag: string;
  readonly object_size_bytes: string;
  readonly modified_ms: string;
  readonly seen: readonly string[];
  readonly reason: string;
  readonly detail: string;
  readonly truncation_id: string;
  readonly tables: readonly TableName[];
  readonly from_s: number;
  readonly to_s: number;
}

/** What is read of an event: all that the rule and the plan look at. */
export const EVENT_COLUMNS = `toString(event) AS event, table_name, toUnixTimestamp(hour) AS hour_s, load_id, object_key,
  object_etag, object_size_bytes, toUnixTimestamp64Milli(object_modified) AS modified_ms, seen, reason, detail,
  truncation_id, tables, toUnixTimestamp(hour_from) AS from_s, toUnixTimestamp(hour_to) AS to_s`;

/** The event of a row. */
export function readEvent(row: EventRow): WindowEvent {
  const place = { table: row.table_name, hour: hourOf(row.hour_s), loadId: asLoadId(row.load_id) };
  const object = {
    key: row.object_key,
    etag: row.object_etag,
    sizeBytes: Number(row.object_size_bytes),
    modifiedMs: Number(row.modified_ms),
  };
  switch (row.event) {
    case 'committed':
      return { event: 'committed', ...place, object, objectModifiedMs: object.modifiedMs, seen: row.seen };
    case 'abandoned':
      return { event: 'abandoned', ...place, reason: row.reason as AbandonedEvent['reason'] };
    case 'rejected':
      return { event: 'rejected', ...place, object, reason: row.reason as RejectionReason, detail: row.detail };
    case 'truncated':
      return {
        event: 'truncated',
        truncationId: row.truncation_id,
        tables: row.tables,
        from: hourOf(row.from_s),
        to: hourOf(row.to_s),
      };
    case 'restored':
      return { event: 'restored', truncationId: row.truncation_id };
    case 'clock':
      throw new RangeError('Cannot read a clock row as an event: expected one of loads');
  }
}

function hourOf(epochSeconds: number): Hour {
  return hourAt(epochSeconds * 1000);
}
