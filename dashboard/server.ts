/** The dashboard's server: serves the page and answers for its panels; reads only, on loopback unless told otherwise. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError, InputError } from '../domain/errors.ts';
import type { Hour } from '../domain/hour.ts';
import type { QuarantineReader } from './quarantine-reader.ts';
import type { DashboardReader, ThresholdOverrides } from './reader.ts';
import { answerFile, answerLines, csvFile, sendFailure, type OnDefect } from './server/answer.ts';
import { prepareAssets, type Asset, type PageFile } from './server/assets.ts';
import { failureOf } from './server/failure.ts';
import { isOurHost } from './server/hosts.ts';
import { PANELS, SCORECARD_FACTS, type PanelSource } from './server/panels.ts';
import { answerQuarantine } from './server/quarantine.ts';
import { guard, send } from './server/respond.ts';
import { scorecardFile } from './server/scorecard-file.ts';
import type { Surroundings } from './wire.ts';

/** What the server needs. */
export interface DashboardOptions {
  readonly reader: DashboardReader;
  /** The built page: from `buildPage` in development, `readPageFiles` of a build. */
  readonly page: readonly PageFile[];
  readonly version: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
  /** Names besides localhost under which the server is reached, such as behind a proxy. */
  readonly hostNames?: readonly string[];
  readonly temporalUi?: Surroundings['temporalUi'];
  readonly thresholds?: ThresholdOverrides;
  /** The feed's first hour by configuration. */
  readonly feedStart?: Hour;
  /** Reads quarantined lines with an operator's own name and password; without it the page shows the command only. */
  readonly quarantine?: QuarantineReader;
  readonly now: () => number;
  /** Hears of errors that are defects; their words are not shown to the browser. */
  readonly onDefect?: OnDefect;
}

/** A running dashboard. */
export interface DashboardServer {
  /** Such as http://127.0.0.1:8090. */
  readonly url: string;
  close(): Promise<void>;
}

/** Addresses of the page's views; each serves the same document. */
const VIEWS = new Set(['/', '/coverage', '/scorecard', '/definitions']);
const NO_SUCH_ADDRESS = 'Cannot find this address\n';
const HASHED = /-[A-Z0-9]{8}\.\w+$/;

/**
 * Starts the dashboard.
 * @throws {ConfigError} when the port is taken or the address is not ours
 */
export async function startDashboard(options: DashboardOptions): Promise<DashboardServer> {
  const assets = prepareAssets(options.page);
  const server = createServer((request, response) => {
    guard(response);
    handle(request, response, options, assets).catch((error: unknown) => {
      options.onDefect?.(error);
      response.destroy();
    });
  });
  const host = options.host ?? '127.0.0.1';
  await listen(server, host, options.port);
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () => close(server),
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: DashboardOptions,
  assets: ReadonlyMap<string, Asset>,
): Promise<void> {
  if (!isOurHost(request.headers.host, options.hostNames ?? [])) {
    send(response, 421, 'text/plain', 'Cannot answer under this host name: expected localhost or a listed name\n');
    return;
  }
  const address = request.url ?? '/';
  if (!URL.canParse(address, 'http://localhost')) {
    send(response, 404, 'text/plain', NO_SUCH_ADDRESS);
    return;
  }
  const url = new URL(address, 'http://localhost');
  if (url.pathname === '/api/quarantine' && options.quarantine) {
    await answerQuarantine(request, response, options.quarantine);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(response, 405, 'text/plain', 'Cannot change anything here: expected GET\n', { allow: 'GET, HEAD' });
    return;
  }
  if (url.pathname.startsWith('/api/')) await answerApi(url, response, options);
  else sendPage(url.pathname, request, response, assets);
}

function sendPage(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  assets: ReadonlyMap<string, Asset>,
) {
  const name = VIEWS.has(path) ? 'index.html' : path.slice(1);
  const asset = assets.get(name);
  if (asset === undefined || path === '/index.html') {
    send(response, 404, 'text/plain', NO_SUCH_ADDRESS);
    return;
  }
  const gzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  send(response, 200, asset.type, gzip ? asset.gzip : asset.plain, {
    vary: 'accept-encoding',
    ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    // a hashed name never changes its content; the document must be asked for again
    'cache-control': HASHED.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
}

/** /api/<panel>, /api/<panel>.csv, /api/scorecard.json, /api/surroundings. */
async function answerApi(url: URL, response: ServerResponse, options: DashboardOptions): Promise<void> {
  const onDefect = options.onDefect ?? (() => undefined);
  const [, panelName = '', extension] = /^\/api\/([a-z-]+)(?:\.(csv|json))?$/.exec(url.pathname) ?? [];
  if (panelName === 'surroundings') {
    await answerLines(() => Promise.resolve(surroundings(options)), response, onDefect);
    return;
  }
  const panel = Object.hasOwn(PANELS, panelName) ? PANELS[panelName] : undefined;
  const isCsv = extension === 'csv' && panel?.csv !== undefined;
  const isJson = extension === 'json' && panelName === 'scorecard';
  if (panel === undefined || (extension !== undefined && !isCsv && !isJson)) {
    const error = new InputError(`Cannot find ${JSON.stringify(url.pathname)}: expected an address of the page`);
    sendFailure(response, 404, { kind: 'input', message: error.message });
    return;
  }
  let asked;
  try {
    asked = (isJson ? SCORECARD_FACTS : panel).ask(url.searchParams);
  } catch (error) {
    const { status, ...failure } = failureOf(error);
    if (failure.kind === 'unexpected') onDefect(error);
    sendFailure(response, status, failure);
    return;
  }
  const source: PanelSource = { reader: options.reader, thresholds: options.thresholds ?? {} };
  const question = (read: Parameters<typeof asked>[1]): Promise<unknown> => asked(source, read);
  if (isCsv) await answerFile(question, csvFile(panelName, panel.csv), response, onDefect);
  else if (isJson) await answerFile(question, scorecardFile(options.version, options.now()), response, onDefect);
  else await answerLines(question, response, onDefect);
}

function surroundings({ version, temporalUi, quarantine, feedStart }: DashboardOptions): Surroundings {
  return {
    version,
    quarantine: quarantine !== undefined,
    ...(temporalUi ? { temporalUi } : {}),
    ...(feedStart ? { feedStart } : {}),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const found = `${error.code ?? 'an error'} on ${host}:${port}`;
      reject(
        new ConfigError([`Set another port for the dashboard: found ${found}, expected a free port of this machine`]),
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
