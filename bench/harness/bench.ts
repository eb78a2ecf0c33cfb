/** What a measurement is to the command that runs it. */
import type { BenchResult } from './result.ts';
import type { BenchServers } from './servers.ts';

/** Sizes; each measurement has defaults of its own. */
export interface Sizes {
  /** Hours of the feed; four objects each. */
  readonly hours: number;
  readonly lines: number;
  readonly runs: number;
  readonly seed: number;
}

/** What a measurement works with. */
export interface BenchContext {
  readonly servers: BenchServers;
  readonly sizes: Sizes;
  /** Names of contenders to run; all when there is none. */
  readonly only: readonly string[];
  /** Folder for CPU profiles of workers (`node --cpu-prof`); none when undefined. */
  readonly profileDir?: string | undefined;
  readonly say: (line: string) => void;
}

/** A measurement. */
export interface Bench {
  readonly name: string;
  readonly summary: string;
  /** What fits a small machine; and the size that the targets speak of. */
  readonly sizes: { readonly usual: Sizes; readonly full: Sizes };
  run(context: BenchContext): Promise<BenchResult>;
}
