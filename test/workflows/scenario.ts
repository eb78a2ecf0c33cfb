/** What a recorded run is made of. */
import type { Client } from '@temporalio/client';
import type { FakeWorld } from './fakes.ts';

/** One run to be recorded. */
export interface Scenario {
  readonly name: string;
  readonly workflow: string;
  readonly args: readonly unknown[];
  /** The time-skipping server for what waits, else the real one. */
  readonly server: 'real' | 'skipping';
  readonly world: () => FakeWorld;
  /** Whether a schedule starts it, as in production, and whether when it is due or long after. */
  readonly scheduled?: 'punctual' | 'late';
  /** What is done while it runs: signals, for example. */
  readonly meanwhile?: (client: Client, workflowId: string) => Promise<void>;
}
