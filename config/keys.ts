/** Every key of the configuration: meaning, form, default. `.env.example` and the README's table are made from here. */
import { z } from 'zod';
import { TABLE_NAMES } from '../domain/catalogue.ts';
import { choice, hostNames, hour, httpUrl, tables, text, thresholds, wholeNumber } from './forms.ts';

/** One key. */
export interface KeySpec<T = unknown> {
  readonly group: 'Bucket' | 'ClickHouse' | 'Temporal' | 'Feed' | 'Limits' | 'Worker' | 'Dashboard';
  /** Meaning in one sentence, units included. */
  readonly description: string;
  /** What a right value is, as the end of "found ..., expected ...". */
  readonly expected: string;
  /** Reads the text of an environment variable. */
  readonly form: z.ZodType<T, string>;
  /** The text that stands for an unset key. A key with neither default nor `optional` must be set. */
  readonly fallback?: string;
  readonly optional?: true;
  /** Whether its value never appears in any output. */
  readonly secret?: true;
}

function key<T, S extends Omit<KeySpec<T>, 'form'>>(form: z.ZodType<T, string>, spec: S): S & { form: typeof form } {
  return { ...spec, form };
}

const GIB = 2 ** 30;
const MIB = 2 ** 20;

export const KEYS = {
  S3_ENDPOINT: key(httpUrl, {
    group: 'Bucket',
    description: 'URL of the S3 service; leave it out for AWS',
    expected: 'a URL such as https://storage.yandexcloud.net, without user and password',
    optional: true,
  }),
  S3_REGION: key(text, {
    group: 'Bucket',
    description: 'Region of the bucket, such as ru-central1 for Yandex Object Storage',
    expected: 'a region such as us-east-1',
    fallback: 'us-east-1',
  }),
  S3_BUCKET: key(text, {
    group: 'Bucket',
    description: 'Bucket that holds the feed',
    expected: 'the name of the bucket that holds the feed',
  }),
  S3_PREFIX: key(
    z.string().transform((prefix) => prefix.replace(/^\/+/, '').replace(/([^/])$/, '$1/')),
    {
      group: 'Bucket',
      description: 'Folder of the feed in the bucket, above year=...; empty for the top',
      expected: 'a folder such as feed/',
      fallback: '',
    },
  ),
  AWS_ACCESS_KEY_ID: key(text, {
    group: 'Bucket',
    description: 'Access key; without it the credential chain of the AWS SDK is used (profile, role, ...)',
    expected: 'an access key id',
    optional: true,
  }),
  AWS_SECRET_ACCESS_KEY: key(text, {
    group: 'Bucket',
    description: 'Secret of the access key',
    expected: 'the secret of AWS_ACCESS_KEY_ID',
    optional: true,
    secret: true,
  }),
  AWS_SESSION_TOKEN: key(text, {
    group: 'Bucket',
    description: 'Session token of temporary credentials',
    expected: 'a session token',
    optional: true,
    secret: true,
  }),
  CLICKHOUSE_URL: key(httpUrl, {
    group: 'ClickHouse',
    description: 'URL of the HTTP interface (port 8123, or 8443 with TLS)',
    expected: 'a URL such as http://localhost:8123, without user and password',
  }),
  CLICKHOUSE_USER: key(text, {
    group: 'ClickHouse',
    description: 'User of the worker; `clickfeed setup --print-grants` shows the rights it needs',
    expected: 'a user name',
    fallback: 'default',
  }),
  CLICKHOUSE_PASSWORD: key(z.string(), {
    group: 'ClickHouse',
    description: 'Password of that user',
    expected: 'a password',
    fallback: '',
    secret: true,
  }),
  CLICKHOUSE_DATABASE: key(z.string().regex(/^[A-Za-z_]\w{0,62}$/), {
    group: 'ClickHouse',
    description: 'Database of the tables; `clickfeed setup` creates it',
    expected: 'a name of letters, digits and _',
    fallback: 'clickfeed',
  }),
  TEMPORAL_ADDRESS: key(z.string().regex(/^[^\s/]+:\d+$/), {
    group: 'Temporal',
    description: 'Host and port of the Temporal service',
    expected: 'host:port such as localhost:7233',
    fallback: 'localhost:7233',
  }),
  TEMPORAL_NAMESPACE: key(text, {
    group: 'Temporal',
    description: 'Namespace',
    expected: 'the name of a namespace',
    fallback: 'default',
  }),
  TEMPORAL_API_KEY: key(text, {
    group: 'Temporal',
    description: 'API key of Temporal Cloud; TLS is then on',
    expected: 'an API key',
    optional: true,
    secret: true,
  }),
  FEED_TABLES: key(tables, {
    group: 'Feed',
    description: 'Tables to load, separated by commas',
    expected: `one or more of ${TABLE_NAMES.join(', ')}`,
    fallback: TABLE_NAMES.join(','),
  }),
  FEED_START: key(hour, {
    group: 'Feed',
    description: 'First hour of the feed, UTC',
    expected: 'an hour such as 2024-04-10T23',
    fallback: '2024-04-10T23',
  }),
  SCHEDULE_MINUTE: key(wholeNumber(0, 59), {
    group: 'Feed',
    description: 'Minute past each hour at which the hour before is loaded',
    expected: 'a whole number from 0 to 59',
    fallback: '5',
  }),
  WAIT_FOR_OBJECT_MINUTES: key(wholeNumber(0, 1440), {
    group: 'Feed',
    description: 'Minutes after the end of an hour until which a missing object is waited for',
    expected: 'a whole number from 0 to 1440',
    fallback: '60',
  }),
  LOOKBACK_HOURS: key(wholeNumber(1, 744), {
    group: 'Feed',
    description: 'Hours that each run looks back for late and changed objects',
    expected: 'a whole number from 1 to 744',
    fallback: '48',
  }),
  PURGE_GRACE_HOURS: key(wholeNumber(0, 8760), {
    group: 'Feed',
    description: 'Hours after which the rows of a truncation are deleted; until then it can be restored',
    expected: 'a whole number from 0 to 8760',
    fallback: '24',
  }),
  LOAD_CONCURRENCY: key(wholeNumber(1, 200), {
    group: 'Limits',
    description: 'Activities that one worker runs at the same time',
    expected: 'a whole number from 1 to 200',
    fallback: '8',
  }),
  WINDOW_CONCURRENCY: key(wholeNumber(1, 64), {
    group: 'Limits',
    description: 'Windows that one lookback or backfill loads at the same time',
    expected: 'a whole number from 1 to 64',
    fallback: '4',
  }),
  ENTRY_SIZE_MAX_BYTES: key(wholeNumber(MIB, 1024 * GIB), {
    group: 'Limits',
    description: 'Unpacked bytes of one object; larger ones are rejected',
    expected: 'a whole number of bytes from 1048576',
    fallback: String(64 * GIB),
  }),
  ARCHIVE_RATIO_MAX: key(wholeNumber(2, 100_000), {
    group: 'Limits',
    description: 'Unpacked size over packed size; beyond it an archive is rejected as a bomb',
    expected: 'a whole number from 2 to 100000',
    // Deflate cannot exceed 1032. Identical lines, odd but legitimate, come to some 700; only a run of one byte to 1,000.
    fallback: '1000',
  }),
  ARCHIVE_ENTRIES_MAX: key(wholeNumber(1, 100_000), {
    group: 'Limits',
    description: 'Entries of an archive; it must hold one, and with more than this it is rejected unread',
    expected: 'a whole number from 1 to 100000',
    fallback: '1000',
  }),
  HEALTH_HOST: key(text, {
    group: 'Worker',
    description: 'Address that /healthz, /readyz and /metrics listen on; 0.0.0.0 in a container',
    expected: 'an IP address or host name',
    fallback: '127.0.0.1',
  }),
  HEALTH_PORT: key(wholeNumber(0, 65_535), {
    group: 'Worker',
    description: 'Port of /healthz, /readyz and /metrics; 0 for any free port',
    expected: 'a port from 0 to 65535',
    fallback: '8085',
  }),
  LOG_LEVEL: key(choice(['trace', 'debug', 'info', 'warn', 'error']), {
    group: 'Worker',
    description: 'Least level of the log lines (JSON, standard error)',
    expected: 'trace, debug, info, warn or error',
    fallback: 'info',
  }),
  SHUTDOWN_GRACE_SECONDS: key(wholeNumber(0, 3600), {
    group: 'Worker',
    description: 'Seconds that running loads have to finish after SIGTERM before they are cancelled and handed over',
    expected: 'a whole number from 0 to 3600',
    fallback: '20',
  }),
  DASHBOARD_HOST: key(text, {
    group: 'Dashboard',
    description: 'Address that the dashboard listens on; it has no login, so keep it on loopback or behind a proxy',
    expected: 'an IP address or host name',
    fallback: '127.0.0.1',
  }),
  DASHBOARD_PORT: key(wholeNumber(0, 65_535), {
    group: 'Dashboard',
    description: 'Port of the dashboard; 0 for any free port',
    expected: 'a port from 0 to 65535',
    fallback: '8090',
  }),
  DASHBOARD_HOST_NAMES: key(hostNames, {
    group: 'Dashboard',
    description: 'Host names besides localhost under which the dashboard is reached, separated by commas',
    expected: 'host names such as feed.example.com',
    fallback: 'localhost',
  }),
  CLICKHOUSE_READER_USER: key(text, {
    group: 'Dashboard',
    description: 'User of the dashboard, with the role of the reader; without it CLICKHOUSE_USER is used',
    expected: 'a user name',
    optional: true,
  }),
  CLICKHOUSE_READER_PASSWORD: key(z.string(), {
    group: 'Dashboard',
    description: 'Password of that user',
    expected: 'a password',
    fallback: '',
    secret: true,
  }),
  SCORECARD_THRESHOLDS: key(thresholds, {
    group: 'Dashboard',
    description:
      'Own thresholds of the scorecard, line=good/watch separated by commas, in the units of docs/metrics.md (shares 0 to 1, seconds, bytes); without it the defaults there',
    expected: 'thresholds such as coverage=0.99/0.95,gaps=0/5 of lines of the scorecard, good no worse than watch',
    optional: true,
  }),
  TEMPORAL_UI_URL: key(httpUrl, {
    group: 'Dashboard',
    description: "Temporal's Web UI, for links from the dashboard to runs",
    expected: 'a URL such as http://localhost:8233, without user and password',
    optional: true,
  }),
} satisfies Record<string, KeySpec>;

/** The name of a key. */
export type KeyName = keyof typeof KEYS;

/** What the key's text is read to. */
export type KeyValue<K extends KeyName> = z.output<(typeof KEYS)[K]['form']>;
