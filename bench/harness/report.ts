/** Results as tables: on the terminal, as files, and in docs/performance.md. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { stored, type BenchResult, type StoredResult, type Target } from './result.ts';
import { spreadOf } from './statistics.ts';

const RESULTS = new URL('../results/', import.meta.url);
const DOCS = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));
const PART = /(<!-- (bench-targets|bench-measures) -->\n)[\s\S]*?(<!-- \/\2 -->)/g;

/** The lines of a result for the terminal: every measure with its median and spread. */
export function terminalLines({ name, setting, measures, targets, notes }: BenchResult): string[] {
  const rows = measures.map(({ what, unit, values }) => [what, ...cells(values), unit]);
  const goals = targets.map((target) => [target.what, ...cells(target.values), `${target.unit}, ${verdict(target)}`]);
  const all = [['', 'median', 'least', 'most', ''], ...rows, ...goals];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  return [`${name}: ${setting}`, ...lines, ...notes.map((note) => `- ${note}`)];
}

function cells(values: readonly number[]): string[] {
  const { median, least, most } = spreadOf(values);
  return [median, least, most].map(rounded);
}

/** Three significant digits, thousands whole. */
function rounded(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}

/** Whether the median reaches the goal or the floor. */
export function verdict({ values, floor, goal, better }: Target): string {
  const { median } = spreadOf(values);
  const reaches = (bound: number): boolean => (better === 'more' ? median >= bound : median <= bound);
  if (reaches(goal)) return 'goal met';
  return reaches(floor) ? 'floor met' : 'below the floor';
}

/** Writes bench/results/<name>.json. */
export async function writeResult(result: BenchResult): Promise<void> {
  mkdirSync(RESULTS, { recursive: true });
  const file = fileURLToPath(new URL(`${result.name}.json`, RESULTS));
  const json = JSON.stringify(stored(result));
  writeFileSync(file, await format(json, { ...(await resolveConfig(file)), parser: 'json' }));
}

/** Writes the tables of docs/performance.md from all results that there are. */
export async function writeDocs(): Promise<void> {
  if (!existsSync(DOCS)) return;
  const results = readResults();
  const parts: Record<string, string> = {
    'bench-targets': targetsTable(results),
    'bench-measures': results.map(measuresSection).join('\n\n'),
  };
  const text = readFileSync(DOCS, 'utf8').replace(PART, (_all, begin: string, name: string, end: string) => {
    return `${begin}\n${parts[name] ?? ''}\n\n${end}`;
  });
  writeFileSync(DOCS, await format(text, { ...(await resolveConfig(DOCS)), parser: 'markdown' }));
}

function readResults(): StoredResult[] {
  return readdirSync(RESULTS)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, RESULTS), 'utf8')) as StoredResult);
}

function targetsTable(results: readonly StoredResult[]): string {
  const rows = results.flatMap(({ name, targets }) =>
    targets.map((target) => {
      const { what, unit, floor, goal } = target;
      return `| ${what} | ${floor} ${unit} | ${goal} ${unit} | ${cells(target.values)[0]} | ${verdict(target)} | ${name} |`;
    }),
  );
  return ['| what | floor | goal | measured | | by |', '| --- | --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function measuresSection({ name, setting, measures, notes, measuredAt, machine }: StoredResult): string {
  const rows = measures.map(({ what, unit, values }) => {
    const [median, least, most] = cells(values);
    return `| ${what} | ${median} | ${least} to ${most} | ${unit} |`;
  });
  return [
    `### ${name}`,
    `${setting}. Measured ${measuredAt} on ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, Node ${machine.node}.`,
    ['| | median | spread | |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')]),
  ].join('\n\n');
}
