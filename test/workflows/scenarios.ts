/**
 * The runs whose histories are kept in test/histories and replayed by replay.test.ts. Add a scenario when a workflow gains a
 * branch; `npx tsx scripts/record-histories.ts <name>` records it. Never record one of a release again to make its replay pass:
 * the failure says that workflows running in production would break.
 */
import { parseHour } from '../../domain/hour.ts';
import { dayWindows, failureOf, FakeWorld, SETTINGS } from './fakes.ts';
import { OPERATOR_SCENARIOS } from './operations-scenarios.ts';
import type { Scenario } from './scenario.ts';

export type { Scenario } from './scenario.ts';

const HOUR = '2024-05-01T13';

function worldWith(change: (world: FakeWorld) => void): () => FakeWorld {
  return () => {
    const world = new FakeWorld();
    world.settings = { ...SETTINGS, searchAttributes: ['ClickfeedTable', 'ClickfeedHour'] };
    change(world);
    return world;
  };
}

const everyOutcome = worldWith((world) => {
  world.answer('device_events', HOUR, { outcome: 'rejected', reason: 'crc-mismatch', detail: 'expected 1, found 2' });
  world.answer('geo_events', HOUR, { outcome: 'absent' });
  world.answer('location_events', HOUR, { outcome: 'unchanged' });
});

const oneFails = worldWith((world) => {
  world.answer('geo_events', HOUR, failureOf('AccessError', 'Cannot read: found 403'));
});

/** Absent at first, there at the third try; the other table does not wait. */
const comesLate = (): FakeWorld => {
  const world = new FakeWorld();
  world.otherwise = { outcome: 'absent' };
  world.gate = () => {
    if (world.loads.length === 3) world.otherwise = { outcome: 'current', rows: 3, lines: 3, quarantined: 0 };
    return Promise.resolve();
  };
  return world;
};

const findsSome = worldWith((world) => {
  world.look = {
    windows: dayWindows('geo_events', parseHour('2024-05-01T00'), parseHour('2024-05-05T00')),
    presentObjects: 96,
    absentObjects: 4,
  };
  world.answer('geo_events', '2024-05-02T07', failureOf('AccessError', 'Cannot read: found 403'));
  world.answer('geo_events', '2024-05-03T01', { outcome: 'rejected', reason: 'archive-broken', detail: 'truncated' });
});

/** A look finds two days with stale hours, the next one none. */
const someStale = worldWith((world) => {
  const windows = dayWindows('geo_events', parseHour('2024-05-01T00'), parseHour('2024-05-03T00'));
  world.stale = [{ hours: 5, windows: windows.map(({ from, to }) => ({ from, to })) }];
});

/** The hour that runs now, so that its objects are waited for. */
function runningHour(): string {
  return new Date().toISOString().slice(0, 13);
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'hourly-load-outcomes', workflow: 'hourlyLoad', args: [{ hour: HOUR }], server: 'real', world: everyOutcome },
  { name: 'hourly-load-failed', workflow: 'hourlyLoad', args: [{ hour: HOUR }], server: 'real', world: oneFails },
  {
    name: 'hourly-load-scheduled',
    workflow: 'hourlyLoad',
    args: [],
    server: 'real',
    world: worldWith(() => undefined),
    scheduled: 'punctual',
  },
  {
    name: 'hourly-load-made-up-for',
    workflow: 'hourlyLoad',
    args: [],
    server: 'real',
    world: worldWith(() => undefined),
    scheduled: 'late',
  },
  {
    name: 'hourly-load-late',
    workflow: 'hourlyLoad',
    args: [{ hour: runningHour(), tables: ['geo_events'] }],
    server: 'skipping',
    world: comesLate,
  },
  {
    name: 'hourly-load-input',
    workflow: 'hourlyLoad',
    args: [{ hours: 3 }],
    server: 'real',
    world: worldWith(() => undefined),
  },
  { name: 'lookback', workflow: 'lookback', args: [{ hours: 100 }], server: 'real', world: findsSome },
  { name: 'lookback-nothing', workflow: 'lookback', args: [], server: 'real', world: worldWith(() => undefined) },
  { name: 'rebuild-events', workflow: 'rebuildEvents', args: [], server: 'real', world: someStale },
  ...OPERATOR_SCENARIOS,
];
