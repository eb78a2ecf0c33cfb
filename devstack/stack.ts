/** The embedded stack: those of ClickHouse, S3 and Temporal that the environment does not name, in one folder. */
import { join, resolve } from 'node:path';
import { KEYS } from '../config/keys.ts';
import { ConfigError } from '../domain/errors.ts';
import { takenPorts } from './process/ports.ts';
import type { ServerProcess } from './process/server-process.ts';
import { startClickHouse } from './servers/clickhouse.ts';
import { readerUser } from './servers/clickhouse-reader.ts';
import { startSeaweedFs } from './servers/seaweedfs.ts';
import { startTemporal } from './servers/temporal.ts';
import { loadState, type StackState } from './state.ts';

/** Settings by name, as in the environment. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** Options of {@link startStack}. */
export interface StackOptions {
  /** Folder of data, keys and logs; made when it is missing. */
  readonly dir: string;
  /** What the user has set. S3_ENDPOINT or S3_BUCKET, CLICKHOUSE_URL and TEMPORAL_ADDRESS name servers that are there already. */
  readonly settings: Settings;
  readonly say: (line: string) => void;
}

/** An address worth showing. */
export interface Address {
  readonly label: string;
  readonly url: string;
}

/** The running stack. */
export interface RunningStack {
  readonly dir: string;
  readonly state: StackState;
  /** Which servers were started here, by name. */
  readonly started: readonly string[];
  /** What must be set for the program to use the started servers; an empty text unsets. Holds their keys. */
  readonly settings: Readonly<Record<string, string>>;
  readonly addresses: readonly Address[];
  /** Calls back when a server ends by itself. */
  onUnexpectedExit(callback: (error: Error) => void): void;
  /** Stops what was started: Temporal first, then ClickHouse, then S3. */
  stop(): Promise<void>;
}

/** Ports of the embedded servers unless a setting of the same name moves them. */
export const DEFAULT_PORTS = {
  TEMPORAL_PORT: 7233,
  TEMPORAL_UI_PORT: 8233,
  CLICKHOUSE_HTTP_PORT: 8123,
  CLICKHOUSE_TCP_PORT: 9000,
  S3_PORT: 8333,
} as const;

type Ports = Readonly<Record<keyof typeof DEFAULT_PORTS, number>>;

const BUCKET = 'feed';
const CLICKHOUSE_USER = 'clickfeed';

/** A server that is started unless the settings name one. */
interface Plan {
  readonly name: string;
  readonly isNamed: boolean;
  readonly ports: readonly (keyof Ports)[];
  readonly start: () => Promise<Part>;
}

/** A started server and what follows from it. */
interface Part {
  readonly process: ServerProcess;
  readonly settings: Readonly<Record<string, string>>;
  readonly addresses: readonly Address[];
}

/**
 * Starts the servers side by side and waits until all answer; when one does not, the others are stopped again.
 * @throws {ConfigError} when a port is taken or no port
 * @throws {SetupError} when a program cannot be fetched
 * @throws {UnavailableError} when a server does not start
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const ports = readPorts(options.settings);
  const dir = resolve(options.dir);
  const state = loadState(dir);
  const named = (...keys: string[]): boolean => keys.some((key) => (options.settings[key] ?? '') !== '');
  // In the order in which they are stopped: first what writes to the others.
  const plans: Plan[] = [
    {
      name: 'Temporal',
      isNamed: named('TEMPORAL_ADDRESS'),
      ports: ['TEMPORAL_PORT', 'TEMPORAL_UI_PORT'],
      start: () => temporal(dir, ports, options.say),
    },
    {
      name: 'ClickHouse',
      isNamed: named('CLICKHOUSE_URL'),
      ports: ['CLICKHOUSE_HTTP_PORT', 'CLICKHOUSE_TCP_PORT'],
      start: () => clickhouse(dir, ports, state, options.settings['CLICKHOUSE_DATABASE']),
    },
    {
      name: 'SeaweedFS',
      isNamed: named('S3_ENDPOINT', 'S3_BUCKET'),
      ports: ['S3_PORT'],
      start: () => s3(dir, ports, state, options.say),
    },
  ];
  const wanted = plans.filter((plan) => !plan.isNamed);
  await assertAllPortsFree(wanted, ports);
  const parts = await allOrNone(wanted.map((plan) => plan.start()));
  const settings = Object.fromEntries(parts.flatMap((part) => Object.entries(part.settings)));
  return {
    dir,
    state,
    started: parts.map((part) => part.process.name),
    settings,
    addresses: parts.flatMap((part) => part.addresses),
    onUnexpectedExit(callback) {
      for (const part of parts) part.process.onUnexpectedExit(callback);
    },
    async stop() {
      for (const part of parts) await part.process.stop();
    },
  };
}

/** The user wants to hear of all taken ports at once, and before anything is started. */
async function assertAllPortsFree(plans: readonly Plan[], ports: Ports): Promise<void> {
  const problems: string[] = [];
  for (const { name, ports: settings } of plans) {
    problems.push(
      ...(await takenPorts(
        name,
        settings.map((setting) => ({ port: ports[setting], setting })),
      )),
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

async function allOrNone(starting: readonly Promise<Part>[]): Promise<Part[]> {
  const settled = await Promise.allSettled(starting);
  const parts = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failure = settled.find((one) => one.status === 'rejected');
  if (failure === undefined) return parts;
  for (const part of parts) await part.process.stop();
  throw failure.reason;
}

async function temporal(dir: string, ports: Ports, say: StackOptions['say']): Promise<Part> {
  const server = await startTemporal({
    dir: join(dir, 'temporal'),
    port: ports.TEMPORAL_PORT,
    uiPort: ports.TEMPORAL_UI_PORT,
    say,
  });
  const ui = server.uiUrl === undefined ? [] : [{ label: 'Temporal Web UI', url: server.uiUrl }];
  return {
    process: server.process,
    // The user's profile or key of another Temporal must not be used for this one.
    settings: {
      TEMPORAL_ADDRESS: server.address,
      TEMPORAL_NAMESPACE: 'default',
      TEMPORAL_TLS: 'false',
      TEMPORAL_API_KEY: '',
      ...(server.uiUrl === undefined ? {} : { TEMPORAL_UI_URL: server.uiUrl }),
    },
    addresses: [...ui, { label: 'Temporal', url: server.address }],
  };
}

async function clickhouse(dir: string, ports: Ports, state: StackState, database?: string): Promise<Part> {
  const reader = readerUser(database ?? KEYS.CLICKHOUSE_DATABASE.fallback, state.clickhouseReaderPassword);
  const server = await startClickHouse({
    dir: join(dir, 'clickhouse'),
    user: CLICKHOUSE_USER,
    password: state.clickhousePassword,
    httpPort: ports.CLICKHOUSE_HTTP_PORT,
    tcpPort: ports.CLICKHOUSE_TCP_PORT,
    reader,
  });
  return {
    process: server.process,
    settings: {
      CLICKHOUSE_URL: server.url,
      CLICKHOUSE_USER: server.user,
      CLICKHOUSE_PASSWORD: server.password,
      CLICKHOUSE_READER_USER: reader.name,
      CLICKHOUSE_READER_PASSWORD: reader.password,
    },
    addresses: [
      { label: 'ClickHouse', url: `${server.url}/play (user ${server.user}, password in ${join(dir, 'env')})` },
      { label: 'ClickHouse native', url: `127.0.0.1:${server.tcpPort}` },
    ],
  };
}

async function s3(dir: string, ports: Ports, state: StackState, say: StackOptions['say']): Promise<Part> {
  const server = await startSeaweedFs({
    dir: join(dir, 's3'),
    bucket: BUCKET,
    accessKeyId: state.s3AccessKeyId,
    secretAccessKey: state.s3SecretAccessKey,
    port: ports.S3_PORT,
    say,
  });
  return {
    process: server.process,
    settings: {
      S3_ENDPOINT: server.endpoint,
      S3_REGION: server.region,
      S3_BUCKET: server.bucket,
      S3_PREFIX: '',
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
      AWS_SESSION_TOKEN: '',
    },
    addresses: [{ label: 'S3', url: `${server.endpoint}/${server.bucket} (keys in ${join(dir, 'env')})` }],
  };
}

function readPorts(settings: Settings): Ports {
  const problems: string[] = [];
  const ports = Object.entries(DEFAULT_PORTS).map(([name, fallback]) => {
    const text = settings[name];
    const port = text === undefined || text === '' ? fallback : Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      problems.push(`Set ${name}: found ${JSON.stringify(text)}, expected a port from 1 to 65535`);
    }
    return [name, port];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.fromEntries(ports) as Ports;
}
