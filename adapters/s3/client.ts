/** The S3 client, set up for a feed: any S3-compatible store, bounded waits, no surprises from newer defaults. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';
import { adaptEachAttempt } from './each-attempt.ts';
import { SignalHandler } from './signal-handler.ts';

/** Where the feed lies and who reads it. */
export interface S3Config {
  /** URL of an S3-compatible store; AWS itself when missing. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly bucket: string;
  /** The feed's prefix, "" or ending in "/". */
  readonly prefix: string;
  /** Both or neither; without them the SDK's own chain is asked (environment, profile, instance role). */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  /** Of temporary keys. */
  readonly sessionToken?: string | undefined;
}

/** Waits and limits; the defaults suit a worker, tests give shorter ones. */
export interface S3Limits {
  readonly connectTimeoutMs: number;
  /** From sending a request to the head of its answer. */
  readonly answerTimeoutMs: number;
  /** How long a body may bring nothing while someone waits for it. */
  readonly idleTimeoutMs: number;
  /** How often the SDK sends a request in all. */
  readonly attempts: number;
  /** How often a broken body is resumed; counted anew after {@link S3Limits.progressBytes}. */
  readonly resumes: number;
  readonly progressBytes: number;
  /** First pause before a resume; doubles each time, up to {@link S3Limits.maxPauseMs}. */
  readonly pauseMs: number;
  readonly maxPauseMs: number;
  /** Objects up to this size are read in one GET. */
  readonly wholeBytes: number;
  /** Larger ones in ranges of this size (S3 documentation: 8 to 16 MB), one fetched ahead. */
  readonly rangeBytes: number;
  readonly sockets: number;
}

/** What {@link S3Limits} is when nothing is said. */
export const S3_LIMITS: S3Limits = {
  connectTimeoutMs: 5_000,
  answerTimeoutMs: 15_000,
  idleTimeoutMs: 15_000,
  attempts: 5,
  resumes: 5,
  progressBytes: 2 ** 20,
  pauseMs: 200,
  maxPauseMs: 5_000,
  wholeBytes: 8 * 2 ** 20,
  rangeBytes: 8 * 2 ** 20,
  sockets: 128,
};

/** Builds the client; `destroy()` closes its sockets. */
export function createS3Client(config: S3Config, limits: S3Limits): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey, sessionToken } = config;
  const agentOptions = { keepAlive: true, maxSockets: limits.sockets };
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } }),
    // Response checksums since SDK 3.729 fail on some stores (aws-sdk-js-v3 #6810); our own lengths and CRC-32 are checked always.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    retryMode: 'standard', // after SlowDown fewer requests at a time: pace.ts
    maxAttempts: limits.attempts,
    cacheMiddleware: true,
    requestHandler: new SignalHandler({
      connectionTimeout: limits.connectTimeoutMs,
      requestTimeout: limits.answerTimeoutMs,
      throwOnRequestTimeout: true,
      // A body may rest while ClickHouse is busy: that is no fault. Waiting for a body is timed where it is waited for.
      socketTimeout: 0,
      httpAgent: new HttpAgent(agentOptions),
      httpsAgent: new HttpsAgent(agentOptions),
    }),
  });
  adaptEachAttempt(client, limits.sockets);
  return client;
}
