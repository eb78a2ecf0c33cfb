/** Files that are made from definitions: a script writes them, or with `--check` says which are out of date. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Whether the script was called to check only. */
export const IS_CHECK = process.argv.includes('--check');

/** The file's text, or undefined when there is none. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Writes the files that differ, or only names them when `--check` was given and then sets the exit code.
 * @param files path and text of each
 * @param script what to run to write them
 */
export function writeOrCheck(files: ReadonlyMap<string, string>, script: string): void {
  for (const [file, text] of files) {
    if (readText(file) === text) continue;
    if (IS_CHECK) {
      console.error(`Out of date: ${relative(ROOT, file)}; run npx tsx ${script}`);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
}

/** Markdown as Prettier leaves it. */
export async function formatMarkdown(file: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(file)), parser: 'markdown' });
}

/** A table of Markdown. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
