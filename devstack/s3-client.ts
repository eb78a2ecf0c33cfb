/** S3 as the stack itself uses it: readiness, the bucket, the demo feed's objects. */
import { S3Client } from '@aws-sdk/client-s3';

/** Where a bucket is and how to get in. */
export interface S3Access {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A client that addresses buckets by path, as embedded servers need it. The caller destroys it. */
export function createS3Client(access: S3Access): S3Client {
  return new S3Client({
    endpoint: access.endpoint,
    region: access.region,
    credentials: { accessKeyId: access.accessKeyId, secretAccessKey: access.secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}
