/** The embedded S3: SeaweedFS in one process. */
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchBinary, type FetchOptions } from '../binaries/fetch.ts';
import { SEAWEEDFS } from '../binaries/pins.ts';
import { freePort, freePortPair, isPortFree, type NamedPort } from '../process/ports.ts';
import { startServer, type ServerProcess } from '../process/server-process.ts';
import { createS3Client, type S3Access } from '../s3-client.ts';

/** Options of {@link startSeaweedFs}; the port is chosen freely when not given. */
export interface SeaweedFsOptions extends FetchOptions {
  /** Folder for data and log; kept between starts. */
  readonly dir: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly port?: number;
  /** A second key, which may list and read only. */
  readonly reader?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A running S3 server with its bucket. */
export interface SeaweedFsServer extends S3Access {
  readonly process: ServerProcess;
  readonly bucket: string;
}

const REGION = 'us-east-1';

/**
 * Starts SeaweedFS and waits until the bucket is there.
 * @throws {ConfigError} when the port is taken
 * @throws {SetupError} when the program cannot be fetched
 * @throws {UnavailableError} when it does not start
 */
export async function startSeaweedFs(options: SeaweedFsOptions): Promise<SeaweedFsServer> {
  const program = await fetchBinary(SEAWEEDFS, options);
  const port = options.port ?? (await freePort());
  const access = {
    endpoint: `http://127.0.0.1:${port}`,
    region: REGION,
    accessKeyId: options.accessKeyId,
    secretAccessKey: options.secretAccessKey,
  };
  const dataDir = join(options.dir, 'data');
  mkdirSync(dataDir, { recursive: true });
  // SeaweedFS stores the flags of its last start there; ours are complete.
  rmSync(join(dataDir, 'mini.options'), { force: true });
  // By default these sockets lie in /tmp and stay there. The path of a socket has a limit of about 100 characters: hence relative.
  const sockets = ['-s3.localSocket=s3.sock', '-filer.localSocket=filer.sock'];
  const internal = await internalPorts(options.dir);
  const server = await startServer({
    name: 'SeaweedFS',
    command: {
      file: program,
      args: [
        'mini',
        `-dir=${dataDir}`,
        `-bucket=${options.bucket}`,
        `-s3.port=${port}`,
        ...FIXED_FLAGS,
        ...identityFlags(options),
        ...sockets,
        ...internal.flags,
      ],
      cwd: options.dir,
      env: { ...process.env, AWS_ACCESS_KEY_ID: access.accessKeyId, AWS_SECRET_ACCESS_KEY: access.secretAccessKey },
    },
    ports: [{ port, setting: 'S3_PORT' }, ...internal.ports],
    logFile: join(options.dir, 'seaweedfs.log'),
    probe: () => headBucket(access, options.bucket),
  });
  return { ...access, process: server, bucket: options.bucket };
}

/** Without a reader the one key of the environment may do everything; with one, a file says who may do what. */
function identityFlags({ dir, accessKeyId, secretAccessKey, reader }: SeaweedFsOptions): string[] {
  if (reader === undefined) return [];
  const file = join(dir, 'identities.json');
  const identities = [
    { name: 'owner', credentials: [{ accessKey: accessKeyId, secretKey: secretAccessKey }], actions: ['Admin'] },
    {
      name: 'reader',
      credentials: [{ accessKey: reader.accessKeyId, secretKey: reader.secretAccessKey }],
      actions: ['Read', 'List'],
    },
  ];
  writeFileSync(file, JSON.stringify({ identities }), { mode: 0o600 });
  return [`-s3.config=${file}`];
}

/** Loopback only, and nothing that the feed does not need: no telemetry, no further protocols. */
const FIXED_FLAGS = [
  '-ip=127.0.0.1',
  '-ip.bind=127.0.0.1',
  '-admin.ui=false',
  '-master.telemetry=false',
  '-webdav=false',
  '-s3.iam=false',
  '-s3.port.iceberg=0',
  '-s3.port.lance=0',
];

const INTERNAL_PORTS = [
  's3.port.grpc',
  'filer.port',
  'filer.port.grpc',
  'master.port',
  'master.port.grpc',
  'volume.port',
  'volume.port.grpc',
  'webdav.port',
];

/**
 * SeaweedFS is several servers in one process, which talk to each other over ports. All are set, so that stacks run side by side.
 * They stay the same from start to start while they are free, as the data folder names some of them.
 */
async function internalPorts(dir: string): Promise<{ flags: string[]; ports: NamedPort[] }> {
  const file = join(dir, 'ports.json');
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>) : {};
  const chosen: Record<string, number> = {};
  for (const part of INTERNAL_PORTS) chosen[part] = await keepOr(kept[part], freePort);
  // The worker expects the admin server's gRPC port 10,000 above its HTTP port.
  const adminPort = await keepOr(kept['admin.port'], freePortPair);
  Object.assign(chosen, { 'admin.port': adminPort, 'admin.port.grpc': adminPort + 10_000 });
  writeFileSync(file, JSON.stringify(chosen));
  const named = Object.entries(chosen).map(([part, port]) => ({ port, setting: `-${part}` }));
  return { flags: named.map(({ setting, port }) => `${setting}=${port}`), ports: named };
}

async function keepOr(kept: number | undefined, choose: () => Promise<number>): Promise<number> {
  return kept !== undefined && (await isPortFree(kept)) ? kept : choose();
}

async function headBucket(access: S3Access, bucket: string): Promise<void> {
  const client = createS3Client(access);
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal: AbortSignal.timeout(5_000) });
  } finally {
    client.destroy();
  }
}
