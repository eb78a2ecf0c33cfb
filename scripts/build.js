// Compiles to dist/ and bundles the workflows, so that a production worker starts without a bundler at work.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = new URL('../', import.meta.url);
const path = (relative) => fileURLToPath(new URL(relative, root));

rmSync(path('dist'), { recursive: true, force: true });
execFileSync(process.execPath, [path('node_modules/typescript/bin/tsc'), '-p', path('tsconfig.build.json')], {
  stdio: 'inherit',
});
// From the compiled files, whose names the worker of dist/ would bundle too.
const { code } = await bundleWorkflowCode({
  workflowsPath: path('dist/workflows/index.js'),
  logger: new DefaultLogger('WARN'),
});
writeFileSync(path('dist/workflow-bundle.js'), code);
