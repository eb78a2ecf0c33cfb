/** Checks the docs: every relative link and every path named in backticks exists. `npm run docs`. */
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

const broken = markdownFiles().flatMap((file) => [...brokenReferences(file)]);
for (const reference of broken) console.error(`Cannot find what the docs name: ${reference}`);
process.exitCode = broken.length > 0 ? 1 : 0;
