/** The feed that is loaded: the demo feed's lines, the same number in every hour. */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { packLines } from '../../devstack/demo/archive.ts';
import { generateHour, type HourLines } from '../../devstack/demo/hour.ts';
import { createS3Client } from '../../devstack/s3-client.ts';
import { TABLE_NAMES, type TableName } from '../../domain/catalogue.ts';
import { objectKey } from '../../domain/feed-object.ts';
import { hoursOf, type Hour, type HourRange } from '../../domain/hour.ts';
import type { BenchServers } from './servers.ts';

/** What the feed holds. */
export interface FeedPlan extends HourRange {
  readonly seed: number;
  /** In each of the four objects of an hour. */
  readonly linesPerObject: number;
}

/** The quietest hour of the week has 0.48 x 0.88 x 0.9 of the average: so many are made, and the first are taken. */
const QUIETEST_HOUR = 0.37;
const PUTS_AT_A_TIME = 8;

/** Lines of an hour, exactly so many in each table. */
export function linesOfHour({ seed, linesPerObject }: FeedPlan, hour: Hour): HourLines {
  const all = generateHour({ seed, rowsPerHour: Math.ceil(linesPerObject / QUIETEST_HOUR) }, hour);
  const cut = (table: TableName): readonly string[] => {
    const lines = all[table].slice(0, linesPerObject);
    if (lines.length === linesPerObject) return lines;
    throw new Error(`Cannot make ${hour}: found ${lines.length} lines, expected ${linesPerObject}`);
  };
  return {
    browser_events: cut('browser_events'),
    device_events: cut('device_events'),
    geo_events: cut('geo_events'),
    location_events: cut('location_events'),
  };
}

/** Publishes the feed under a prefix. @returns packed bytes */
export async function publishFeed(servers: BenchServers, prefix: string, plan: FeedPlan): Promise<number> {
  const client = createS3Client(servers.s3);
  const limit = pLimit(PUTS_AT_A_TIME);
  let packedBytes = 0;
  const publish = async (hour: Hour): Promise<void> => {
    const lines = linesOfHour(plan, hour);
    for (const table of TABLE_NAMES) {
      const body = await packLines(table, lines[table]);
      packedBytes += body.length;
      const key = prefix + objectKey(table, hour, 'zip');
      await client.send(new PutObjectCommand({ Bucket: servers.s3.bucket, Key: key, Body: body }));
    }
  };
  try {
    await limit.map([...hoursOf(plan)], publish);
  } finally {
    client.destroy();
  }
  return packedBytes;
}
