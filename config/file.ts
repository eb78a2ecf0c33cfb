/** The optional configuration file: JSON with the same keys as the environment, or the old project's config_lab06.json. */
import { readFileSync } from 'node:fs';
import { KEYS } from './keys.ts';
import { isLegacyFile, readLegacyFile } from './legacy-file.ts';

/** Values by key, and every problem found on the way. */
export interface FileValues {
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

/** Reads the file. Problems are sentences; none holds a value, as any of them may be a secret in the wrong place. */
export function readConfigFile(path: string): FileValues {
  const content = readJson(path);
  if (typeof content === 'string') return { values: {}, problems: [content] };
  if (isLegacyFile(content)) return readLegacyFile(content);
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const [name, value] of Object.entries(content)) {
    if (!Object.hasOwn(KEYS, name) && !name.startsWith('TEMPORAL_')) {
      problems.push(
        `Remove ${JSON.stringify(name)} from ${path}: found an unknown key, expected those of .env.example`,
      );
      continue;
    }
    const text = asText(value);
    if (text === undefined) {
      problems.push(`Set ${name} in ${path}: found ${kindOf(value)}, expected a text, a number or a list of texts`);
    } else values[name] = text;
  }
  return { values, problems };
}

/** The file's object, or the problem. */
function readJson(path: string): Record<string, unknown> | string {
  let source;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an error';
    return `Cannot read the configuration file ${path}: found ${code}, expected a readable JSON file`;
  }
  try {
    const content: unknown = JSON.parse(source);
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { ...content };
  } catch {
    // said below, without the parser's message, which would quote the file
  }
  return `Cannot read the configuration file ${path}: found no JSON object, expected one such as {"S3_BUCKET": "feed"}`;
}

/** The text that the environment would hold, or undefined when the value has none. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(',');
  return undefined;
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list of other things' : `an ${typeof value}`;
}
