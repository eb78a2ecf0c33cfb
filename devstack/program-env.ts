/** The environment that leads the program to embedded servers, for what runs it or works beside it: tests, benches and their peers. */
import type { S3Access } from './s3-client.ts';

/** Where the servers are, and the keys to them. */
export interface ServerPlaces {
  readonly s3: S3Access & { readonly bucket: string };
  readonly clickhouse: { readonly url: string; readonly user: string; readonly password: string };
  readonly temporal: { readonly address: string };
}

/** Settings of the program, with nothing of the developer's own but PATH and HOME. */
export function programEnv(
  { s3, clickhouse, temporal }: ServerPlaces,
  { database, prefix }: { readonly database: string; readonly prefix: string },
): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: s3.region,
    S3_BUCKET: s3.bucket,
    S3_PREFIX: prefix,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    CLICKHOUSE_URL: clickhouse.url,
    CLICKHOUSE_USER: clickhouse.user,
    CLICKHOUSE_PASSWORD: clickhouse.password,
    CLICKHOUSE_DATABASE: database,
    TEMPORAL_ADDRESS: temporal.address,
    HEALTH_PORT: '0',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
