/** An HTTP proxy before a real server that breaks chosen requests in chosen ways. */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanUpLater } from './cleanup.ts';

/** Long enough that the client has looked for the outcome in between. */
const LATE_MS = 150;

/**
 * - `lose-answer`: the server gets the request and answers; the client's connection is reset instead
 * - `keep-silent`: the server gets the request and answers; the client hears nothing
 * - `reset-before`: the connection is reset before the server gets anything
 * - `bad-gateway`: a proxy's 502 page, nothing reaches the server
 * - `gateway-timeout`: the server gets the request and does it; a proxy does not wait and answers with its 504 page
 * - `exception-header`: status 200 with ClickHouse's exception header
 * - `exception-body`: status 200 with an exception as its body
 * - `lose-rows`: the head of the server's answer without its body, as from a ClickHouse whose disk is full
 * - `deliver-late`: the connection is reset at once, and the server gets the request only after that
 * - `hold-answer`: the server gets the request; its answer waits for {@link FaultProxy.release}
 * - `pass`: nothing; to count requests before the one that breaks
 */
export type Fault =
  | 'lose-answer'
  | 'keep-silent'
  | 'reset-before'
  | 'bad-gateway'
  | 'gateway-timeout'
  | 'exception-header'
  | 'exception-body'
  | 'lose-rows'
  | 'deliver-late'
  | 'hold-answer'
  | 'pass';

/** The proxy; faults are used up one by one by the requests that match. */
export interface FaultProxy {
  readonly url: string;
  /** The next requests whose SQL contains `sql` meet these faults, in order. */
  breakNext(sql: string, ...faults: Fault[]): void;
  /** Faults not met yet. */
  readonly left: number;
  /** Resolves when everything that came late has been answered by the server. */
  delivered(): Promise<void>;
  /** Lets held answers go, now and later. */
  release(): void;
}

/** Starts a proxy to `target`; it ends with the test. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const gate = createGate();
  const plan: Plan = { target, planned: [], late: [], released: gate.opened };
  const server = createServer((incoming, answer) => {
    void handle(plan, incoming, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUpLater(() => close(server));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    breakNext: (sql, ...faults) => plan.planned.push(...faults.map((fault) => ({ sql, fault }))),
    get left() {
      return plan.planned.length;
    },
    delivered: async () => {
      await Promise.all(plan.late);
    },
    release: () => {
      gate.open();
    },
  };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** What all requests share. */
interface Plan {
  readonly target: string;
  readonly planned: { sql: string; fault: Fault }[];
  /** Requests on their way although nobody waits for them. */
  readonly late: Promise<void>[];
  readonly released: Promise<void>;
}

/** Something to wait for until it is opened. */
export function createGate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

async function handle(plan: Plan, incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
  const { target, planned } = plan;
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const url = new URL(incoming.url ?? '/', target);
    const sql = url.searchParams.get('query') ?? body.toString('utf8');
    const index = planned.findIndex((candidate) => sql.includes(candidate.sql));
    const [met] = index < 0 ? [] : planned.splice(index, 1);
    await meet(met?.fault, { url, body, incoming, answer }, plan);
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

async function meet(fault: Fault | undefined, exchange: Exchange, { late, released }: Plan): Promise<void> {
  const { answer } = exchange;
  switch (fault) {
    case undefined:
    case 'pass':
      return forward(exchange, answer);
    case 'deliver-late':
      answer.socket?.resetAndDestroy();
      late.push(sleep(LATE_MS).then(() => forward(exchange)));
      return;
    case 'hold-answer':
      return forward(exchange, answer, { released });
    case 'lose-rows':
      return forward(exchange, answer, { isBodyLost: true });
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
      answerPage(answer, 502, 'Bad Gateway');
      return;
    case 'gateway-timeout':
      await forward(exchange);
      answerPage(answer, 504, 'Gateway Time-out');
      return;
    case 'exception-header':
      answer.writeHead(200, { 'X-ClickHouse-Exception-Code': '209' }).end('');
      return;
    case 'exception-body':
      answer.writeHead(200).end('Code: 209. DB::NetException: Timeout exceeded. (SOCKET_TIMEOUT) (version 26.7.2.1)\n');
      return;
  }
}

function answerPage(answer: ServerResponse, status: number, title: string): void {
  answer
    .writeHead(status, { 'content-type': 'text/html' })
    .end(`<html><body><h1>${status} ${title}</h1></body></html>`);
}

/** Sends the request on and, where there is an `answer`, the response back. Waits for its end in any case. */
async function forward(
  { url, body, incoming }: Exchange,
  answer?: ServerResponse,
  { released, isBodyLost = false }: { readonly released?: Promise<void>; readonly isBodyLost?: boolean } = {},
): Promise<void> {
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
  await released;
  answer?.writeHead(response.statusCode ?? 500, response.headers).end(isBodyLost ? '' : Buffer.concat(chunks));
}
