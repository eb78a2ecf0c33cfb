/** TCP ports on loopback. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import getPort from 'get-port';
import { ConfigError } from '../../domain/errors.ts';

/**
 * Below the range from which kernels take the ports of outgoing connections (32768 on Linux, 49152 on macOS): a server that is killed
 * and started again must find its port as it left it.
 */
const FREE_PORTS = { lowest: 20_000, count: 12_000 };

/** SeaweedFS derives some gRPC ports as HTTP port + 10000, so these come from below {@link FREE_PORTS}. */
const LOW_FREE_PORTS = { lowest: 10_000, count: 9_000 };

export const LOOPBACK = '127.0.0.1';

/** A free port that this process will not be given again. */
export async function freePort(): Promise<number> {
  return getPort({ port: candidates(FREE_PORTS), host: LOOPBACK, reserve: true });
}

/** A free port p such that p + 10000 is free too. */
export async function freePortPair(): Promise<number> {
  for (const port of candidates(LOW_FREE_PORTS)) {
    if ((await isPortFree(port)) && (await isPortFree(port + 10_000))) return port;
  }
  throw new ConfigError(['Cannot find a free pair of ports between 10000 and 29000: every one is taken']);
}

function* candidates(range: { lowest: number; count: number }): Generator<number> {
  const start = randomInt(range.count);
  for (let i = 0; i < range.count; i++) yield range.lowest + ((start + i) % range.count);
}

/** Whether nothing listens on the loopback port. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** A port and the setting by which the user can move it. */
export interface NamedPort {
  readonly port: number;
  /** Environment variable, such as S3_PORT. */
  readonly setting: string;
}

/** One sentence for each port that is taken: which, and what to do. */
export async function takenPorts(server: string, ports: readonly NamedPort[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { port, setting } of ports) {
    if (await isPortFree(port)) continue;
    problems.push(
      `Cannot start ${server}: port ${port} is taken; stop what listens there (lsof -i :${port} names it) or set ${setting} to a free port`,
    );
  }
  return problems;
}

/**
 * Makes sure that a server finds its ports free.
 * @throws {ConfigError} naming every port that is taken and what to do
 */
export async function assertPortsFree(server: string, ports: readonly NamedPort[]): Promise<void> {
  const problems = await takenPorts(server, ports);
  if (problems.length > 0) throw new ConfigError(problems);
}
