/** The worker's small HTTP server: /healthz, /readyz, /metrics. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../../domain/errors.ts';

/** What the server asks. */
export interface HealthProbes {
  /** Whether the process should live on; else it is to be restarted. */
  readonly healthy: () => boolean;
  /** Whether the worker takes work. */
  readonly ready: () => boolean;
  /** The metrics in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

/** A running server. */
export interface HealthServer {
  /** Such as http://127.0.0.1:8085. */
  readonly url: string;
  close(): Promise<void>;
}

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Starts it.
 * @throws {ConfigError} when the port is taken or the address is not ours
 */
export async function startHealthServer(host: string, port: number, probes: HealthProbes): Promise<HealthServer> {
  const server = createServer((request, response) => {
    void answer(request.method, request.url, probes, response);
  });
  await listen(server, host, port);
  const { address, port: bound, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    close: () => close(server),
  };
}

async function answer(
  method: string | undefined,
  url: string | undefined,
  probes: HealthProbes,
  response: ServerResponse,
): Promise<void> {
  const reply = (status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
  };
  if (method !== 'GET' && method !== 'HEAD') {
    reply(405, 'only GET\n');
    return;
  }
  switch (url) {
    case '/healthz':
      if (probes.healthy()) reply(200, 'healthy\n');
      else reply(503, 'failed\n');
      return;
    case '/readyz':
      if (probes.ready()) reply(200, 'ready\n');
      else reply(503, 'not ready\n');
      return;
    case '/metrics':
      try {
        reply(200, await probes.metrics(), PROMETHEUS_TEXT);
      } catch {
        reply(503, 'metrics not available\n');
      }
      return;
    default:
      reply(404, 'expected /healthz, /readyz or /metrics\n');
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new ConfigError([
          `Set HEALTH_PORT and HEALTH_HOST: found ${error.code ?? 'an error'} on ${host}:${port}, expected a free port of this machine`,
        ]),
      );
    });
    server.listen(port, host, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
