/** The activities around the load: what a run sees at its begin, what the bucket holds, what did not come. */
import { CATALOGUE, type TableName } from '../domain/catalogue.ts';
import { dayFolder, readKey, type FeedObject } from '../domain/feed-object.ts';
import { daysOf, hoursOf, onlyHour, parseHour, type Hour, type HourRange } from '../domain/hour.ts';
import { planHour } from '../domain/plan.ts';
import type { BucketLook, BucketRange, RunStart } from './api.ts';
import { runAttempt } from './attempt.ts';
import type { Ledger, LedgerState, ObjectStore, Sighting } from './ports.ts';

/** What these activities need of the world. */
export interface LookPorts {
  readonly store: ObjectStore;
  readonly ledger: Ledger;
}

/** Builds the activity `beginRun`. */
export function createBeginRun({ ledger }: LookPorts): () => Promise<RunStart> {
  return () => runAttempt(noProgress, async ({ signal }) => ({ seen: await ledger.truncationsInForce(signal) }));
}

/** Builds the activity `recordAbsent`. */
export function createRecordAbsent({
  ledger,
}: LookPorts): (place: { readonly table: TableName; readonly hour: Hour }) => Promise<void> {
  return ({ table, hour }) =>
    runAttempt(noProgress, ({ signal }) => ledger.recordSightings([{ table, hour: parseHour(hour) }], signal));
}

/** Builds the activity `lookAtBucket`: one LIST per day for all tables, then the ledger decides what is missing or changed. */
export function createLookAtBucket(ports: LookPorts): (range: BucketRange) => Promise<BucketLook> {
  return ({ from, to, tables }) => {
    const progress = { day: from };
    return runAttempt(
      () => ({ ...progress }),
      async ({ signal }) => {
        const range = { from: parseHour(from), to: parseHour(to) };
        const look = {
          windows: [] as BucketLook['windows'][number][],
          presentObjects: 0,
          absentObjects: 0,
          foreignKeys: 0,
        };
        for (const day of daysOf(range)) {
          progress.day = day.from;
          const seen = await lookAtDay(ports, day, tables, signal);
          look.windows.push(...seen.windows);
          look.presentObjects += seen.presentObjects;
          look.absentObjects += seen.absentObjects;
          look.foreignKeys += seen.foreignKeys;
        }
        return look;
      },
    );
  };
}

async function lookAtDay(
  ports: LookPorts,
  day: HourRange,
  tables: readonly TableName[],
  signal: AbortSignal,
): Promise<BucketLook> {
  // The ledger first, the bucket second: planHour() depends on this order.
  const states = new Map<TableName, LedgerState>();
  for (const table of tables) states.set(table, await ports.ledger.state(CATALOGUE[table].name, day, signal));
  const { objects, foreignKeys } = await listDay(ports.store, day, signal);
  const sightings: Sighting[] = [];
  const windows: BucketLook['windows'][number][] = [];
  for (const table of tables) {
    const hours = [...hoursOf(day)].filter((hour) => {
      const found = objects.get(`${table}/${hour}`) ?? [];
      const [object] = found;
      // Two objects for one hour: no one version was seen, and the load reports both.
      if (found.length < 2) sightings.push({ table, hour, ...(object === undefined ? {} : { object }) });
      const decision = planHour(hour, found, states.get(table)?.hours.get(hour), {
        mode: 'changed',
        fillCleared: false,
      });
      return decision.action === 'load' || decision.outcome === 'ambiguous';
    });
    const [first] = hours;
    const last = hours.at(-1);
    if (first !== undefined && last !== undefined) {
      windows.push({ table, from: first, to: onlyHour(last).to, hours: hours.length });
    }
  }
  await ports.ledger.recordSightings(sightings, signal);
  const presentObjects = sightings.filter(({ object }) => object !== undefined).length;
  return { windows, presentObjects, absentObjects: sightings.length - presentObjects, foreignKeys };
}

async function listDay(
  store: ObjectStore,
  day: HourRange,
  signal: AbortSignal,
): Promise<{ objects: Map<string, FeedObject[]>; foreignKeys: number }> {
  const objects = new Map<string, FeedObject[]>();
  let foreignKeys = 0;
  for await (const listed of store.list(store.feedPrefix + dayFolder(day.from), signal)) {
    const object = readKey(store.feedPrefix, listed);
    if (object === undefined) foreignKeys += 1;
    else {
      const place = `${object.table}/${object.hour}`;
      objects.set(place, [...(objects.get(place) ?? []), object]);
    }
  }
  return { objects, foreignKeys };
}

function noProgress(): object {
  return {};
}
