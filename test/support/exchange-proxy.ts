/**
 * A TCP proxy before an HTTP server that breaks one exchange at a byte of the request's body or of the answer. Heads of requests pass whole.
 * A request whose client is reset ends for the server: it may meet a reset before it has read the head (docs/reliability.md).
 */
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { breakOff, type Break } from './tcp-proxy.ts';

type Part = 'request body' | 'answer';

/** Where and how an exchange breaks, once so many bytes of the part went through. */
export interface ExchangeBreak {
  readonly what: Break['what'];
  /** Number of the exchange, from 0, in the order in which requests begin. */
  readonly exchange: number;
  readonly part: Part;
  readonly atByte: number;
}

/** A running proxy. */
export interface ExchangeProxy {
  readonly url: string;
  /** Bytes that went through each exchange until now, those of its framing among them. */
  readonly exchanges: readonly Readonly<Record<Part, number>>[];
  readonly isMet: boolean;
  close(): Promise<void>;
}

const HEAD_END = '\r\n\r\n';

/** Starts a proxy to the origin `target`. Requests must not be pipelined. */
export async function startExchangeProxy(target: string, broken?: ExchangeBreak): Promise<ExchangeProxy> {
  const { hostname, port } = new URL(target);
  const exchanges: Record<Part, number>[] = [];
  const open = new Set<Socket>();
  const state = { isMet: false };
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true });
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket
        .on('error', () => undefined)
        .on('end', () => (socket === client ? upstream : client).end())
        .on('close', () => {
          open.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    let number = -1;
    let isBroken = false;
    const pass = (part: Part, chunk: Buffer, from: Socket, to: Socket): void => {
      const exchange = exchanges[number];
      if (isBroken || exchange === undefined) return;
      const before = exchange[part];
      exchange[part] += chunk.length;
      const isHere =
        !state.isMet && broken?.exchange === number && broken.part === part && exchange[part] >= broken.atByte;
      to.write(isHere ? chunk.subarray(0, broken.atByte - before) : chunk);
      if (!isHere) return;
      isBroken = broken.what !== 'delay';
      state.isMet = true;
      if (broken.what === 'reset' && part === 'request body') {
        upstream.end();
        client.resetAndDestroy();
      } else breakOff(broken, from, to, chunk.subarray(broken.atByte - before));
    };
    const passHead = headPasser(upstream, () => {
      number = exchanges.push({ 'request body': 0, answer: 0 }) - 1;
    });
    client.on('data', (chunk: Buffer) => {
      const body = passHead(chunk, (exchanges[number]?.answer ?? 1) > 0);
      if (body.length > 0) pass('request body', body, client, upstream);
    });
    upstream.on('data', (chunk: Buffer) => {
      pass('answer', chunk, upstream, client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    get isMet() {
      return state.isMet;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Passes heads of requests on, and returns what belongs to the body. What comes behind an answer is the next head.
 * @param begin is called when a head begins
 */
function headPasser(upstream: Socket, begin: () => void): (chunk: Buffer, isAnswered: boolean) => Buffer {
  let head: string | undefined;
  return (chunk, isAnswered) => {
    if (head === undefined && isAnswered) {
      begin();
      head = '';
    }
    if (head === undefined) return chunk;
    const knownBytes = head.length;
    head += chunk.toString('latin1');
    const end = head.indexOf(HEAD_END);
    const headBytes = end < 0 ? chunk.length : end + HEAD_END.length - knownBytes;
    if (end >= 0) head = undefined;
    upstream.write(chunk.subarray(0, headBytes));
    return chunk.subarray(headBytes);
  };
}
