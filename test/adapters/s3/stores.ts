/** Stores for the tests of this folder. */
import { inject, onTestFinished } from 'vitest';
import { createObjectStore, type S3Config, type S3Limits, type S3ObjectStore } from '../../../adapters/s3/index.ts';
import type { ListedObject } from '../../../domain/feed-object.ts';
import { createFeedPrefix, putBytes } from '../../support/s3.ts';

/** A signal that is never aborted. */
export const NEVER = new AbortController().signal;
/** Short waits, so that faults pass quickly. */
export const QUICK_WAITS: Partial<S3Limits> = {
  idleTimeoutMs: 300,
  answerTimeoutMs: 1_000,
  attempts: 3,
  resumes: 2,
  pauseMs: 1,
};
/** And small ranges, so that large objects need not be large. */
export const QUICK: Partial<S3Limits> = {
  ...QUICK_WAITS,
  maxPauseMs: 5,
  wholeBytes: 100_000,
  rangeBytes: 100_000,
  progressBytes: 50_000,
};
/** What the objects of these tests hold. */
export const CONTENT = Buffer.from(Array.from({ length: 450_000 }, (_, i) => (i * 31) >> 3));

/** A store of the shared bucket with a prefix of its own, closed when the test ends. */
export function storeAt(changes: Partial<S3Config> = {}, limits: Partial<S3Limits> = QUICK): S3ObjectStore {
  const store = createObjectStore({ ...inject('stack').s3, prefix: createFeedPrefix(), ...changes }, limits);
  onTestFinished(() => {
    store.close();
  });
  return store;
}

/** All of a listing. */
export async function list(store: S3ObjectStore, prefix = store.feedPrefix): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  for await (const object of store.list(prefix, NEVER)) objects.push(object);
  return objects;
}

/** Puts an object under the store's prefix and lists it. */
export async function publish(store: S3ObjectStore, bytes: Uint8Array = CONTENT): Promise<ListedObject> {
  const key = `${store.feedPrefix}object`;
  await putBytes(key, bytes);
  const object = (await list(store, key))[0];
  if (object === undefined) throw new Error('Expected the object in the listing');
  return object;
}
