import { cp, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { workflowSource } from '../../../adapters/temporal/workflow-source.ts';
import { createTempDir } from '../../support/own-servers.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Long ago, so that a file that is written again is told from one that is not. */
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

describe('workflowSource()', () => {
  let root: string;

  /** A checkout of its own, with the packages of this one but its own cache. */
  beforeEach(async () => {
    root = await createTempDir();
    for (const folder of ['workflows', 'domain', 'activities']) {
      await cp(join(ROOT, folder), join(root, folder), { recursive: true });
    }
    await cp(join(ROOT, 'package.json'), join(root, 'package.json'));
    await mkdir(join(root, 'node_modules'));
    for (const name of await readdir(join(ROOT, 'node_modules'))) {
      if (name !== '.cache') await symlink(join(ROOT, 'node_modules', name), join(root, 'node_modules', name));
    }
  });

  async function codePath(): Promise<string> {
    const { workflowBundle } = await workflowSource(root, '.ts');
    return (workflowBundle as { codePath: string }).codePath;
  }

  it('keeps a bundle of the sources until one of them changes, and only that', async () => {
    const first = await codePath();
    expect(await readFile(first, 'utf8')).toContain('hourlyLoad');
    await utimes(first, LONG_AGO, LONG_AGO);
    expect(await codePath()).toBe(first);
    expect((await stat(first)).mtimeMs).toBe(LONG_AGO.getTime());

    const file = join(root, 'domain', 'service.ts');
    const source = await readFile(file, 'utf8');
    await writeFile(file, source.replace("'clickfeed", "'another-clickfeed"));
    const second = await codePath();
    expect(second).not.toBe(first);
    expect(await readFile(second, 'utf8')).toContain('another-clickfeed');
    expect(await readdir(join(second, '..'))).toHaveLength(1);
  });

  it('takes the bundle that was built, without a look at sources', async () => {
    const built = join(root, 'workflow-bundle.js');
    await writeFile(built, '');
    await rm(join(root, 'workflows'), { recursive: true });
    expect(await codePath()).toBe(built);
  });
});
