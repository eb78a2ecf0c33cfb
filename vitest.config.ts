import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';
import { SummaryReporter } from './test/support/summary-reporter.ts';

// On Node 20 the AWS SDK prints that it will want Node 22; in every worker once is too often.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const TESTS = ['test/**/*.test.ts'];
const NO_TESTS = ['**/node_modules/**', 'dist/**', '.clickfeed/**', 'test/fixtures/**'];

/** Files that change what belongs to their whole process, each in a process of its own. */
const OWN_PROCESS = [
  // The Temporal SDK's runtime can be installed once in a process.
  'test/workflows/**/*.test.ts',
  // The clock.
  'test/faults/clock.test.ts',
  'test/adapters/s3/access.test.ts',
  // The environment.
  'test/acceptance/feed-sample.test.ts',
  'test/adapters/clickhouse/faults.test.ts',
  'test/devstack/demo-publisher.test.ts',
];

const limits = {
  // Limits against hanging, not measures of speed: CI may share its cores.
  testTimeout: 90_000,
  // Once more in CI only: a busy machine can outlast even a generous wait; a real fault fails every time.
  retry: process.env['CI'] === 'true' ? 2 : 0,
  hookTimeout: 300_000,
};

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    // More than the cores of a small machine: tests wait for servers and timers most of the time.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    teardownTimeout: 30_000,
    reporters: ['default', new SummaryReporter()],
    projects: [
      { test: { name: 'own process', pool: 'forks', include: OWN_PROCESS, exclude: NO_TESTS, ...limits } },
      {
        test: {
          // To load the SDKs of S3, ClickHouse and Temporal takes a second; a process that has them goes on with the next file.
          name: 'shared process',
          pool: 'forks',
          isolate: false,
          include: TESTS,
          exclude: [...NO_TESTS, ...OWN_PROCESS],
          ...limits,
        },
      },
    ],
  },
});
