/**
 * Writes `.env.example` and the README's table of the configuration from config/keys.ts.
 * `npx tsx scripts/config-table.ts` writes, with `--check` it only fails when they are out of date.
 */
import { join } from 'node:path';
import { KEYS, type KeySpec } from '../config/keys.ts';
import { formatMarkdown, markdownTable, readText, ROOT, writeOrCheck } from './generated-file.ts';

const README = join(ROOT, 'README.md');
const ENV_EXAMPLE = join(ROOT, '.env.example');
const TABLE = /(<!-- config-table -->\n)[\s\S]*?(<!-- \/config-table -->)/;

const specs = Object.entries<KeySpec>(KEYS);
writeOrCheck(
  new Map([
    [README, await readmeWithTable()],
    [ENV_EXAMPLE, envExample()],
  ]),
  'scripts/config-table.ts',
);

async function readmeWithTable(): Promise<string> {
  const rows = specs.map(([name, spec]) => [`\`${name}\``, spec.description, fallbackText(spec)]);
  const table = markdownTable(['key', 'meaning', 'default'], rows);
  const text = (readText(README) ?? '').replace(
    TABLE,
    (_all, begin: string, end: string) => `${begin}\n${table}\n\n${end}`,
  );
  return formatMarkdown(README, text);
}

function fallbackText({ fallback, optional }: KeySpec): string {
  if (fallback !== undefined) return fallback === '' ? '' : `\`${fallback}\``;
  return optional === true ? '' : '**required**';
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
