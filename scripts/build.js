// Compiles to dist/ and bundles the workflows and the page, so that production starts without a bundler at work.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = new URL('../', import.meta.url);
const path = (relative) => fileURLToPath(new URL(relative, root));

rmSync(path('dist'), { recursive: true, force: true });
// `--noCheck` leaves out the types, for whoever has checked them already: half of the time.
const compile = [
  path('node_modules/@typescript/native/bin/tsc'),
  '-p',
  path('tsconfig.build.json'),
  ...process.argv.slice(2),
];
execFileSync(process.execPath, compile, { stdio: 'inherit' });
// From the compiled files, whose names the worker of dist/ would bundle too.
const { code } = await bundleWorkflowCode({
  workflowsPath: path('dist/workflows/index.js'),
  logger: new DefaultLogger('WARN'),
});
writeFileSync(path('dist/workflow-bundle.js'), code);

const { buildPage } = await import(new URL('dist/dashboard/build-page.js', root).href);
mkdirSync(path('dist/dashboard/assets'));
for (const { name, bytes } of await buildPage(path('dashboard/page/'))) {
  writeFileSync(path(`dist/dashboard/assets/${name}`), bytes);
}
