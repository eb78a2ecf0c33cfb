/** One large object: as a zip archive and as .gz in the bucket, and as plain lines in a file. */
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ZipFile } from 'yazl';
import { createS3Client } from '../../devstack/s3-client.ts';
import type { TableName } from '../../domain/catalogue.ts';
import { entryName } from '../../domain/feed-object.ts';
import { addHours, parseHour } from '../../domain/hour.ts';
import { FeedTemplates } from './feed-templates.ts';
import type { BenchServers } from './servers.ts';

/** What was published. */
export interface LargeObject {
  /** Of the lines. */
  readonly sizeBytes: number;
  /** Of the zip archive. */
  readonly packedBytes: number;
  readonly plainFile: string;
  readonly gzipKey: string;
}

const LINES_AT_A_TIME = 1_000;
const COMPRESSION_LEVEL = 1;
const FIRST_HOUR = parseHour('2024-05-01T00');

/** Publishes an object of so many lines, a multiple of 1,000, under the key and as .gz beside it. */
export async function publishLargeObject(
  servers: BenchServers,
  key: string,
  table: TableName,
  { seed, lines }: { readonly seed: number; readonly lines: number },
): Promise<LargeObject> {
  const file = (name: string): string => path.join(servers.dir, name);
  const plainFile = file('large.jsonl');
  await pipeline(Readable.from(texts(table, seed, lines), { objectMode: false }), createWriteStream(plainFile));
  const zipFile = file('large.zip');
  const zip = new ZipFile();
  zip.addFile(plainFile, entryName(table), { compressionLevel: COMPRESSION_LEVEL });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(zipFile));
  const gzipFile = file('large.gz');
  await pipeline(createReadStream(plainFile), createGzip({ level: COMPRESSION_LEVEL }), createWriteStream(gzipFile));
  // Outside of the feed: a second object for the hour would be an ambiguity.
  const gzipKey = `outside/${entryName(table)}.gz`;
  const packedBytes = await put(servers, key, zipFile);
  await put(servers, gzipKey, gzipFile);
  return { sizeBytes: (await stat(plainFile)).size, packedBytes, plainFile, gzipKey };
}

function* texts(table: TableName, seed: number, lines: number): Generator<Buffer> {
  const templates = new FeedTemplates({ seed, linesPerObject: LINES_AT_A_TIME });
  for (let i = 0; i < lines / LINES_AT_A_TIME; i += 1) yield templates.text(table, addHours(FIRST_HOUR, i));
}

/** Uploads the file and removes it. @returns its size */
async function put(servers: BenchServers, key: string, file: string): Promise<number> {
  const client = createS3Client(servers.s3);
  try {
    const { size } = await stat(file);
    const body = { Body: createReadStream(file), ContentLength: size };
    await client.send(new PutObjectCommand({ Bucket: servers.s3.bucket, Key: key, ...body }));
    await rm(file);
    return size;
  } finally {
    client.destroy();
  }
}
