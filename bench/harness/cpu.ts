/** CPU time and memory of processes, from Linux; other systems answer nothing. */
import { existsSync, readFileSync } from 'node:fs';
import type { Measure } from './result.ts';

/** Process ids by name for people. */
export type Processes = Readonly<Record<string, number>>;

/** Ticks of /proc/<pid>/stat; 100 on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;

/** CPU seconds so far of each process, user and system; processes that are gone are left out. */
export function cpuSeconds(processes: Processes): Record<string, number> {
  const read = Object.entries(processes).flatMap(([name, pid]): [string, number][] => {
    const seconds = cpuSecondsOf(pid);
    return seconds === undefined ? [] : [[name, seconds]];
  });
  return Object.fromEntries(read);
}

function cpuSecondsOf(pid: number): number | undefined {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  // The name in brackets may hold spaces; behind it stand state, ppid, ... user time is the 12th, system time the 13th.
  const fields = readFileSync(file, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** What was used since `before`. */
export function cpuSince(processes: Processes, before: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(cpuSeconds(processes)).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]),
  );
}

/** What was used since `before`, by all of them. */
export function totalSince(processes: Processes, before: Readonly<Record<string, number>>): number {
  return Object.values(cpuSince(processes, before)).reduce((sum, seconds) => sum + seconds, 0);
}

/**
 * The CPU that runs of a contender took for each of so many `units`, by process.
 * @param unit names one of them, with its article
 */
export function cpuMeasures(
  contender: string,
  runs: readonly { readonly cpuSeconds: Readonly<Record<string, number>> }[],
  { unit, units }: { readonly unit: string; readonly units: number },
  processes: readonly string[] = Object.keys(runs[0]?.cpuSeconds ?? {}),
): Measure[] {
  return processes.map((process) => ({
    what: `${contender}: CPU of ${process}`,
    unit: `ms ${unit}`,
    values: runs.map(({ cpuSeconds: used }) => ((used[process] ?? 0) * 1000) / units),
  }));
}

/** The most memory that the process has had so far, in bytes; undefined where that is not told. */
export function peakResidentBytes(pid: number): number | undefined {
  return statusBytes(pid, 'VmHWM');
}

/** The memory that the process has now, in bytes. */
export function residentBytes(pid: number): number | undefined {
  return statusBytes(pid, 'VmRSS');
}

function statusBytes(pid: number, field: string): number | undefined {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return undefined;
  const match = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(file, 'utf8'));
  return match === null ? undefined : Number(match[1]) * 1024;
}
