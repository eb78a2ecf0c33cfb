/**
 * Checks the docs: every relative link and every path named in backticks exists, and ARCHITECTURE.md gives every dependency of
 * package.json its reason. `npm run docs`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS =
  /^(?:domain|workflows|activities|adapters|client|config|devstack|dashboard|bench|scripts|test|docs|powerbi)\/[\w./-]*$/;

function markdownFiles(): string[] {
  const inDocs = existsSync(path.join(ROOT, 'docs'))
    ? readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    : [];
  return [...readdirSync(ROOT), ...inDocs.map((name) => `docs/${name}`)].filter((name) => name.endsWith('.md'));
}

function* brokenReferences(file: string): Generator<string> {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
    if (!existsSync(path.resolve(ROOT, path.dirname(file), target))) yield `${file}: link to ${target}`;
  }
  for (const [, name = ''] of text.matchAll(/`([^`\s]+)`/g)) {
    if (FOLDERS.test(name) && !existsSync(path.join(ROOT, name))) yield `${file}: path ${name}`;
  }
}

/** Dependencies without a row in ARCHITECTURE.md, and rows without a dependency. `@scope/*` stands for all of a scope. */
function* unreasonedDependencies(): Generator<string> {
  const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Record<string, object>;
  const names = Object.keys({ ...manifest['dependencies'], ...manifest['devDependencies'] });
  const text = readFileSync(path.join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const section = /^## Dependencies[^\n]*\n(.*?)(?=^## |$(?![\s\S]))/ms.exec(text)?.[1] ?? '';
  const rows = [...section.matchAll(/^\| (?!package )(\S.*?) +\| (\S.*?) +\|$/gm)];
  const named = rows.flatMap(([, packages = '']) => packages.replaceAll('\\*', '*').split(/,\s*/));
  const covers = (entry: string, name: string): boolean =>
    entry.endsWith('/*') ? name.startsWith(entry.slice(0, -1)) : entry === name;
  for (const name of names) {
    if (!named.some((entry) => covers(entry, name))) yield `ARCHITECTURE.md: no reason for the dependency ${name}`;
  }
  for (const entry of named) {
    if (!/^-+$/.test(entry) && !names.some((name) => covers(entry, name))) yield `package.json: dependency ${entry}`;
  }
}

const broken = [...markdownFiles().flatMap((file) => [...brokenReferences(file)]), ...unreasonedDependencies()];
for (const reference of broken) console.error(`Cannot find what the docs name: ${reference}`);
process.exitCode = broken.length > 0 ? 1 : 0;
