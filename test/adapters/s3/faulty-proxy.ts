/** A proxy before the real S3 server that breaks answers on their way, as networks and other stores do. */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one request. */
export type Fault =
  | { readonly kind: 'pass' }
  /** The connection is reset after so many bytes of the body. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** Nothing more comes after so many bytes of the body, the connection stays. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** The body ends cleanly after so many bytes, without Content-Length. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The body has more bytes than asked for, without Content-Length. */
  | { readonly kind: 'lengthen' }
  /** A header of the answer is replaced. */
  | { readonly kind: 'set-header'; readonly header: string; readonly value: string }
  /** The proxy itself answers. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string | Buffer;
      readonly headers?: Record<string, string>;
    }
  /** The proxy never answers. */
  | { readonly kind: 'silence' };

/** A running proxy. */
export interface FaultyProxy {
  readonly endpoint: string;
  /** Method, path and Range of every request, in order. */
  readonly seen: string[];
  /** Names of all headers of the store's answers. */
  readonly answerHeaders: Set<string>;
  close(): Promise<void>;
}

/** Says what happens to a request: its number counts from 0. */
export type FaultPlan = (requestNumber: number, incoming: IncomingMessage) => Fault;

/** Starts a proxy before `target`. */
export async function startFaultyProxy(target: string, plan: FaultPlan): Promise<FaultyProxy> {
  const seen: string[] = [];
  const answerHeaders = new Set<string>();
  const server = createServer((incoming, outgoing) => {
    const fault = plan(seen.length, incoming);
    seen.push([incoming.method, incoming.url, incoming.headers.range].filter(Boolean).join(' '));
    answer(target, fault, incoming, outgoing, answerHeaders);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, seen, answerHeaders, close: () => close(server) };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

function answer(
  target: string,
  fault: Fault,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answerHeaders: Set<string>,
): void {
  if (fault.kind === 'silence') return;
  if (fault.kind === 'answer') {
    outgoing.writeHead(fault.status, { 'content-type': 'application/xml', ...fault.headers });
    outgoing.end(fault.body);
    return;
  }
  const { headers } = incoming; // with the Host that was signed
  const forwarded = request(new URL(incoming.url ?? '/', target), { method: incoming.method, headers }, (reply) => {
    for (const name of Object.keys(reply.headers)) answerHeaders.add(name);
    relay(fault, reply, outgoing);
  });
  forwarded.on('error', () => outgoing.destroy());
  incoming.pipe(forwarded);
}

function relay(fault: Fault, reply: IncomingMessage, outgoing: ServerResponse): void {
  const headers = { ...reply.headers };
  if (fault.kind === 'set-header') headers[fault.header] = fault.value;
  if (fault.kind === 'cut' || fault.kind === 'lengthen') delete headers['content-length'];
  outgoing.writeHead(reply.statusCode ?? 500, headers);
  if (fault.kind === 'pass' || fault.kind === 'set-header') {
    reply.pipe(outgoing);
    return;
  }
  const limitBytes = 'afterBytes' in fault ? fault.afterBytes : Number.POSITIVE_INFINITY;
  let sentBytes = 0;
  reply.on('data', (chunk: Buffer) => {
    if (sentBytes === limitBytes) return;
    const part = chunk.subarray(0, limitBytes - sentBytes);
    sentBytes += part.length;
    outgoing.write(part, () => {
      if (sentBytes === limitBytes) breakOff(fault, outgoing);
    });
  });
  reply.on('end', () => {
    if (fault.kind === 'lengthen') outgoing.end('more');
    else if (sentBytes < limitBytes) outgoing.end();
  });
}

function breakOff(fault: Fault, outgoing: ServerResponse): void {
  if (fault.kind === 'reset') outgoing.socket?.resetAndDestroy();
  if (fault.kind === 'cut') outgoing.end();
}
