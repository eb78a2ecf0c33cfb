/** What is done around each single attempt of a request, inside the SDK's retries. */
import { S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { CLOCK_CODES } from './errors.ts';
import { createPace, type Pace } from './pace.ts';

const THROTTLING_CODES = new Set([
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'RequestLimitExceeded',
]);

/** Makes the client keep a pace, and try again when a wrong clock was made up for. */
export function adaptEachAttempt(client: S3Client, sockets: number): Pace {
  const pace = createPace(sockets);
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await pace.run(() => next(args), isThrottled);
      } catch (error) {
        markClockError(error);
        throw error;
      }
    },
    // Behind the SDK's retries, which are of high priority.
    { step: 'finalizeRequest', priority: 'normal', name: 'clickfeedEachAttempt' },
  );
  return pace;
}

function isThrottled(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  const { httpStatusCode: status } = error.$metadata;
  return THROTTLING_CODES.has(error.name) || status === 429 || status === 503;
}

/**
 * The SDK has taken the store's time from this answer, but it tries again only when the clock is wrong now. A clock that was wrong
 * and has been put right is as much of a reason: the time that was made up for it is what is wrong then.
 */
function markClockError(error: unknown): void {
  if (error instanceof S3ServiceException && CLOCK_CODES.has(error.name)) {
    Object.assign(error.$metadata, { clockSkewCorrected: true });
  }
}
