import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KEYS, type KeyName } from '../../config/keys.ts';
import { loadConfig } from '../../config/load.ts';
import { ConfigError } from '../../domain/errors.ts';

const REQUIRED = { S3_BUCKET: 'feed', CLICKHOUSE_URL: 'http://localhost:8123' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'clickfeed-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function problemsOf(env: Record<string, string>, file?: unknown): readonly string[] {
  try {
    load(env, file);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function load(env: Record<string, string>, file?: unknown): ReturnType<typeof loadConfig> {
  if (file === undefined) return loadConfig({ env, folder });
  writeFileSync(path.join(folder, 'clickfeed.json'), typeof file === 'string' ? file : JSON.stringify(file));
  return loadConfig({ env, folder, file: 'clickfeed.json' });
}

describe('loadConfig()', () => {
  test('loadConfig() fills in the defaults', () => {
    const config = load(REQUIRED);
    expect(config.feed).toEqual({
      tables: ['browser_events', 'device_events', 'geo_events', 'location_events'],
      start: '2024-04-10T23',
      scheduleMinute: 5,
      waitForObjectMinutes: 60,
      lookbackHours: 48,
      purgeGraceHours: 24,
    });
    expect(config.s3).toMatchObject({ bucket: 'feed', prefix: '', accessKeyId: undefined, endpoint: undefined });
    expect(config.temporal).toMatchObject({ address: 'localhost:7233', namespace: 'default' });
  });

  test('loadConfig() freezes everything', () => {
    const config = load(REQUIRED);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.limits.archive)).toBe(true);
    expect(Object.isFrozen(config.feed.tables)).toBe(true);
  });

  test('loadConfig() names all problems at once', () => {
    const problems = problemsOf({ FEED_START: '2024-13-01T00', HEALTH_PORT: '99999', FEED_TABLES: 'browser_events,x' });
    expect(problems).toEqual([
      'Set S3_BUCKET: found nothing, expected the name of the bucket that holds the feed',
      'Set CLICKHOUSE_URL: found nothing, expected a URL such as http://localhost:8123, without user and password',
      'Set FEED_TABLES: found "browser_events,x", expected one or more of browser_events, device_events, geo_events, location_events',
      'Set FEED_START: found "2024-13-01T00", expected an hour such as 2024-04-10T23',
      'Set HEALTH_PORT: found "99999", expected a port from 0 to 65535',
    ]);
  });

  test('loadConfig() takes an empty value as none', () => {
    expect(load({ ...REQUIRED, FEED_START: '', AWS_ACCESS_KEY_ID: '' }).feed.start).toBe('2024-04-10T23');
    expect(problemsOf({ ...REQUIRED, S3_BUCKET: '' })).toHaveLength(1);
  });

  test('loadConfig() prefers the environment to .env, and .env to the file', () => {
    writeFileSync(path.join(folder, '.env'), 'S3_BUCKET=from-dotenv\nS3_REGION=from-dotenv\n');
    const file = { S3_BUCKET: 'from-file', S3_REGION: 'from-file', S3_PREFIX: '/from-file', LOOKBACK_HOURS: 3 };
    const config = load({ ...REQUIRED, S3_BUCKET: 'from-env' }, file);
    expect(config.s3).toMatchObject({ bucket: 'from-env', region: 'from-dotenv', prefix: 'from-file/' });
    expect(config.feed.lookbackHours).toBe(3);
  });

  test('loadConfig() leaves Temporal to the official environment configuration', () => {
    const env = { ...REQUIRED, TEMPORAL_ADDRESS: 'cloud:7233', TEMPORAL_NAMESPACE: 'shop', TEMPORAL_API_KEY: 'key' };
    const { temporal } = load(env);
    expect(temporal).toMatchObject({ address: 'cloud:7233', namespace: 'shop' });
    expect(temporal.connection).toMatchObject({ address: 'cloud:7233', apiKey: 'key', tls: true });
  });

  test('loadConfig() wants both halves of an access key', () => {
    expect(problemsOf({ ...REQUIRED, AWS_ACCESS_KEY_ID: 'id' })).toEqual([
      "Set AWS_SECRET_ACCESS_KEY: found only AWS_ACCESS_KEY_ID, expected both, or neither for the SDK's own chain",
    ]);
  });

  test.each(['9000', '9440'])('loadConfig() asks for the HTTP port in place of %s', (port) => {
    const [problem] = problemsOf({ ...REQUIRED, CLICKHOUSE_URL: `http://localhost:${port}` });
    expect(problem).toContain(`found ${port}, the port of the native protocol, expected usually 8123`);
  });

  test('loadConfig() names an unknown key of the file and a missing file', () => {
    expect(problemsOf(REQUIRED, { S3_BUKET: 'x' })[0]).toContain('found an unknown key');
    expect(problemsOf(REQUIRED, '{"S3_BUCKET": "se')[0]).toContain('found no JSON object');
    expect(problemsOf({ ...REQUIRED, CLICKFEED_CONFIG: 'nowhere.json' })[0]).toContain('found ENOENT');
  });

  test('loadConfig() never shows a secret, wherever it stands and whatever else is wrong', () => {
    const secret = 'Tr0ub4dor-3';
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(KEYS) as KeyName[])), (name) => {
        const value = (KEYS[name] as { secret?: true }).secret ? secret : `http://user:${secret}@host`;
        const problems = problemsOf({ [name]: value, HEALTH_PORT: 'x' });
        expect(problems.join('\n')).not.toContain(secret);
        expect(problems.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("loadConfig() with the old project's file", () => {
  const legacy = {
    click_ip: '10.0.0.7',
    click_port: 8123,
    s3_url: 'https://storage.yandexcloud.net',
    s3_bucket: 'npl',
    s3_region: 'ru-central1',
    s3_key_id: 'id',
    s3_key_access: 'secret',
    list_tables: ['browser_events', 'geo_events'],
  };

  test('loadConfig() understands its keys', () => {
    const config = load({}, legacy);
    expect(config.s3).toMatchObject({
      endpoint: 'https://storage.yandexcloud.net',
      bucket: 'npl',
      region: 'ru-central1',
      accessKeyId: 'id',
      secretAccessKey: 'secret',
    });
    expect(config.clickhouse.url).toBe('http://10.0.0.7:8123');
    expect(config.feed.tables).toEqual(['browser_events', 'geo_events']);
  });

  test('loadConfig() takes 8443 for TLS', () => {
    expect(load({}, { ...legacy, click_port: '8443' }).clickhouse.url).toBe('https://10.0.0.7:8443');
  });

  test.each([9000, '9440'])('loadConfig() asks for the HTTP port in one sentence when click_port is %s', (port) => {
    expect(problemsOf({}, { ...legacy, click_port: port })).toEqual([
      `Set click_port to ClickHouse's HTTP port: found ${port}, the port of the native protocol, expected usually 8123, or 8443 with TLS`,
    ]);
  });
});
