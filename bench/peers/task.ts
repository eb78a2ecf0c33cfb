/** What a peer is told, and what it answers: JSON as its first argument, JSON as its last line. */
import { TABLE_NAMES, type TableName } from '../../domain/catalogue.ts';
import { parseHour, type Hour } from '../../domain/hour.ts';

/** The work of a peer. */
export interface PeerTask {
  /** Hours [warmFrom, from) are loaded before the clock starts. */
  readonly warmFrom: Hour;
  readonly from: Hour;
  readonly to: Hour;
  readonly tables: readonly TableName[];
}

/** What a peer says at its end. */
export interface PeerAnswer {
  readonly seconds: number;
  /** Of the peer's own process, user and system. */
  readonly cpuSeconds: number;
  readonly objects: number;
}

/** Reads the first argument. */
export function readTask(): PeerTask {
  const { warmFrom, from, to } = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
  return {
    warmFrom: parseHour(warmFrom ?? ''),
    from: parseHour(from ?? ''),
    to: parseHour(to ?? ''),
    tables: TABLE_NAMES,
  };
}

/** Times the work and prints the answer. @param work returns the number of objects loaded */
export async function answer(work: () => Promise<number>): Promise<void> {
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const objects = await work();
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const said: PeerAnswer = { seconds, cpuSeconds: (user + system) / 1e6, objects };
  console.log(JSON.stringify(said));
}
