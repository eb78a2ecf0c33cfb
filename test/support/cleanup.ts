/** Cleaning up behind helpers. */
import { onTestFinished, TestRunner } from 'vitest';

/** Runs the clean-up when the test ends; outside of a test (in beforeAll) the caller does it. */
export function cleanUpLater(cleanUp: () => Promise<void>): void {
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(cleanUp);
}
