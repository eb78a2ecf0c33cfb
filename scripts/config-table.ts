/**
 * Writes `.env.example` and the README's table of the configuration from config/keys.ts.
 * `npx tsx scripts/config-table.ts` writes, with `--check` it only fails when they are out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { KEYS, type KeySpec } from '../config/keys.ts';

const README = fileURLToPath(new URL('../README.md', import.meta.url));
const ENV_EXAMPLE = fileURLToPath(new URL('../.env.example', import.meta.url));
const TABLE = /(<!-- config-table -->\n)[\s\S]*?(<!-- \/config-table -->)/;

const specs = Object.entries<KeySpec>(KEYS);
const outdated = [
  ...(await write(README, await readmeWithTable())),
  ...(await write(ENV_EXAMPLE, Promise.resolve(envExample()))),
];
for (const file of outdated) console.error(`Out of date: ${file}; run npx tsx scripts/config-table.ts`);
process.exitCode = outdated.length > 0 ? 1 : 0;

/** Writes, or names the file when it only checks and the text differs. */
async function write(file: string, text: Promise<string> | string): Promise<string[]> {
  const wanted = await text;
  if (process.argv.includes('--check')) return readText(file) === wanted ? [] : [file];
  writeFileSync(file, wanted);
  return [];
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function readmeWithTable(): Promise<string> {
  const rows = specs.map(([name, spec]) => `| \`${name}\` | ${cell(spec.description)} | ${fallbackText(spec)} |`);
  const table = ['| key | meaning | default |', '| --- | --- | --- |', ...rows].join('\n');
  const text = readText(README).replace(TABLE, (_all, begin: string, end: string) => `${begin}\n${table}\n\n${end}`);
  return format(text, { ...(await resolveConfig(README)), parser: 'markdown' });
}

function fallbackText({ fallback, optional }: KeySpec): string {
  if (fallback !== undefined) return fallback === '' ? '' : `\`${fallback}\``;
  return optional === true ? '' : '**required**';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function envExample(): string {
  const groups = [...new Set(specs.map(([, { group }]) => group))];
  const blocks = groups.map((group) => {
    const lines = specs.filter(([, spec]) => spec.group === group).flatMap(([name, spec]) => exampleLines(name, spec));
    return [`# --- ${group} ---`, ...lines].join('\n');
  });
  const head = [
    '# Copy to .env and fill in. Keys without a # are required; the others show their default.',
    '# Temporal takes every key of its own environment configuration, also TEMPORAL_TLS_*, TEMPORAL_PROFILE and TOML files.',
  ];
  return `${[head.join('\n'), ...blocks].join('\n\n')}\n`;
}

function exampleLines(name: string, spec: KeySpec): string[] {
  const isRequired = spec.fallback === undefined && spec.optional !== true;
  return [`# ${spec.description}`, `${isRequired ? '' : '# '}${name}=${spec.fallback ?? ''}`];
}
