/** The bucket as an {@link ObjectStore}, over the AWS SDK. */
import type { ObjectStore } from '../../activities/ports.ts';
import type { Check } from '../../domain/check.ts';
import { createByteSource } from './byte-source.ts';
import { checkBucket } from './check.ts';
import { createS3Client, S3_LIMITS, type S3Config, type S3Limits } from './client.ts';
import { listObjects } from './list.ts';

export type { S3Config, S3Limits } from './client.ts';

/** An object store that can also be looked at and closed. */
export interface S3ObjectStore extends ObjectStore {
  /** For `clickfeed doctor`: reach, credentials, rights to list and read, clock. */
  check(signal: AbortSignal): Promise<Check[]>;
  /** Closes all connections. */
  close(): void;
}

/**
 * Opens the bucket; nothing is sent yet.
 * @param random from 0 to 1; spreads the pauses between retries
 */
export function createObjectStore(
  config: S3Config,
  limits: Partial<S3Limits> = {},
  random: () => number = Math.random,
): S3ObjectStore {
  const allLimits: S3Limits = { ...S3_LIMITS, ...limits };
  const client = createS3Client(config, allLimits);
  const { bucket } = config;
  return {
    feedPrefix: config.prefix,
    list: (prefix, signal) => listObjects(client, bucket, prefix, signal),
    source: (object) => createByteSource(object, { client, bucket, limits: allLimits, random }),
    check: (signal) => checkBucket(client, config, signal),
    close: () => {
      client.destroy();
    },
  };
}
