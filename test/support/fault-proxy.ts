/** An HTTP proxy before a real server that breaks chosen requests in chosen ways. */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cleanUpLater } from './cleanup.ts';

/**
 * - `lose-answer`: the server gets the request and answers; the client's connection is reset instead
 * - `keep-silent`: the server gets the request and answers; the client hears nothing
 * - `reset-before`: the connection is reset before the server gets anything
 * - `bad-gateway`: a proxy's 502 page, nothing reaches the server
 * - `exception-header`: status 200 with ClickHouse's exception header
 * - `exception-body`: status 200 with an exception as its body
 */
export type Fault =
  'lose-answer' | 'keep-silent' | 'reset-before' | 'bad-gateway' | 'exception-header' | 'exception-body';

/** The proxy; faults are used up one by one by the requests that match. */
export interface FaultProxy {
  readonly url: string;
  /** The next requests whose SQL contains `sql` meet these faults, in order. */
  breakNext(sql: string, ...faults: Fault[]): void;
  /** Faults not met yet. */
  readonly left: number;
}

/** Starts a proxy to `target`; it ends with the test. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const planned: { sql: string; fault: Fault }[] = [];
  const server = createServer((incoming, answer) => {
    void handle(target, planned, incoming, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUpLater(() => close(server));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    breakNext: (sql, ...faults) => planned.push(...faults.map((fault) => ({ sql, fault }))),
    get left() {
      return planned.length;
    },
  };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function handle(
  target: string,
  planned: { sql: string; fault: Fault }[],
  incoming: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const url = new URL(incoming.url ?? '/', target);
    const sql = url.searchParams.get('query') ?? body.toString('utf8');
    const index = planned.findIndex((plan) => sql.includes(plan.sql));
    const [plan] = index < 0 ? [] : planned.splice(index, 1);
    await meet(plan?.fault, { url, body, incoming, answer });
  } catch {
    answer.destroy(); // the client went away, which is part of some tests
  }
}

interface Exchange {
  readonly url: URL;
  readonly body: Buffer;
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
}

async function meet(fault: Fault | undefined, exchange: Exchange): Promise<void> {
  const { answer } = exchange;
  switch (fault) {
    case undefined:
      return forward(exchange, answer);
    case 'lose-answer':
      await forward(exchange);
      answer.socket?.resetAndDestroy();
      return;
    case 'keep-silent':
      return forward(exchange);
    case 'reset-before':
      answer.socket?.resetAndDestroy();
      return;
    case 'bad-gateway':
      answer.writeHead(502, { 'content-type': 'text/html' }).end('<html><body><h1>502 Bad Gateway</h1></body></html>');
      return;
    case 'exception-header':
      answer.writeHead(200, { 'X-ClickHouse-Exception-Code': '209' }).end('');
      return;
    case 'exception-body':
      answer.writeHead(200).end('Code: 209. DB::NetException: Timeout exceeded. (SOCKET_TIMEOUT) (version 26.7.2.1)\n');
      return;
  }
}

/** Sends the request on and, where there is an `answer`, the response back. Waits for its end in any case. */
async function forward({ url, body, incoming }: Exchange, answer?: ServerResponse): Promise<void> {
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).filter(([name]) => name !== 'host' && name !== 'transfer-encoding'),
  );
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(url, {
      method: incoming.method ?? 'POST',
      headers: { ...headers, 'content-length': body.length },
    });
    outgoing.on('response', resolve).on('error', reject).end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  answer?.writeHead(response.statusCode ?? 500, response.headers).end(Buffer.concat(chunks));
}
