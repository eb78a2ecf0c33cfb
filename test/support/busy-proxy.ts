/** An HTTP proxy before a real server that is slow, or has too much to do, and counts what it has in hand. */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanUpLater } from './cleanup.ts';

/** How busy the server is; may be changed at any time. */
export interface Business {
  /** Every answer comes so much later. */
  delayMs: number;
  /** Requests at a time; each one more is answered with 503 SlowDown. */
  atOnce: number;
}

/** A running proxy. */
export interface BusyProxy {
  readonly url: string;
  readonly business: Business;
  /** Requests answered with 503 until now. */
  readonly refused: number;
  /** The most requests in hand at a time since the last call. */
  takeMost(): number;
}

const SLOW_DOWN =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

/** Starts a proxy to `target`; it ends with the test. */
export async function startBusyProxy(target: string, business: Business): Promise<BusyProxy> {
  const state = { inHand: 0, most: 0, refused: 0 };
  const server = createServer((incoming, answer) => {
    if (state.inHand >= business.atOnce) {
      state.refused += 1;
      incoming.resume();
      answer.writeHead(503, { 'content-type': 'application/xml' }).end(SLOW_DOWN);
      return;
    }
    state.inHand += 1;
    state.most = Math.max(state.most, state.inHand);
    answer.on('close', () => (state.inHand -= 1));
    forward(target, business.delayMs, incoming, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUpLater(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    business,
    get refused() {
      return state.refused;
    },
    takeMost: () => {
      const { most } = state;
      state.most = state.inHand;
      return most;
    },
  };
}

function forward(target: string, delayMs: number, incoming: IncomingMessage, answer: ServerResponse): void {
  const { method, headers } = incoming; // with the Host that was signed
  const forwarded = request(new URL(incoming.url ?? '/', target), { method, headers }, (reply) => {
    const relay = async (): Promise<void> => {
      await sleep(delayMs);
      answer.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(answer);
    };
    void relay();
  });
  forwarded.on('error', () => answer.destroy());
  incoming.pipe(forwarded);
}
