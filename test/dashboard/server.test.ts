/** The server: its own routes only, guarded, cancelled when the browser goes away, errors as one sentence. */
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { DashboardReader, ReadOptions } from '../../dashboard/reader.ts';
import { startDashboard } from '../../dashboard/server.ts';
import { AccessError, ConfigError, UnavailableError } from '../../domain/errors.ts';
import { eventually } from '../support/eventually.ts';
import { serve } from './support/dashboard.ts';
import { scriptedReader } from './support/scripted-reader.ts';

const RANGE = 'from=2024-05-01T00&to=2024-05-02T00';

/** The lines of an answer. */
async function ask(url: string): Promise<{ status: number; lines: Record<string, unknown>[] }> {
  const response = await fetch(url);
  const lines = (await response.text()).trim().split('\n');
  return { status: response.status, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

/** A request with headers, or a path as it stands, that fetch() does not let one send. */
function raw(url: string, headers: Record<string, string>, path = '/'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end();
  });
}

describe('startDashboard()', () => {
  it('case 95: serves the page for each view, with a policy that lets nothing foreign in', async () => {
    const { url } = await serve({ reader: scriptedReader() });
    for (const path of ['/', '/coverage', '/scorecard', '/definitions']) {
      const response = await fetch(url + path);
      const policy = response.headers.get('content-security-policy');
      expect([path, response.status]).toEqual([path, 200]);
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|http/);
      expect(await response.text()).not.toMatch(/<script>|style=|https?:\/\/(?!www\.w3\.org)/);
    }
  });

  it.each([
    '/index.html',
    '/../package.json',
    '/%2e%2e/package.json',
    '/api',
    '/api/constructor',
    '/api/extent.csv',
    '/x',
    '//localhost/package.json',
    'http://localhost/package.json',
    '*',
    // No addresses at all.
    '//',
    'http://[',
  ])('answers nothing but its own routes: %s', async (path) => {
    const defects: unknown[] = [];
    const { url } = await serve({ reader: scriptedReader(), onDefect: (error) => defects.push(error) });
    expect(await raw(url, {}, path)).toBe(404);
    expect(defects).toEqual([]);
  });

  it.each(['POST', 'PUT', 'DELETE'])('refuses to change anything: %s', async (method) => {
    const { url } = await serve({ reader: scriptedReader() });
    expect((await fetch(`${url}/api/extent`, { method })).status).toBe(405);
  });

  it('answers to addresses, localhost and listed names, not to a name that someone else points here', async () => {
    const { url } = await serve({ reader: scriptedReader(), hostNames: ['feed.example.com'] });
    expect(await raw(url, { host: 'evil.example.com' })).toBe(421);
    expect(await raw(url, { host: 'feed.example.com' })).toBe(200);
    expect(await raw(url, { host: 'localhost:1' })).toBe(200);
    expect(await raw(url, { host: '[::1]:80' })).toBe(200);
  });

  it('listens on loopback unless told otherwise, and names a port that is taken', async () => {
    const { url } = await serve({ reader: scriptedReader() });
    const { hostname, port } = new URL(url);
    expect(hostname).toBe('127.0.0.1');
    const second = startDashboard({
      reader: scriptedReader(),
      page: [],
      version: '0',
      port: Number(port),
      now: Date.now,
    });
    await expect(second).rejects.toThrow(ConfigError);
    await expect(second).rejects.toThrow(`EADDRINUSE on 127.0.0.1:${port}`);
  });
});

describe('the panels', () => {
  it.each([
    ['kpis?family=views', '"from"'],
    [`kpis?${RANGE}&family=all`, 'family'],
    [`kpis?${RANGE}&family=views&f=ip_address:1`, 'ip_address'],
    [`series?${RANGE}&family=views&grain=minute`, 'grain'],
    [`breakdown?${RANGE}&family=views&dimension=source&limit=9999`, 'limit'],
    [`funnel?${RANGE}&extra=1`, 'extra'],
    ['funnel?from=2024-05-02T00&to=2024-05-01T00', 'before'],
    ['coverage?from=2020-01-01T00&to=2024-05-01T00', 'at most'],
    ['hour?hour=2024-13-01T00', 'hour'],
  ])('refuse before anything is asked: %s', async (path, named) => {
    let asked = 0;
    const counting = new Proxy(scriptedReader(), {
      get: () => () => {
        asked += 1;
        return Promise.resolve([]);
      },
    });
    const { url } = await serve({ reader: counting });
    const { status, lines } = await ask(`${url}/api/${path}`);
    expect(status).toBe(400);
    expect(lines[0]).toMatchObject({ error: { kind: 'input' } });
    expect(JSON.stringify(lines[0])).toContain(named.replaceAll('"', ''));
    expect(asked).toBe(0);
  });

  it('hand the range and the filters to the reader', async () => {
    const asked: unknown[] = [];
    const reader = scriptedReader();
    const { url } = await serve({
      reader: {
        ...reader,
        funnel: (query, options) => {
          asked.push(query);
          return reader.funnel(query, options);
        },
      },
    });
    await ask(`${url}/api/funnel?${RANGE}&f=source:goo%3Agle&f=country`);
    expect(asked).toEqual([
      {
        range: { from: '2024-05-01T00', to: '2024-05-02T00' },
        filters: [
          { dimension: 'source', value: 'goo:gle' },
          { dimension: 'country', value: null },
        ],
      },
    ]);
  });

  it('send progress while a query runs, then the answer', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { url } = await serve({
      reader: scriptedReader({
        async products(_, options) {
          const timer = setInterval(() => options?.onProgress?.({ readRows: 5, totalRows: 10 }), 10);
          await gate;
          clearInterval(timer);
          return { rows: [], purchases: 0 };
        },
      }),
    });
    const response = await fetch(`${url}/api/products?${RANGE}`);
    const text = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const first = await text.read();
    expect(first.value).toContain('{"progress":{"readRows":5,"totalRows":10}}');
    release();
    let rest = '';
    for (let chunk = await text.read(); !chunk.done; chunk = await text.read()) rest += chunk.value;
    expect(rest.trim().split('\n').at(-1)).toBe('{"data":{"rows":[],"purchases":0}}');
  });

  it('cancel the query when the browser goes away', async () => {
    let asked = false;
    let aborted = false;
    const products = (_: unknown, { signal }: ReadOptions = {}): ReturnType<DashboardReader['products']> =>
      new Promise((_resolve, reject) => {
        asked = true;
        signal?.addEventListener('abort', () => {
          aborted = true;
          reject(new UnavailableError('Cannot go on: found no one waiting'));
        });
      });
    const { url } = await serve({ reader: scriptedReader({ products }) });
    const controller = new AbortController();
    const gone = fetch(`${url}/api/products?${RANGE}`, { signal: controller.signal }).catch(() => 'gone');
    await eventually(() => asked);
    controller.abort();
    expect(await gone).toBe('gone');
    await eventually(() => aborted);
  });

  it("pass on the words of our own errors and nobody else's", async () => {
    const defects: unknown[] = [];
    const { url } = await serve({
      reader: scriptedReader({
        funnel: () => Promise.reject(new AccessError('Cannot read: found no rights')),
        products: () => Promise.reject(new Error('password hunter2 refused')),
      }),
      onDefect: (error) => defects.push(error),
    });
    expect(await ask(`${url}/api/funnel?${RANGE}`)).toEqual({
      status: 502,
      lines: [{ error: { kind: 'access', message: 'Cannot read: found no rights' } }],
    });
    const { status, lines } = await ask(`${url}/api/products?${RANGE}`);
    expect(status).toBe(500);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(defects).toHaveLength(1);
  });

  it('are saved as CSV, and the scorecard as JSON with its proof', async () => {
    const { url } = await serve({ reader: scriptedReader() });
    const csv = await fetch(`${url}/api/breakdown.csv?${RANGE}&dimension=source&family=views&limit=10`);
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="breakdown.csv"');
    expect(await csv.text()).toBe('source,page_views,visitors,purchases\r\ngoogle,10,5,1\r\n');
    const figures = await fetch(`${url}/api/key-figures.csv?${RANGE}`);
    expect(await figures.text()).toBe(
      'metric,value,previous\r\npage_views,10,\r\nvisitors,5,\r\nsessions,4,\r\npurchases,1,\r\n',
    );
    const days = await fetch(`${url}/api/coverage-days.csv?${RANGE}`);
    expect(await days.text()).toBe(
      'day,loaded,empty,changed,withdrawn,rejected,cleared,absent,not_loaded,quarantined\r\n2024-05-01,1,0,0,0,0,0,0,0,0\r\n',
    );
    const json = await fetch(`${url}/api/scorecard.json?${RANGE}`);
    expect(json.headers.get('content-disposition')).toContain('scorecard-2024-06-01.json');
    expect(await json.json()).toMatchObject({
      product: 'clickfeed 0.0.0-test',
      judgedAtMs: 0,
      proof: [],
      visitors: [
        { dimension: 'source' },
        { dimension: 'device' },
        { dimension: 'country' },
        { dimension: 'visitor_kind' },
      ],
    });
  });
});

describe('POST /api/quarantine', () => {
  const quarantine = {
    lines: (_hour: unknown, { user, password }: { user: string; password: string }) =>
      user === 'operator' && password === 'right'
        ? Promise.resolve([])
        : Promise.reject(new AccessError('Cannot read the quarantined lines: found a wrong name or password')),
  };
  const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/api/quarantine`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const body = { hour: '2024-05-01T00', user: 'operator', password: 'right' };

  it('answers whoever may read the lines', async () => {
    const { url } = await serve({ reader: scriptedReader(), quarantine });
    expect(await (await post(url, body)).json()).toEqual({ data: [] });
  });

  it('refuses a wrong password without repeating it', async () => {
    const { url } = await serve({ reader: scriptedReader(), quarantine });
    const response = await post(url, { ...body, password: 'hunter2' });
    expect(response.status).toBe(502);
    expect(await response.text()).not.toContain('hunter2');
    const odd = await post(url, { ...body, password: ['hunter2'] });
    expect(odd.status).toBe(400);
    expect(await odd.text()).not.toContain('hunter2');
  });

  it('refuses other pages, other content and long bodies', async () => {
    const { url } = await serve({ reader: scriptedReader(), quarantine });
    expect((await post(url, body, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post(url, body, { 'content-type': 'text/plain' })).status).toBe(403);
    expect((await post(url, { ...body, password: 'x'.repeat(10_000) })).status).toBe(400);
  });
});
