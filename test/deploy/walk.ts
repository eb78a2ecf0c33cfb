/** Run by new-in-catalogue.test.ts in a changed copy of the project: sets the database up, loads one hour of tables once more, derives its page views. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../../activities/index.ts';
import { createArchiveReader } from '../../adapters/archive/index.ts';
import { ClickHouseServer, createLoadPorts, setup } from '../../adapters/clickhouse/index.ts';
import { createEventsStore } from '../../adapters/clickhouse/insight/index.ts';
import { createObjectStore } from '../../adapters/s3/index.ts';
import type { TableName } from '../../domain/catalogue.ts';
import { onlyHour, parseHour } from '../../domain/hour.ts';

const {
  clickhouse,
  s3,
  tables,
  hour: hourText,
} = JSON.parse(process.env['WALK'] ?? '') as {
  clickhouse: ConstructorParameters<typeof ClickHouseServer>[0];
  s3: Parameters<typeof createObjectStore>[0];
  tables: TableName[];
  hour: string;
};
const hour = parseHour(hourText);
const server = new ClickHouseServer(clickhouse);
const { applied } = await setup(server);
const store = createObjectStore(s3);
const activities = createActivities({
  store,
  archives: createArchiveReader({ entrySizeBytes: 2 ** 30, ratio: 1000, entries: 10 }),
  ...createLoadPorts(server),
  events: createEventsStore(server),
  workerName: 'walk',
});
const run = <T>(call: () => Promise<T>): Promise<T> =>
  new MockActivityEnvironment({ startToCloseTimeoutMs: 60_000 }).run(call);
const loads = [];
for (const table of tables) {
  const window = { table, ...onlyHour(hour), mode: 'all', seen: [], fillCleared: true } as const;
  const { hours, drift, rows } = await run(() => activities.loadTable(window));
  loads.push({ drift, outcome: hours[0]?.outcome, rows });
}
const built: number[] = [];
for (let time = 1; time <= 2; time += 1) {
  built.push((await run(() => activities.buildEvents(onlyHour(hour)))).hoursBuilt);
}
store.close();
await server.close();
console.log(JSON.stringify({ applied, loads, built }));
