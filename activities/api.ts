/** The activities as workflows see them. `activities/index.ts` builds them over the ports; `worker.ts` registers them. */
import type { TableName } from '../domain/catalogue.ts';
import type { Hour } from '../domain/hour.ts';
import type { LoadReport, LoadWindow } from '../domain/loading.ts';

/** What a run knows before its first load. */
export interface RunStart {
  /** Ids of the truncations in force; handed to every window of the run as `seen`. */
  readonly seen: readonly string[];
}

/** A range of hours and the tables to look at. */
export interface BucketRange {
  readonly from: Hour;
  readonly to: Hour;
  readonly tables: readonly TableName[];
}

/** What a look at the bucket found. Sightings are recorded as a side effect. */
export interface BucketLook {
  /** Windows of at most a UTC day each that hold missing or changed hours, oldest first. */
  readonly windows: readonly {
    readonly table: TableName;
    readonly from: Hour;
    readonly to: Hour;
    readonly hours: number;
  }[];
  readonly presentObjects: number;
  readonly absentObjects: number;
  readonly foreignKeys: number;
}

/** The loading activities, each of which takes and returns plain JSON. */
export interface Activities {
  /** Reads once, at the begin of a run, what the operator has truncated so far. */
  beginRun(): Promise<RunStart>;
  /** Loads one table's objects of a window: list, download, insert, verify, commit. Heartbeats LoadProgress. */
  loadTable(window: LoadWindow): Promise<LoadReport>;
  /** Records that the hour's object of this table did not come in time. */
  recordAbsent(place: { readonly table: TableName; readonly hour: Hour }): Promise<void>;
  /** Lists the range (one LIST per day), records sightings, and says what is missing or changed, cleared hours left alone. */
  lookAtBucket(range: BucketRange): Promise<BucketLook>;
}
