/** Recorded runs of the operator's workflows; see scenarios.ts. */
import { addHours, parseHour } from '../../domain/hour.ts';
import { ALL_HOURS } from '../../domain/truncation.ts';
import { asLoadId } from '../../domain/load-id.ts';
import { dayWindows, failureOf, SETTINGS } from './fakes.ts';
import { OperatorWorld } from './operations-fakes.ts';
import type { Scenario } from './scenario.ts';

const DAYS_3 = { from: '2024-05-01T00', to: '2024-05-04T00' };
const DAY = parseHour('2024-05-01T00');

function worldWith(change: (world: OperatorWorld) => void): () => OperatorWorld {
  return () => {
    const world = new OperatorWorld();
    world.settings = { ...SETTINGS, searchAttributes: ['ClickfeedTable', 'ClickfeedHour'] };
    change(world);
    return world;
  };
}

const plain = worldWith(() => undefined);

/** One window fails and goes hour by hour, one hour is rejected. */
const troubled = worldWith((world) => {
  world.answer('geo_events', '2024-05-02T07', failureOf('ObjectRejectedError', 'Cannot read: found a riddle'));
  world.answer('browser_events', '2024-05-03T07', { outcome: 'rejected', reason: 'crc-mismatch', detail: 'found 1' });
});

const truncatedMeanwhile = worldWith((world) => {
  const sentence = 'Cannot load geo_events as it was truncated after this run began: found truncation-2';
  world.answer('geo_events', '2024-05-02T07', failureOf('TruncatedMeanwhileError', sentence));
});

/** The time-skipping server knows no search attributes. */
function withoutAttributes(world: OperatorWorld): void {
  world.settings = { ...world.settings, searchAttributes: [] };
}

const plainSkipping = worldWith(withoutAttributes);

/** Servers are away until the seventieth call: pauses, then goes on. */
const outage = worldWith((world) => {
  withoutAttributes(world);
  world.gate = () =>
    world.loads.length <= 70 ? Promise.reject(failureOf('UnavailableError', 'Cannot connect')) : Promise.resolve();
});

/** Holds the loads until the run is resumed. */
const paused = worldWith((world) => {
  world.gate = () => new Promise((resolve) => setTimeout(resolve, 300));
});

const manyWindows = worldWith((world) => {
  world.settings = { ...world.settings, windowConcurrency: 32 };
});

const disagrees = worldWith((world) => {
  world.look = { windows: dayWindows('geo_events', DAY, addHours(DAY, 24)), presentObjects: 160, absentObjects: 8 };
  const loadId = asLoadId('7530719398281455279');
  world.mismatches = [
    {
      table: 'geo_events',
      hour: parseHour('2024-05-02T07'),
      loadId,
      expected: { rows: 10, quarantined: 1 },
      found: { rows: 9, distinctLines: 9, quarantined: 1 },
    },
  ];
  world.replaced = [loadId];
});

const sweeps = worldWith((world) => {
  world.purgeable = [{ truncationId: 'truncation-old', tables: ['geo_events'], ...ALL_HOURS, truncatedMs: 0 }];
  world.sweeps = [{ deletedLoads: 3, more: true }];
});

/** A feed that began two days ago, so that the whole of it is short. */
const shortFeed = worldWith((world) => {
  const now = parseHour(new Date().toISOString().slice(0, 13));
  world.settings = { ...world.settings, feedStart: addHours(now, -50) };
});

const inOneGo = { server: 'real' } as const;

export const OPERATOR_SCENARIOS: readonly Scenario[] = [
  { name: 'backfill', workflow: 'backfill', args: [DAYS_3], world: troubled, ...inOneGo },
  { name: 'backfill-truncated', workflow: 'backfill', args: [DAYS_3], world: truncatedMeanwhile, ...inOneGo },
  { name: 'backfill-outage', workflow: 'backfill', args: [DAYS_3], world: outage, server: 'skipping' },
  {
    name: 'backfill-paused',
    workflow: 'backfill',
    args: [{ ...DAYS_3, concurrency: 1 }],
    world: paused,
    ...inOneGo,
    meanwhile: async (client, workflowId) => {
      const handle = client.workflow.getHandle(workflowId);
      await handle.signal('pause');
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await handle.signal('resume');
    },
  },
  {
    name: 'backfill-cancelled',
    workflow: 'backfill',
    args: [{ ...DAYS_3, concurrency: 1 }],
    world: paused,
    ...inOneGo,
    meanwhile: async (client, workflowId) => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await client.workflow.getHandle(workflowId).cancel();
    },
  },
  // The last of its runs: what the first ones handed on is its input.
  {
    name: 'backfill-continued',
    workflow: 'backfill',
    args: [{ from: '2024-05-01T00', to: '2025-04-11T00' }],
    world: manyWindows,
    ...inOneGo,
  },
  { name: 'backfill-dry-run', workflow: 'backfill', args: [{ ...DAYS_3, dryRun: true }], world: plain, ...inOneGo },
  { name: 'backfill-all', workflow: 'backfill', args: [{ ...DAYS_3, mode: 'all' }], world: plain, ...inOneGo },
  { name: 'truncate-tables', workflow: 'truncateTables', args: [], world: plain, ...inOneGo },
  {
    name: 'truncate-tables-purge',
    workflow: 'truncateTables',
    args: [{ tables: ['geo_events'], purge: true }],
    world: plainSkipping,
    server: 'skipping',
  },
  {
    name: 'restore-tables',
    workflow: 'restoreTables',
    args: [{ truncationId: 'truncation-7' }],
    world: plain,
    ...inOneGo,
  },
  { name: 'sweep', workflow: 'sweep', args: [], world: sweeps, ...inOneGo },
  {
    name: 'reconcile',
    workflow: 'reconcile',
    args: [{ from: DAY, to: addHours(DAY, 240), tables: ['geo_events'] }],
    world: disagrees,
    ...inOneGo,
  },
  { name: 'daily', workflow: 'daily', args: [], world: shortFeed, ...inOneGo },
];
