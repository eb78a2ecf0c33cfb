/** Makes a run findable in the Web UI by its tables and its hour. */
import { defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { RunSettings } from '../activities/settings.ts';
import type { TableName } from '../domain/catalogue.ts';
import { hourStartMs, type Hour } from '../domain/hour.ts';
import { SEARCH_ATTRIBUTES } from '../domain/service.ts';

const TABLE = defineSearchAttributeKey('ClickfeedTable', SEARCH_ATTRIBUTES.ClickfeedTable);
const HOUR = defineSearchAttributeKey('ClickfeedHour', SEARCH_ATTRIBUTES.ClickfeedHour);

/** Sets those that the server knows: an unknown one would fail the workflow task for ever. */
export function makeFindable(settings: RunSettings, tables: readonly TableName[], hour?: Hour): void {
  const known = settings.searchAttributes;
  const updates = [
    ...(known.includes('ClickfeedTable') ? [{ key: TABLE, value: [...tables] }] : []),
    ...(known.includes('ClickfeedHour') && hour !== undefined
      ? [{ key: HOUR, value: new Date(hourStartMs(hour)) }]
      : []),
  ];
  if (updates.length > 0) upsertSearchAttributes(updates);
}
