/** All activities over their ports. */
import type { Activities } from './api.ts';
import { createEventsActivities, type EventsActivities, type EventsPorts } from './build-events.ts';
import { createLoadTable } from './load-table.ts';
import type { LoadPorts } from './load-objects.ts';
import { createBeginRun, createLookAtBucket, createRecordAbsent } from './look-at-bucket.ts';

export type { EventsPorts } from './build-events.ts';
export type { LoadPorts } from './load-objects.ts';

/** Builds the activities that the worker registers. */
export function createActivities(ports: LoadPorts & EventsPorts): Activities & EventsActivities {
  return {
    ...createEventsActivities(ports),
    beginRun: createBeginRun(ports),
    loadTable: createLoadTable(ports),
    recordAbsent: createRecordAbsent(ports),
    lookAtBucket: createLookAtBucket(ports),
  };
}
