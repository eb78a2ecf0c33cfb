/** The old project's config_lab06.json, so that its users can start with the file they have. */
import type { FileValues } from './file.ts';

const RENAMED = {
  s3_url: 'S3_ENDPOINT',
  s3_bucket: 'S3_BUCKET',
  s3_region: 'S3_REGION',
  s3_key_id: 'AWS_ACCESS_KEY_ID',
  s3_key_access: 'AWS_SECRET_ACCESS_KEY',
  list_tables: 'FEED_TABLES',
} as const;

const LEGACY_KEYS = [...Object.keys(RENAMED), 'click_ip', 'click_port'];

/** ClickHouse's native protocol, plain and with TLS: the old project spoke it, this one speaks HTTP. */
const NATIVE_PORTS = ['9000', '9440'];
/** The usual HTTP port with TLS. */
const HTTPS_PORT = '8443';

/** Whether the object has any of the old project's keys. */
export function isLegacyFile(content: Readonly<Record<string, unknown>>): boolean {
  return LEGACY_KEYS.some((key) => Object.hasOwn(content, key));
}

/** Translates the old keys. ClickHouse's user, password and database were not in the file: they come from the environment. */
export function readLegacyFile(content: Readonly<Record<string, unknown>>): FileValues {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const [name, value] of Object.entries(content)) {
    if (!LEGACY_KEYS.includes(name)) {
      problems.push(`Remove ${JSON.stringify(name)}: found an unknown key, expected ${LEGACY_KEYS.join(', ')}`);
    }
    const text = legacyText(value);
    if (Object.hasOwn(RENAMED, name) && text !== '') values[RENAMED[name as keyof typeof RENAMED]] = text;
  }
  const address = readAddress(legacyText(content['click_ip']), legacyText(content['click_port']));
  if (address.problem !== undefined) problems.push(address.problem);
  if (address.url !== undefined) values['CLICKHOUSE_URL'] = address.url;
  return { values, problems };
}

function readAddress(host: string, port: string): { readonly url?: string; readonly problem?: string } {
  if (NATIVE_PORTS.includes(port)) {
    return {
      // Stands in, so that the one mistake leads to one sentence.
      url: `http://${host}:8123`,
      problem:
        `Set click_port to ClickHouse's HTTP port: found ${port}, the port of the native protocol, ` +
        'expected usually 8123, or 8443 with TLS',
    };
  }
  if (host === '') return {};
  const httpPort = port === '' ? '8123' : port;
  return { url: `${httpPort === HTTPS_PORT ? 'https' : 'http'}://${host}:${httpPort}` };
}

function legacyText(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(',');
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}
