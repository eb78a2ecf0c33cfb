/** Case 96: the audit of CI, asked of a registry that knows faults, one that knows none, and one that is broken. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cleanUpLater } from '../support/cleanup.ts';
import { createTempDir } from '../support/own-servers.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/audit.ts', import.meta.url));

/** A registry that answers audits so, and has no package. @returns its URL */
async function startRegistry(status: number, advisories: object): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    const isAudit = request.url?.startsWith('/-/npm/v1/security/') === true;
    response.writeHead(isAudit ? status : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isAudit ? advisories : { error: 'not found' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUpLater(async () => {
    server.closeAllConnections();
    server.close();
    await Promise.resolve();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function audit(registry: string): Promise<{ readonly code: number | null; readonly said: string }> {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_config_/i.test(name));
  const npm = { NPM_CONFIG_REGISTRY: registry, NPM_CONFIG_CACHE: await createTempDir(), NPM_CONFIG_FETCH_RETRIES: '0' };
  const env = { ...Object.fromEntries(own), ...npm };
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, said };
}

/** A fault of every version of a package that is shipped. */
function faultOf(severity: string): object {
  const url = 'https://example.com/advisory';
  return {
    yauzl: [{ id: 1, url, title: 'A fault', severity, vulnerable_versions: '>=0.0.1', cwe: [], cvss: { score: 9 } }],
  };
}

describe('npm run audit', () => {
  it.each([
    ['fails on a high fault of what is shipped, and names it', 200, faultOf('high'), 1, /high: yauzl/],
    ['passes where nothing is known', 200, {}, 0, /Audited what is shipped: 0 known faults/],
    ['fails when the registry is broken', 500, { error: 'broken' }, 1, /Cannot audit the dependencies/],
  ] as const)('case 96: %s', async (_what, status, advisories, code, said) => {
    const result = await audit(await startRegistry(status, advisories));
    expect(result.said).toMatch(said);
    expect(result.code).toBe(code);
  });
});
