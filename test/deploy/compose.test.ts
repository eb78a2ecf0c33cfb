import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  ClickHouseServer,
  createLedger,
  createStatusReader,
  createWarehouse,
  setup,
} from '../../adapters/clickhouse/index.ts';
import { KEYS, type KeySpec } from '../../config/keys.ts';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { AccessError } from '../../domain/errors.ts';
import { onlyHour, parseHour } from '../../domain/hour.ts';
import { startClickHouse } from '../../devstack/servers/clickhouse.ts';
import { USERS_FILE, usersXml } from '../../scripts/clickhouse-users.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { createTempDir } from '../support/own-servers.ts';

interface Service {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}
interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEXT = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
// `<<` is YAML 1.1's merge key, which Compose knows.
const COMPOSE = parse(TEXT, { merge: true }) as ComposeFile;
const SERVICES = Object.entries(COMPOSE.services);

describe('docker-compose.yml', () => {
  it('gives the worker every key of the configuration that a container needs', () => {
    const given = Object.keys(COMPOSE.services['worker']?.environment ?? {});
    // Of Temporal Cloud, and of temporary credentials: not for the servers of this stack. The dashboard is a process of its own.
    const elsewhere = ['TEMPORAL_API_KEY', 'AWS_SESSION_TOKEN'];
    const needed = Object.entries<KeySpec>(KEYS).filter(
      ([name, { group }]) => group !== 'Dashboard' && !elsewhere.includes(name),
    );
    expect(given.sort()).toEqual(needed.map(([name]) => name).sort());
  });

  it('has no secret of its own: every one is a variable that must be set', () => {
    for (const [service, { environment = {} }] of SERVICES) {
      for (const [name, value] of Object.entries(environment)) {
        if (!/PASSWORD|SECRET|PWD|ACCESS_KEY/.test(name)) continue;
        expect(value, `${service}: ${name}`).toMatch(/^\$\{[A-Z_]+:\?[A-Z].{15,}\}$/);
      }
    }
  });

  it('pins the version of every image', () => {
    const images = SERVICES.map(([, { image }]) => image).filter((image) => image !== undefined);
    expect(images.length).toBeGreaterThan(6);
    for (const image of images) expect(image).toMatch(/:\d+\.\d+|^clickfeed:\$\{CLICKFEED_TAG:-local\}$/);
  });

  it('publishes ports on the loopback only', () => {
    const ports = SERVICES.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBe(4);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{[A-Z0-9_]+:-\d+\}:\d+$/);
  });

  it('waits for services that can tell that they are ready, and names only networks and volumes that it has', () => {
    for (const [, service] of SERVICES) {
      for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
        const dependency = COMPOSE.services[name];
        expect(dependency, name).toBeDefined();
        if (condition === 'service_healthy') expect(dependency?.healthcheck, name).toBeDefined();
      }
      for (const network of service.networks ?? []) expect(COMPOSE.networks).toHaveProperty(network);
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('./')) expect(() => readFileSync(join(ROOT, source))).not.toThrow();
        else expect(COMPOSE.volumes).toHaveProperty(source);
      }
    }
  });
});

describe('docker/clickhouse/users.xml', () => {
  it('is what scripts/clickhouse-users.ts makes of the grants', () => {
    expect(readFileSync(USERS_FILE, 'utf8')).toBe(usersXml());
  });

  it('lets setup make the database and the worker work in it, each with its password from the environment, no more', async () => {
    const passwords = { CLICKFEED_SETUP_PASSWORD: 'of-setup', CLICKFEED_WORKER_PASSWORD: 'of-the-worker' };
    const dir = await createTempDir();
    mkdirSync(join(dir, 'users.d'));
    // The embedded server opens its ports as the user `default`, who is not there in the stack.
    const users = usersXml().replace('<default remove="remove"/>', '');
    writeFileSync(join(dir, 'users.d', 'clickfeed.xml'), users);
    Object.assign(process.env, passwords);
    cleanUpLater(() => {
      for (const name of Object.keys(passwords)) Reflect.deleteProperty(process.env, name);
      return Promise.resolve();
    });
    const own = await startClickHouse({ dir, user: 'test_admin', password: 'test' });
    cleanUpLater(() => own.process.stop());
    const connect = (user: string, password: string): ClickHouseServer => {
      const server = new ClickHouseServer({ url: own.url, user, password, database: 'clickfeed' });
      cleanUpLater(() => server.close());
      return server;
    };

    await setup(connect('clickfeed_setup', 'of-setup'));
    const worker = connect('clickfeed_loader', 'of-the-worker');
    const hour = parseHour('2024-05-01T13');
    const signal = AbortSignal.timeout(10_000);
    await createLedger(worker).recordSightings([{ table: 'geo_events', hour }], signal);
    await createWarehouse(worker).countStored('geo_events', [], signal);
    const status = await createStatusReader(worker).status(TABLE_NAMES, onlyHour(hour), signal);
    expect(status.find(({ table }) => table === 'geo_events')?.absentHours).toBe(1);
    const readIp = { sql: 'SELECT ip_address FROM clickfeed.geo_events_raw', doing: 'read personal data' };
    await expect(worker.query(readIp)).rejects.toThrow(AccessError);
    await expect(connect('clickfeed_loader', 'of-setup').query(readIp)).rejects.toThrow(AccessError);
  }, 60_000);
});
