/** The servers that all tests of a run share; started by global-setup.ts, fetched in a test with `inject('stack')`. */
import type { S3Access } from '../../devstack/s3-client.ts';
import type { Build } from './build.ts';

/** Addresses and credentials of the shared servers. Ports and keys are new in every run. */
export interface TestStack {
  readonly clickhouse: { readonly url: string; readonly user: string; readonly password: string };
  readonly s3: S3Access & { readonly bucket: string };
  /** Namespace `default`; search attributes ClickfeedTable and ClickfeedHour are there. */
  readonly temporal: { readonly address: string; readonly uiUrl: string };
  /** The time-skipping server: `createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })`. */
  readonly testServerPath: string;
  /** The compiled program; wait for it with `builtProgram()`. */
  readonly build: Build;
  /** Folder of the run; removed with all that is in it when the run ends. */
  readonly tempDir: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    stack: TestStack;
  }
}
