/** The feed that is loaded: hours of the demo feed, the same number of lines in each, no two objects alike. */
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { createS3Client } from '../../devstack/s3-client.ts';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { entryName, objectKey } from '../../domain/feed-object.ts';
import { hoursOf, type Hour, type HourRange } from '../../domain/hour.ts';
import { FeedTemplates } from './feed-templates.ts';
import { quickZip } from './quick-zip.ts';
import type { BenchServers } from './servers.ts';

/** What the feed holds. */
export interface FeedPlan extends HourRange {
  readonly seed: number;
  /** In each of the four objects of an hour. */
  readonly linesPerObject: number;
  /** Put behind the fields of every line: `, "name": value`. */
  readonly moreFields?: string;
}

const PUTS_AT_A_TIME = 12;
/** How often progress is said. */
const SAY_EVERY_HOURS = 2_000;
/** Of zlib: what is packed here takes a third of the time that the usual level takes. */
const COMPRESSION_LEVEL = 1;

/** Publishes the feed under a prefix. @returns packed bytes */
export async function publishFeed(
  servers: BenchServers,
  prefix: string,
  plan: FeedPlan,
  say: (line: string) => void = () => undefined,
): Promise<number> {
  const client = createS3Client(servers.s3);
  // The SDK's cache of handlers: nothing here is sent with options of its own.
  client.config.cacheMiddleware = true;
  const templates = new FeedTemplates(plan);
  const limit = pLimit(PUTS_AT_A_TIME);
  const hours = [...hoursOf(plan)];
  let packedBytes = 0;
  let done = 0;
  try {
    await limit.map(hours, async (hour) => {
      const hourBytes = await publishHour(client, servers.s3.bucket, prefix, hour, templates);
      packedBytes += hourBytes; // not before, as others add meanwhile
      done += 1;
      if (done % SAY_EVERY_HOURS === 0) say(`Published ${done} of ${hours.length} hours`);
    });
  } finally {
    client.destroy();
  }
  return packedBytes;
}

async function publishHour(
  client: S3Client,
  bucket: string,
  prefix: string,
  hour: Hour,
  templates: FeedTemplates,
): Promise<number> {
  let packedBytes = 0;
  for (const table of TABLE_NAMES) {
    const body = await quickZip(entryName(table), templates.text(table, hour), COMPRESSION_LEVEL);
    packedBytes += body.length;
    const key = prefix + objectKey(table, hour, 'zip');
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  }
  return packedBytes;
}
