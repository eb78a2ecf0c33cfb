/** Listing a prefix, page after page. */
import { ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client, type _Object } from '@aws-sdk/client-s3';
import { UnavailableError } from '../../domain/errors.ts';
import type { ListedObject } from '../../domain/feed-object.ts';
import { toDomainError } from './errors.ts';
import { sendPromptly } from './send.ts';

/**
 * Lists every key under a prefix, in the store's order.
 * Keys are asked for URL-encoded: a control character in one key would make the whole XML answer unreadable.
 * @throws {UnavailableError | AccessError | SetupError}
 */
export async function* listObjects(
  client: S3Client,
  bucket: string,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ListedObject, void, undefined> {
  const action = `list ${JSON.stringify(prefix)} in bucket ${bucket}`;
  let token: string | undefined;
  do {
    const page = await listPage(client, { bucket, prefix, token }, action, signal);
    for (const object of page.Contents ?? []) yield readListed(object, page.EncodingType === 'url', action);
    const next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    if (page.IsTruncated === true && (next === undefined || next === token)) {
      throw new UnavailableError(`Cannot ${action}: the store says there is more, but not where it goes on`);
    }
    token = next;
  } while (token !== undefined);
}

async function listPage(
  client: S3Client,
  at: { bucket: string; prefix: string; token: string | undefined },
  action: string,
  signal: AbortSignal,
): Promise<ListObjectsV2CommandOutput> {
  const command = new ListObjectsV2Command({
    Bucket: at.bucket,
    Prefix: at.prefix,
    EncodingType: 'url',
    ...(at.token === undefined ? {} : { ContinuationToken: at.token }),
  });
  try {
    return await sendPromptly(signal, () => client.send(command));
  } catch (error) {
    signal.throwIfAborted();
    throw toDomainError(error, action);
  }
}

function readListed(object: _Object, isEncoded: boolean, action: string): ListedObject {
  const { Key: key, ETag: etag, Size: sizeBytes, LastModified: modified } = object;
  if (key === undefined || etag === undefined || sizeBytes === undefined || modified === undefined) {
    throw new UnavailableError(
      `Cannot ${action}: expected key, ETag, size and time of every object, found one without`,
    );
  }
  return { key: isEncoded ? decodeKey(key) : key, etag, sizeBytes, modifiedMs: modified.getTime() };
}

/** A key that cannot be decoded is no key of the feed: it stays as it is and counts as foreign. */
function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return encoded;
  }
}
