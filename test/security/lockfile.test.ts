/** Case 96: what is installed is pinned, whole and of the platforms that are promised. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
}

/**
 * Parts of the embedded ClickHouse for other platforms: the registry that the lock was made with does not carry them. None of them is
 * installed where the tests run. `npm install` against the public registry fills them in; then this list must go.
 */
const WITHOUT_CHECKSUM = /node_modules\/@chdb\/lib-/;

const { packages } = readJson('package-lock.json') as { readonly packages: Readonly<Record<string, LockedPackage>> };
const manifest = readJson('package.json') as Manifest;
const installed = Object.entries(packages).filter(([path]) => path !== '');
/** The machines that the embedded stack is promised for. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/** Whether the lock has the package where Node would look for it from `path`. */
function isLocked(name: string, path: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (packages[`${folder}${folder === '' ? '' : '/'}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
  }
}

describe('package-lock.json', () => {
  it('case 96: has a version and a checksum of every package but of native parts for other platforms', () => {
    expect(installed.length).toBeGreaterThan(200);
    expect(installed.filter(([, { version }]) => version === undefined)).toEqual([]);
    const unpinned = installed
      .filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true)
      .map(([path]) => path);
    expect(unpinned.filter((path) => !WITHOUT_CHECKSUM.test(path))).toEqual([]);
    expect(unpinned).toHaveLength(3); // as the page on reliability says
    expect(unpinned.filter((path) => existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([]);
  });

  it('case 96: names no place to fetch from but a registry over TLS', () => {
    const others = installed.filter(
      ([, { resolved }]) => resolved !== undefined && !/^https:\/\/[^/]+\/[^?#]+\/-\/[^/?#]+\.tgz$/.test(resolved),
    );
    expect(others).toEqual([]);
  });

  it('case 96: has every package that another one names, those of other platforms too', () => {
    const missing = installed.flatMap(([path, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !isLocked(name, path))
        .map((name) => `${path} -> ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it.each(PLATFORMS)('case 96: has the native parts for %s', (platform) => {
    const [os = '', cpu = ''] = platform.split('-');
    const native = installed.filter(
      ([, locked]) => locked.os?.includes(os) === true && locked.cpu?.includes(cpu) === true,
    );
    const names = native.map(([path]) => path).join(' ');
    for (const part of ['@chdb/lib-', '@esbuild/', 'ffi-rs']) expect(names).toContain(part);
  });

  it('case 96: pins every direct dependency to one version', () => {
    const ranges = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(ranges.filter(([, range]) => !/^(?:npm:[^ ]+@)?\d+\.\d+\.\d+$/.test(range))).toEqual([]);
  });
});
