/** The memory of a process, as the operating system counts it; Linux only. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { cleanUpLater } from './cleanup.ts';

/** Whether this system can be asked. */
export const CAN_MEASURE_MEMORY = existsSync('/proc/self/status');

/** The most that a process has had in memory so far. */
export function peakResidentBytes(pid: number): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1]) * 1024;
}

/** Gives the process no more memory than so much, which only root can. @returns whether it was done */
export function limitMemory(pid: number, limitBytes: number): boolean {
  const isV1 = existsSync('/sys/fs/cgroup/memory');
  const parent = `/sys/fs/cgroup${isV1 ? '/memory' : ''}`;
  const group = `${parent}/clickfeed-test-${pid}`;
  try {
    mkdirSync(group);
    cleanUpLater(async () => {
      await Promise.resolve();
      // Only an empty group can go, and the process may live on.
      if (existsSync(`/proc/${pid}`)) appendFileSync(`${parent}/cgroup.procs`, String(pid));
      rmdirSync(group);
    });
    writeFileSync(`${group}/${isV1 ? 'memory.limit_in_bytes' : 'memory.max'}`, String(limitBytes));
    appendFileSync(`${group}/cgroup.procs`, String(pid));
    return true;
  } catch {
    return false;
  }
}
