/** What a measurement tells, as it is printed, stored in bench/results/ and shown in docs/performance.md. */
import { cpus, totalmem } from 'node:os';

/** One quantity over all runs. */
export interface Measure {
  readonly what: string;
  /** Such as "objects/s", "MiB", "ms", "times". */
  readonly unit: string;
  readonly values: readonly number[];
}

/** A target of the project, with the measure that says whether it is met. */
export interface Target {
  readonly what: string;
  readonly unit: string;
  /** Worse than this, and it is not done. */
  readonly floor: number;
  readonly goal: number;
  readonly better: 'more' | 'less';
  readonly values: readonly number[];
}

/** Everything that one run of a measurement says. */
export interface BenchResult {
  readonly name: string;
  /** What was done, in one sentence, with its sizes. */
  readonly setting: string;
  readonly measures: readonly Measure[];
  readonly targets: readonly Target[];
  /** What must be known to read the numbers. */
  readonly notes: readonly string[];
}

/** A result with when and where it was taken. */
export interface StoredResult extends BenchResult {
  readonly measuredAt: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number; readonly node: string };
}

/** Adds when and where. */
export function stored(result: BenchResult): StoredResult {
  const [first] = cpus();
  return {
    ...result,
    measuredAt: new Date().toISOString().slice(0, 16) + 'Z',
    machine: {
      cpu: first?.model ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      node: process.version,
    },
  };
}
