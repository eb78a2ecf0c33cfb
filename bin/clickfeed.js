#!/usr/bin/env node
// Runs the compiled program; in a checkout with its development dependencies the sources, so that no build is stale.
import { existsSync } from 'node:fs';

const sources = new URL('../client/main.ts', import.meta.url);
const compiled = new URL('../dist/client/main.js', import.meta.url);

const tsx = existsSync(sources) ? await import('tsx/esm/api').catch(() => undefined) : undefined;
if (tsx !== undefined) {
  tsx.register();
  await import(sources.href);
} else if (existsSync(compiled)) {
  await import(compiled.href);
} else {
  console.error('Cannot start clickfeed: found neither dist/ nor tsx, expected one; run npm ci, or npm run build');
  process.exitCode = 1;
}
