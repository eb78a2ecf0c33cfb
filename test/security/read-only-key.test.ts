/** Case 93: a key of S3 that may list and read, and nothing else, suffices for all that the product does there. */
import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { createObjectStore } from '../../adapters/s3/index.ts';
import { createS3Client } from '../../devstack/s3-client.ts';
import { addHours, parseHour } from '../../domain/hour.ts';
import { objectKey } from '../../domain/feed-object.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createLoader } from '../support/loader.ts';
import { startOwnS3 } from '../support/own-servers.ts';
import { zipOf } from '../support/zip.ts';

const HOUR = parseHour('2024-05-01T13');
const TABLE = 'geo_events';

describe('a key that may list and read only', () => {
  it('case 93: suffices to check the bucket, to look at it and to load, and cannot change it', async () => {
    const reader = { accessKeyId: randomUUID(), secretAccessKey: randomUUID() };
    const s3 = await startOwnS3(reader);
    const { endpoint, region, bucket } = s3;
    const owner = createS3Client(s3);
    const key = objectKey(TABLE, HOUR);
    const body = await zipOf(`${TABLE}.jsonl`, linesOf(TABLE, HOUR, 20).join('\n'));
    await owner.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    const store = createObjectStore({ endpoint, region, bucket, prefix: '', ...reader });
    const asReader = createS3Client({ endpoint, region, ...reader });
    cleanUpLater(async () => {
      store.close();
      for (const client of [owner, asReader]) client.destroy();
      await Promise.resolve();
    });

    const loader = await createLoader();
    const activities = createActivities({ ...loader.ports, store });
    const window = { table: TABLE, from: HOUR, to: addHours(HOUR, 1) } as const;
    expect((await store.check(AbortSignal.timeout(30_000))).filter(({ ok }) => !ok)).toEqual([]);
    const look = await loader.run(() =>
      activities.lookAtBucket({ from: HOUR, to: addHours(HOUR, 1), tables: [TABLE] }),
    );
    expect(look.presentObjects).toBe(1);
    const report = await loader.run(() =>
      activities.loadTable({ ...window, mode: 'missing', seen: [], fillCleared: true }),
    );
    expect(report.rows).toBe(20);

    const put = new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' });
    await expect(asReader.send(put)).rejects.toThrow(/Access ?Denied/i);
    const remove = new DeleteObjectCommand({ Bucket: bucket, Key: key });
    await expect(asReader.send(remove)).rejects.toThrow(/Access ?Denied/i);
  });
});
