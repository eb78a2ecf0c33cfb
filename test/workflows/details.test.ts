/** What the Web UI shows of a run that has only just begun: who starts one by its form gives it no summary. */
import { randomUUID } from 'node:crypto';
import type { temporal } from '@temporalio/proto';
import { afterAll, beforeAll, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { skippingBench, type Bench } from './environment.ts';
import { OperatorWorld } from './operations-fakes.ts';

/** The query by which the Web UI asks for current details. */
const METADATA_QUERY = '__temporal_workflow_metadata';

let bench: Bench;
beforeAll(async () => {
  bench = await skippingBench();
});
afterAll(async () => {
  await bench.close();
});

/** Activities that answer when they are let go, but for the settings, which a worker always has. */
class HeldWorld extends OperatorWorld {
  letGo = (): void => undefined;
  readonly #held = new Promise<void>((resolve) => (this.letGo = resolve));

  override activities(): ReturnType<OperatorWorld['activities']> {
    const held = Object.entries(super.activities()).map(([name, answer]) => {
      const later = async (input: never): Promise<unknown> => {
        if (name !== 'settings') await this.#held;
        return (answer as (given: never) => unknown)(input);
      };
      return [name, later];
    });
    return Object.fromEntries(held) as ReturnType<OperatorWorld['activities']>;
  }
}

test.each([
  ['hourlyLoad', { hour: '2024-05-01T13' }, 'Hour 2024-05-01T13 UTC'],
  ['lookback', {}, 'listing the bucket'],
  ['backfill', { dryRun: true }, 'Dry run: listing the bucket'],
  ['truncateTables', { tables: ['geo_events'] }, 'Clearing geo_events wholly'],
  ['restoreTables', { truncationId: 'truncation-1' }, 'Restoring `truncation-1`'],
  ['sweep', {}, 'Deleting what can never be seen again'],
  ['reconcile', {}, 'reconciled'],
  ['rebuildEvents', {}, 'Looking for hours whose page views are stale'],
])(
  '%s() says in its current details what it does before its first activity has answered',
  async (workflow, input, text) => {
    const world = new HeldWorld();
    await bench.run(world, async (taskQueue) => {
      const workflowId = `${workflow}-${randomUUID()}`;
      const handle = await bench.client.workflow.start(workflow, { workflowId, taskQueue, args: [input] });
      await eventually(async () => {
        const metadata = await handle.query<temporal.api.sdk.v1.IWorkflowMetadata>(METADATA_QUERY);
        return metadata.currentDetails?.includes(text) === true;
      });
      world.letGo();
      await handle.result();
    });
  },
);
