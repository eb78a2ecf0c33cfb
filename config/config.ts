/** The configuration as the rest of the program sees it: one frozen object. */
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { TableName } from '../domain/catalogue.ts';
import type { Hour } from '../domain/hour.ts';
import type { Thresholds } from '../domain/metrics/thresholds.ts';

/** Where the feed lies. */
export interface S3Config {
  /** Undefined: AWS. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly bucket: string;
  /** "" or ending in "/". */
  readonly prefix: string;
  /** Both or neither; neither: the SDK's own chain. */
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  /** Of temporary keys. */
  readonly sessionToken: string | undefined;
}

/** Where the rows go. */
export interface ClickHouseConfig {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** How Temporal is reached: what the official environment configuration makes of TEMPORAL_*, TOML profile included. */
export interface TemporalConfig {
  readonly address: string;
  readonly namespace: string;
  readonly connection: ClientConnectConfig['connectionOptions'];
}

/** What is loaded and when. */
export interface FeedConfig {
  readonly tables: readonly TableName[];
  readonly start: Hour;
  readonly scheduleMinute: number;
  readonly waitForObjectMinutes: number;
  readonly lookbackHours: number;
  /** Until a truncation's rows are deleted. */
  readonly purgeGraceHours: number;
}

/** Bounds. */
export interface LimitsConfig {
  readonly archive: { readonly entrySizeBytes: number; readonly ratio: number; readonly entries: number };
  readonly loadConcurrency: number;
  readonly windowConcurrency: number;
}

/** The worker process. */
export interface WorkerConfig {
  readonly healthHost: string;
  readonly healthPort: number;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly shutdownGraceSeconds: number;
}

/** The dashboard. */
export interface DashboardConfig {
  readonly host: string;
  readonly port: number;
  readonly hostNames: readonly string[];
  /** The ClickHouse user it reads as; the worker's when none is set. */
  readonly reader: { readonly user: string; readonly password: string };
  readonly temporalUiUrl: string | undefined;
  /** Thresholds of the scorecard in place of the defaults. */
  readonly thresholds: Thresholds;
}

/** The values that must appear nowhere: not in logs, errors or answers. */
export function secretsOf({ s3, clickhouse, temporal, dashboard }: Config): string[] {
  const { apiKey } = temporal.connection;
  const secrets = [
    s3.secretAccessKey,
    s3.sessionToken,
    clickhouse.password,
    dashboard.reader.password,
    typeof apiKey === 'string' ? apiKey : '',
  ];
  return secrets.filter((secret): secret is string => secret !== undefined && secret !== '');
}

/** Everything. */
export interface Config {
  readonly s3: S3Config;
  readonly clickhouse: ClickHouseConfig;
  readonly temporal: TemporalConfig;
  readonly feed: FeedConfig;
  readonly limits: LimitsConfig;
  readonly worker: WorkerConfig;
  readonly dashboard: DashboardConfig;
}
