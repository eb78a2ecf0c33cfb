/** One answer of metrics: Temporal's (the SDK's own and those of loads, made through its meter), the feed's and the process's. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { registerFeedGauges, type FeedGaugesOptions } from './feed-gauges.ts';

const SDK_TIMEOUT_MS = 5_000;

/**
 * Joins what Temporal's exporter serves with gauges of the feed and memory, CPU and event-loop figures of the process.
 * @param sdkAddress where the exporter listens, host:port on the loopback
 */
export function createMetrics(sdkAddress: string, feed: FeedGaugesOptions): () => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const refreshFeedGauges = registerFeedGauges(registry, feed);
  return async () => {
    await refreshFeedGauges();
    const sdk = await fetch(`http://${sdkAddress}/metrics`, { signal: AbortSignal.timeout(SDK_TIMEOUT_MS) });
    return `${(await sdk.text()).trimEnd()}\n${await registry.metrics()}`;
  };
}

/** A free port of the loopback: Temporal's exporter cannot say which one it took when asked for any. */
export async function freeLoopbackPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
