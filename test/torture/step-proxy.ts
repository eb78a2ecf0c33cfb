/** An HTTP proxy before ClickHouse or S3 that stops at every step of what goes through it, so that someone can die there. */
import {
  createServer,
  request,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * When, within one request:
 * - `before`: it came whole, the server has nothing of it
 * - `half`: half of its body is at the server (of a request without a body: half of the answer at the client)
 * - `sent`: all of it is at the server, which is at work
 * - `after`: the server has answered, the client has nothing of the answer
 */
export type Moment = 'before' | 'half' | 'sent' | 'after';

/** One request, named by what it does. */
export interface Step {
  /** Such as `insert browser_events_raw` or `get`. */
  readonly name: string;
}

/** Says what happens at a moment of a step, and is waited for: `cut` resets the client's connection. */
export type AtMoment = (moment: Moment) => Promise<'on' | 'cut'>;

/** A running proxy. */
export interface StepProxy {
  readonly url: string;
  /** Resolves when the server has ended every request that it got, also of clients that are gone. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/** What the proxy asks. */
interface Questions {
  readonly nameOf: (incoming: IncomingMessage, body: Buffer) => Step;
  /** Called for each request as it comes. */
  readonly meet: (step: Step) => AtMoment;
}

/** What a request shares with the others. */
interface Plan extends Questions {
  readonly target: string;
  /** Requests that the server is at work on. */
  readonly working: Set<Promise<unknown>>;
}

/** Starts a proxy to `target`. */
export async function startStepProxy(target: string, questions: Questions): Promise<StepProxy> {
  const plan: Plan = { ...questions, target, working: new Set() };
  const server = createServer((incoming, answer) => {
    handle(plan, incoming, answer).catch(() => answer.destroy()); // a client or server that died
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    quiet: async () => {
      while (plan.working.size > 0) await Promise.allSettled(plan.working);
    },
    close: () => close(server),
  };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function handle(
  { nameOf, meet, target, working }: Plan,
  incoming: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const body = await readAll(incoming);
  const at = meet(nameOf(incoming, body));
  const cut = async (moment: Moment): Promise<boolean> => {
    if ((await at(moment)) === 'on') return false;
    answer.socket?.resetAndDestroy();
    return true;
  };
  if (await cut('before')) return;
  const outgoing = request(new URL(incoming.url ?? '/', target), {
    method: incoming.method ?? 'POST',
    headers: headersFor(incoming, body),
  });
  const response = new Promise<Reply>((resolve, reject) => {
    outgoing.on('error', reject).on('response', (message) => {
      readAll(message).then((text) => {
        resolve({ message, text });
      }, reject);
    });
  });
  working.add(response);
  const done = (): void => {
    working.delete(response);
  };
  response.then(done, done);
  // A server that dies never says that it took what was written.
  if (await Promise.race([sendHalves(outgoing, body, cut), failureOf(response)])) return;
  const { message, text } = await response;
  if (await cut('after')) return;
  answer.writeHead(message.statusCode ?? 500, { ...withoutFraming(message), 'content-length': text.length });
  if (body.length > 0 || incoming.method !== 'GET') {
    answer.end(text);
    return;
  }
  answer.write(text.subarray(0, text.length >> 1));
  if (await cut('half')) return;
  answer.end(text.subarray(text.length >> 1));
}

interface Reply {
  readonly message: IncomingMessage;
  readonly text: Buffer;
}

/** Fails with the response, and else waits for ever. */
async function failureOf(response: Promise<Reply>): Promise<never> {
  await response;
  return new Promise<never>(() => undefined);
}

/** @returns whether it was cut */
async function sendHalves(
  outgoing: ClientRequest,
  body: Buffer,
  cut: (moment: Moment) => Promise<boolean>,
): Promise<boolean> {
  if (body.length === 0) {
    outgoing.end();
    return cut('sent');
  }
  const middle = body.length >> 1;
  await new Promise((resolve) => outgoing.write(body.subarray(0, middle), resolve));
  if (await cut('half')) {
    outgoing.destroy(); // as when the client is gone: the server gets the rest from nobody
    return true;
  }
  await new Promise<void>((resolve) =>
    outgoing.end(body.subarray(middle), () => {
      resolve();
    }),
  );
  return cut('sent');
}

function headersFor(incoming: IncomingMessage, body: Buffer): OutgoingHttpHeaders {
  return body.length > 0 ? { ...withoutFraming(incoming), 'content-length': body.length } : withoutFraming(incoming);
}

/** Headers without those that say how the body is cut up: it goes on in another way. */
function withoutFraming({ headers }: IncomingMessage): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name !== 'transfer-encoding' && name !== 'connection'),
  );
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Names a statement by its verb and its table. */
export function clickHouseStep(incoming: IncomingMessage, body: Buffer): Step {
  const query = new URL(incoming.url ?? '/', 'http://localhost').searchParams.get('query') ?? body.toString('utf8');
  const verb = /\b(INSERT|ALTER|SELECT|KILL|DELETE)\b/.exec(query)?.[1]?.toLowerCase() ?? 'other';
  const table = /(?:INTO|TABLE|FROM)\s+`?\w+`?\.`?(\w+)`?/.exec(query)?.[1] ?? '';
  return { name: `${verb} ${table}`.trim() };
}

/** Names a request to S3. */
export function s3Step(incoming: IncomingMessage): Step {
  return { name: incoming.url?.includes('list-type=2') === true ? 'list objects' : 'get object' };
}
