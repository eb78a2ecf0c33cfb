import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startHealthServer } from '../../../adapters/telemetry/index.ts';
import { cleanUpLater } from '../../support/cleanup.ts';

async function start(state: { healthy: boolean; ready: boolean; metrics: () => Promise<string> }): Promise<string> {
  const server = await startHealthServer('127.0.0.1', 0, {
    healthy: () => state.healthy,
    ready: () => state.ready,
    metrics: () => state.metrics(),
  });
  cleanUpLater(() => server.close());
  return server.url;
}

describe('startHealthServer()', () => {
  test('startHealthServer() answers as the probes say', async () => {
    const state = { healthy: true, ready: false, metrics: () => Promise.resolve('clickfeed_rows_total 3\n') };
    const url = await start(state);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    state.ready = true;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    state.healthy = false;
    expect((await fetch(`${url}/healthz`)).status).toBe(503);
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await metrics.text()).toBe('clickfeed_rows_total 3\n');
  });

  test('startHealthServer() says 503 when metrics cannot be had, 404 and 405 for the rest', async () => {
    const url = await start({ healthy: true, ready: true, metrics: () => Promise.reject(new Error('secret reason')) });
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.status).toBe(503);
    expect(await metrics.text()).not.toContain('secret reason');
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/healthz`, { method: 'POST' })).status).toBe(405);
  });

  test('startHealthServer() names the taken port and the key to set', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    cleanUpLater(
      () =>
        new Promise((resolve) =>
          taken.close(() => {
            resolve();
          }),
        ),
    );
    const { port } = taken.address() as AddressInfo;
    const probes = { healthy: () => true, ready: () => true, metrics: () => Promise.resolve('') };
    await expect(startHealthServer('127.0.0.1', port, probes)).rejects.toThrow(
      `Set HEALTH_PORT and HEALTH_HOST: found EADDRINUSE on 127.0.0.1:${port}, expected a free port of this machine`,
    );
  });
});
