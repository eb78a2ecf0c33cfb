/** Where a worker takes the workflows' code from: what `npm run build` bundled, or in a checkout a bundle of the sources as they are now. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkerOptions } from '@temporalio/worker';

/** Folders of the sources that a bundle is made of: workflows import values of the domain alone, which the linter enforces. */
const SOURCE_FOLDERS = ['workflows', 'domain'] as const;
const CACHED = /^workflow-bundle-[0-9a-f]{64}\.js$/;

/**
 * The bundle beside the compiled program, else one of the sources: kept in `node_modules/.cache` until they or the SDK change, as
 * bundling takes longer than everything else at the start of a worker.
 * @param root folder of the program, compiled or not
 * @param suffix of its files, such as `.ts`
 */
export async function workflowSource(root: string, suffix: string): Promise<Pick<WorkerOptions, 'workflowBundle'>> {
  const built = join(root, 'workflow-bundle.js');
  if (existsSync(built)) return { workflowBundle: { codePath: built } };
  const cacheDir = join(root, 'node_modules', '.cache', 'clickfeed');
  const name = `workflow-bundle-${await fingerprint(root)}.js`;
  const codePath = join(cacheDir, name);
  if (!existsSync(codePath)) {
    const workflowsPath = join(root, 'workflows', `index${suffix}`);
    const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
    await keep(cacheDir, name, code);
  }
  return { workflowBundle: { codePath } };
}

/** Of every source file and of the SDK's version. */
async function fingerprint(root: string): Promise<string> {
  const hash = createHash('sha256').update(sdkVersion());
  for (const folder of SOURCE_FOLDERS) {
    const names = await readdir(join(root, folder), { recursive: true });
    for (const name of names.filter((each) => /\.[jt]s$/.test(each)).sort()) {
      const bytes = await readFile(join(root, folder, name));
      hash.update(`\n${folder}/${name} ${bytes.length}\n`).update(bytes);
    }
  }
  return hash.digest('hex');
}

function sdkVersion(): string {
  const { version } = createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string };
  return version;
}

/** Several workers may do so at once: each writes a file of its own and puts it in place. Bundles of former sources go. */
async function keep(cacheDir: string, name: string, code: string): Promise<void> {
  await mkdir(cacheDir, { recursive: true });
  const part = join(cacheDir, `.${name}.${process.pid}`);
  await writeFile(part, code);
  await rename(part, join(cacheDir, name));
  for (const other of await readdir(cacheDir)) {
    if (CACHED.test(other) && other !== name) await rm(join(cacheDir, other), { force: true });
  }
}
