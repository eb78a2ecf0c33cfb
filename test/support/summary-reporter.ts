/** Ends the run's output with why tests were tried again, and with the one line that machines read: `N passed, N failed`. */
import { writeSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Much of an error is what a program has said. */
const RETRIED_TEXT_LENGTH = 6_000;

/** Counts of a run. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A vitest reporter that prints the counts when the process ends, so that nothing can come after them. */
export class SummaryReporter implements Reporter {
  #counts: Counts | undefined;
  readonly #retried: string[] = [];

  onInit(): void {
    process.once('exit', () => {
      for (const lines of this.#retried) writeSync(1, `${lines}\n`);
      writeSync(1, `${formatCounts(this.#counts ?? { passed: 0, failed: 1, skipped: 0 })}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    // What fails outside of a test (a module that does not load, a rejection nobody awaits) is a failure too.
    const counts: Counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') counts[state] += 1;
        if (test.diagnostic()?.flaky === true) this.#retried.push(formatRetried(test));
      }
    }
    this.#counts = counts;
  }
}

/** A test that passed when it was tried again, and what it had failed of: that is seen nowhere else. */
function formatRetried(test: TestCase): string {
  const errors = test.result().errors ?? [];
  const failures = errors.map(({ message, stack = message }) => stack.slice(0, RETRIED_TEXT_LENGTH));
  return [`Passed when tried again: ${test.fullName} (${test.module.relativeModuleId})`, ...failures].join('\n');
}

/** "12 passed, 0 failed", with ", 1 skipped" behind it when tests were skipped. */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
