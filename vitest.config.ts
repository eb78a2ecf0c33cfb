import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';
import { SummaryReporter } from './test/support/summary-reporter.ts';

// On Node 20 the AWS SDK prints that it will want Node 22; in every worker once is too often.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '.clickfeed/**', 'test/fixtures/**'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // More than the cores of a small machine: tests wait for servers and timers most of the time.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Limits against hanging, not measures of speed: CI may share its cores.
    testTimeout: 90_000,
    // Once more in CI only: a busy machine can outlast even a generous wait; a real fault fails every time.
    retry: process.env['CI'] === 'true' ? 2 : 0,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    reporters: ['default', new SummaryReporter()],
  },
});
