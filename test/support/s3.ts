/** S3 for tests: a prefix of one's own in the shared bucket, and a client beside the product's code. */
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { createS3Client } from '../../devstack/s3-client.ts';
import type { TableName } from '../../domain/catalogue.ts';
import { entryName, objectKey, type FeedObject, type ObjectFormat } from '../../domain/feed-object.ts';
import type { Hour } from '../../domain/hour.ts';
import { zipOf } from './zip.ts';
import { zstdOf } from './zstd.ts';

let shared: S3Client | undefined;

/** A plain client of the shared S3 server. */
export function rawS3(): S3Client {
  return (shared ??= createS3Client(inject('stack').s3));
}

/** A feed prefix that nobody else uses, ending in "/". The bucket goes away with the run. */
export function createFeedPrefix(): string {
  return `test-${randomUUID()}/`;
}

/** Puts bytes under a key as they are. */
export async function putBytes(key: string, body: Uint8Array | string): Promise<void> {
  await rawS3().send(new PutObjectCommand({ Bucket: inject('stack').s3.bucket, Key: key, Body: body }));
}

/** Deletes a key. */
export async function deleteKey(key: string): Promise<void> {
  await rawS3().send(new DeleteObjectCommand({ Bucket: inject('stack').s3.bucket, Key: key }));
}

/** What to publish: lines are packed by `format`, `body` is put as it is. */
export interface Publication {
  readonly prefix: string;
  readonly table: TableName;
  readonly hour: Hour;
  readonly format?: ObjectFormat;
  /** Lines without their newline; every line gets one. */
  readonly lines?: readonly string[];
  /** The object's bytes instead of lines. */
  readonly body?: Uint8Array;
}

/** Publishes the object of a (table, hour) and returns what a listing says of it. */
export async function publishObject(publication: Publication): Promise<FeedObject> {
  const { table, hour, format = 'zip' } = publication;
  const key = publication.prefix + objectKey(table, hour, format);
  const body = publication.body ?? (await pack(publication, format));
  await putBytes(key, body);
  const head = await rawS3().send(new HeadObjectCommand({ Bucket: inject('stack').s3.bucket, Key: key }));
  return {
    key,
    table,
    hour,
    format,
    etag: head.ETag ?? '',
    sizeBytes: head.ContentLength ?? -1,
    modifiedMs: head.LastModified?.getTime() ?? -1,
  };
}

async function pack({ table, lines = [] }: Publication, format: ObjectFormat): Promise<Uint8Array> {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  if (format === 'zip') return zipOf(entryName(table), bytes);
  if (format === 'gz') return gzipSync(bytes);
  return format === 'zst' ? zstdOf(bytes) : bytes;
}
