/** Looks at the bucket for `clickfeed doctor`: reach, credentials, rights, ranged reads, clock. */
import { GetObjectCommand, ListObjectsV2Command, type S3Client, type _Object } from '@aws-sdk/client-s3';
import type { Check } from '../../domain/check.ts';
import { AccessError, SetupError, UnavailableError } from '../../domain/errors.ts';
import type { S3Config } from './client.ts';
import { toDomainError } from './errors.ts';

/** More skew than this is worth setting right; S3 itself refuses at 15 minutes. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Asks the store one question after the other; later ones are left out when an earlier answer makes them pointless. */
export async function checkBucket(client: S3Client, config: S3Config, signal: AbortSignal): Promise<Check[]> {
  const listed = await tryList(client, config, signal);
  if (listed instanceof Error) return [failedList(listed, config)];
  const checks: Check[] = [
    { subject: 'S3: reach, credentials and right to list', ok: true, found: `bucket ${config.bucket} answers` },
    checkClock(client.config.systemClockOffset),
  ];
  const [object] = listed;
  checks.push(
    object === undefined
      ? { subject: 'S3: right to read', ok: true, found: `nothing to read under prefix "${config.prefix}" yet` }
      : await checkRead(client, config, object, signal),
  );
  return checks;
}

async function tryList(client: S3Client, config: S3Config, signal: AbortSignal): Promise<_Object[] | Error> {
  const command = new ListObjectsV2Command({ Bucket: config.bucket, Prefix: config.prefix, MaxKeys: 10 });
  try {
    const page = await client.send(command, { abortSignal: signal });
    return (page.Contents ?? []).filter(({ Size }) => Size !== undefined && Size > 1);
  } catch (error) {
    signal.throwIfAborted();
    return toDomainError(error, `list bucket ${config.bucket}`);
  }
}

function failedList(error: Error, config: S3Config): Check {
  return {
    subject: 'S3: reach, credentials and right to list',
    ok: false,
    found: error.message,
    fix: fixFor(error, config),
  };
}

function fixFor(error: Error, config: S3Config): string {
  if (error instanceof SetupError) return `Set S3_BUCKET to a bucket of this store, not ${config.bucket}`;
  if (error instanceof AccessError) {
    return 'Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, S3_REGION and S3_ENDPOINT; the key needs s3:ListBucket and s3:GetObject';
  }
  return `Check S3_ENDPOINT (${config.endpoint ?? 'AWS'}) and the network`;
}

function checkClock(offsetMs: number): Check {
  const subject = 'S3: clock';
  const ok = Math.abs(offsetMs) <= CLOCK_TOLERANCE_MS;
  const found = ok ? 'agrees' : `${Math.round(offsetMs / 1000)} s from the store's`;
  return { subject, ok, found, ...(ok ? {} : { fix: 'Set the clock of this machine, for example by NTP' }) };
}

/** Reads the second byte: proves the right, and that ranges and If-Match are honoured. */
async function checkRead(client: S3Client, config: S3Config, object: _Object, signal: AbortSignal): Promise<Check> {
  const subject = 'S3: right to read';
  const { Key, ETag } = object;
  const action = `read ${JSON.stringify(Key)}`;
  try {
    const pinned = new GetObjectCommand({ Bucket: config.bucket, Key, IfMatch: ETag, Range: 'bytes=1-1' });
    const answer = await client.send(pinned, { abortSignal: signal });
    const bytes = await answer.Body?.transformToByteArray();
    if (answer.$metadata.httpStatusCode !== 206 || bytes?.length !== 1) {
      throw new UnavailableError(`Cannot ${action} in part: the store ignores Range`);
    }
    return { subject, ok: true, found: `reads ${JSON.stringify(Key)} by range` };
  } catch (error) {
    signal.throwIfAborted();
    const domainError = toDomainError(error, action);
    return { subject, ok: false, found: domainError.message, fix: fixFor(domainError, config) };
  }
}
