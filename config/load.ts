/** Reads the whole configuration once. Only entry points call this. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { parse } from 'dotenv';
import { ConfigError } from '../domain/errors.ts';
import type { Config, TemporalConfig } from './config.ts';
import { readConfigFile } from './file.ts';
import { KEYS, type KeyName, type KeySpec, type KeyValue } from './keys.ts';
import { stackSettings } from './stack-settings.ts';

/** Where the configuration is read from. */
export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of `.env`, and what a relative file is relative to. */
  readonly folder: string;
  /** Default: the key CLICKFEED_CONFIG of the environment. */
  readonly file?: string;
}

/** All keys read to their types. */
type Values = { readonly [K in KeyName]: KeyValue<K> | undefined };

/**
 * Reads environment, `.env` and file; the former win over the latter, an empty value counts as none.
 * @throws {ConfigError} with every problem, one sentence each, none of which holds a secret
 */
export function loadConfig(sources: ConfigSources): Config {
  const { texts, problems: fileProblems } = gather(sources);
  const { values, problems: keyProblems } = readValues(texts);
  const temporal = readTemporal(texts);
  const problems = [...fileProblems, ...keyProblems, ...pairProblems(values), ...temporal.problems];
  if (problems.length > 0 || temporal.config === undefined) throw new ConfigError(problems);
  return freeze(assemble(values, temporal.config));
}

/**
 * Reads one key that has a default, for commands that need nothing else.
 * @throws {ConfigError}
 */
export function readKey<K extends KeyName>(sources: ConfigSources, name: K): KeyValue<K> {
  const { texts, problems } = gather(sources);
  const spec: KeySpec = KEYS[name];
  const text = texts[name] ?? spec.fallback;
  const read = spec.form.safeParse(text);
  if (problems.length > 0 || !read.success) {
    throw new ConfigError([...problems, `Set ${name}: found ${shown(spec, text ?? '')}, expected ${spec.expected}`]);
  }
  return read.data as KeyValue<K>;
}

/**
 * Reads what the user has set, as texts: environment, `.env` and file, without the stack that `up` runs.
 * @throws {ConfigError} when the file cannot be read
 */
export function readOwnSettings(sources: ConfigSources): Record<string, string> {
  const { texts, problems } = gatherOwn(sources);
  if (problems.length > 0) throw new ConfigError(problems);
  return texts;
}

function gather(sources: ConfigSources): { texts: Record<string, string>; problems: readonly string[] } {
  const { texts, problems } = gatherOwn(sources);
  return { texts: withoutEmpty({ ...texts, ...stackSettings(sources.folder, texts) }), problems };
}

function gatherOwn(sources: ConfigSources): { texts: Record<string, string>; problems: readonly string[] } {
  const dotenvPath = path.join(sources.folder, '.env');
  const dotenv = existsSync(dotenvPath) ? parse(readFileSync(dotenvPath)) : {};
  const env = withoutEmpty({ ...withoutEmpty(dotenv), ...withoutEmpty(sources.env) });
  const file = sources.file ?? env['CLICKFEED_CONFIG'];
  if (file === undefined) return { texts: env, problems: [] };
  const { values, problems } = readConfigFile(path.resolve(sources.folder, file));
  return { texts: { ...withoutEmpty(values), ...env }, problems };
}

function withoutEmpty(texts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
}

function readValues(texts: Readonly<Record<string, string>>): { values: Values; problems: string[] } {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, spec] of Object.entries<KeySpec>(KEYS)) {
    const text = texts[name] ?? spec.fallback;
    if (text === undefined) {
      if (spec.optional !== true) problems.push(`Set ${name}: found nothing, expected ${spec.expected}`);
      continue;
    }
    const read = spec.form.safeParse(text);
    if (read.success) values[name] = read.data;
    else problems.push(`Set ${name}: found ${shown(spec, text)}, expected ${spec.expected}`);
  }
  return { values: values as Values, problems };
}

/** What was found, unless it is or may hold a secret. */
function shown(spec: KeySpec, text: string): string {
  const mayHoldSecret = spec.secret === true || text.includes('@');
  return mayHoldSecret ? 'a value that is not shown' : JSON.stringify(text.slice(0, 100));
}

function pairProblems(values: Values): string[] {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, CLICKHOUSE_URL: url } = values;
  const problems: string[] = [];
  if ((id === undefined) !== (secret === undefined)) {
    const [missing, present] =
      id === undefined
        ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
        : ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'];
    problems.push(`Set ${missing}: found only ${present}, expected both, or neither for the SDK's own chain`);
  }
  const port = url === undefined ? '' : new URL(url).port;
  if (port === '9000' || port === '9440') {
    problems.push(
      `Set CLICKHOUSE_URL to the HTTP interface: found ${port}, the port of the native protocol, expected usually 8123, or 8443 with TLS`,
    );
  }
  return problems;
}

function readTemporal(texts: Readonly<Record<string, string>>): { config?: TemporalConfig; problems: string[] } {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: { ...texts } });
    const address = connectionOptions.address ?? KEYS.TEMPORAL_ADDRESS.fallback;
    const connection = { ...connectionOptions, address };
    return { config: { address, namespace: namespace ?? KEYS.TEMPORAL_NAMESPACE.fallback, connection }, problems: [] };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { problems: [`Set TEMPORAL_*: found ${found}, expected the environment configuration of Temporal`] };
  }
}

function assemble(values: Values, temporal: TemporalConfig): Config {
  const get = <K extends KeyName>(name: K): KeyValue<K> => values[name] as KeyValue<K>;
  return {
    s3: {
      endpoint: values.S3_ENDPOINT,
      region: get('S3_REGION'),
      bucket: get('S3_BUCKET'),
      prefix: get('S3_PREFIX'),
      accessKeyId: values.AWS_ACCESS_KEY_ID,
      secretAccessKey: values.AWS_SECRET_ACCESS_KEY,
      sessionToken: values.AWS_SESSION_TOKEN,
    },
    clickhouse: {
      url: get('CLICKHOUSE_URL'),
      user: get('CLICKHOUSE_USER'),
      password: get('CLICKHOUSE_PASSWORD'),
      database: get('CLICKHOUSE_DATABASE'),
    },
    temporal,
    feed: {
      tables: get('FEED_TABLES'),
      start: get('FEED_START'),
      scheduleMinute: get('SCHEDULE_MINUTE'),
      waitForObjectMinutes: get('WAIT_FOR_OBJECT_MINUTES'),
      lookbackHours: get('LOOKBACK_HOURS'),
      purgeGraceHours: get('PURGE_GRACE_HOURS'),
    },
    limits: {
      archive: {
        entrySizeBytes: get('ENTRY_SIZE_MAX_BYTES'),
        ratio: get('ARCHIVE_RATIO_MAX'),
        entries: get('ARCHIVE_ENTRIES_MAX'),
      },
      loadConcurrency: get('LOAD_CONCURRENCY'),
      windowConcurrency: get('WINDOW_CONCURRENCY'),
    },
    worker: {
      healthHost: get('HEALTH_HOST'),
      healthPort: get('HEALTH_PORT'),
      logLevel: get('LOG_LEVEL'),
      shutdownGraceSeconds: get('SHUTDOWN_GRACE_SECONDS'),
    },
    dashboard: {
      host: get('DASHBOARD_HOST'),
      port: get('DASHBOARD_PORT'),
      hostNames: get('DASHBOARD_HOST_NAMES'),
      reader:
        values.CLICKHOUSE_READER_USER === undefined
          ? { user: get('CLICKHOUSE_USER'), password: get('CLICKHOUSE_PASSWORD') }
          : { user: values.CLICKHOUSE_READER_USER, password: get('CLICKHOUSE_READER_PASSWORD') },
      temporalUiUrl: values.TEMPORAL_UI_URL,
      thresholds: values.SCORECARD_THRESHOLDS ?? {},
    },
  };
}

/** Freezes plain objects and lists all the way down; buffers (TLS material) cannot be frozen and are left. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
