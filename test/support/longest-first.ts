/** The order of test files: those that take minutes begin first, so that the run does not end with one of them alone. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In minutes on two cores, the longest first. Most of it is waiting: for heartbeats, timers, servers that come up. */
const LONG: readonly string[] = [
  'test/acceptance/operations.test.ts',
  'test/torture/torture.test.ts',
  'test/faults/worker.test.ts',
  'test/client/operations.test.ts',
  'test/acceptance/exactly-once.test.ts',
  'test/acceptance/web-ui.test.ts',
  'test/dashboard/overview.test.ts',
  'test/acceptance/schedule-catchup.test.ts',
  'test/workflows/backfill.test.ts',
  'test/faults/clickhouse-bytes.test.ts',
  'test/faults/temporal.test.ts',
  'test/dashboard/accessibility.test.ts',
  'test/faults/clickhouse.test.ts',
  'test/acceptance/large-object.test.ts',
  'test/client/service.test.ts',
  'test/activities/load-table.test.ts',
  'test/adapters/clickhouse/faults.test.ts',
  'test/devstack/up.test.ts',
  'test/workflows/operations.test.ts',
  'test/activities/operations/truncate.test.ts',
];

/** Vitest's order with the long files in front. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = LONG.findIndex((path) => moduleId.endsWith(path));
      return rank < 0 ? LONG.length : rank;
    };
    const others = await super.sort(files);
    return others.sort((a, b) => rankOf(a) - rankOf(b));
  }
}
