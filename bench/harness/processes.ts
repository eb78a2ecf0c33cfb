/** The processes that a process has started, from Linux; other systems answer nothing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** A process and what people call it. */
export interface NamedProcess {
  readonly pid: number;
  readonly name: string;
}

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/clickhouse-process/, 'ClickHouse'],
  [/\/weed\b|^weed\b/, 'S3'],
  [/temporal\S* .*server start-dev|temporal server/, 'Temporal'],
  [/node\b.*client\/main\.ts up/, 'clickfeed up'],
];

/** Those that have a name here, of all that `root` has started, directly or not. */
export function descendants(root: number): NamedProcess[] {
  if (!existsSync('/proc/self/stat')) return [];
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const parent = /^\d+$/.test(entry) ? parentOf(Number(entry)) : undefined;
    if (parent !== undefined) parents.set(Number(entry), parent);
  }
  const isBelow = (pid: number): boolean => {
    for (let at = parents.get(pid); at !== undefined && at > 0; at = parents.get(at)) if (at === root) return true;
    return false;
  };
  const named = [...parents.keys()].filter(isBelow).flatMap((pid) => {
    const name = nameOf(pid);
    return name === undefined ? [] : [{ pid, name }];
  });
  // tsx starts node in a process of its own: the last one of a name is the one that works.
  return [...new Map(named.map((one) => [one.name, one])).values()];
}

function parentOf(pid: number): number | undefined {
  try {
    const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(parent);
  } catch {
    return undefined; // it is gone
  }
}

function nameOf(pid: number): string | undefined {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    // Servers run under shells that watch over them and carry the same arguments.
    if (command.startsWith('/bin/sh')) return undefined;
    return NAMES.find(([pattern]) => pattern.test(command))?.[1];
  } catch {
    return undefined;
  }
}
